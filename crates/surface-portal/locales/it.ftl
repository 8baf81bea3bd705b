mail = Posta
files = File
unread = { $count ->
    [0] Nessun messaggio non letto
    [one] { $count } messaggio non letto
   *[other] { $count } messaggi non letti
}
total = { $count ->
    [0] Nessun messaggio nella posta in arrivo
    [one] { $count } messaggio nella posta in arrivo
   *[other] { $count } messaggi nella posta in arrivo
}
from = da
new = non letto
no-subject = (senza oggetto)
feed-title = Posta di { $login }, { $name }
room = { $used } usati su { $limit }
room-used = { $used } usati
day = { $day }/{ $month }/{ $year }
decimal-mark = ,
size-b = { $number } B
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
size-tb = { $number } TB
unreadable = { $count ->
    [one] { $count } messaggio non può essere mostrato qui
   *[other] { $count } messaggi non possono essere mostrati qui
}
cause-mail-unavailable = Il server di posta non risponde. I suoi messaggi sono al sicuro; riprovi più tardi.
cause-mail-unsupported = Con questo accesso non si apre la posta: apra la sua posta per accedere lì.
cause-mail-refused = Il server di posta non accetta questo accesso.
cause-mail-missing = Non c’è ancora una casella per lei.
cause-files-unavailable = Il server dei file non risponde. I suoi file sono al sicuro; riprovi più tardi.
cause-files-refused = Con questo accesso non si possono aprire i suoi file.
cause-directory-unavailable = La rubrica non risponde: nessuno può dire ora chi è lei. Riprovi più tardi.
cause-sign-on-unavailable = Il server di autenticazione non risponde. Riprovi più tardi.
cause-sign-on-refused = Questo accesso non vale più. Acceda di nuovo.
cause-sign-on-unknown = L’accesso è riuscito, ma qui non è noto. Si rivolga all’assistenza.
cause-sign-on-unsupported = Qui non si accetta nulla di questo tipo.
cause-sign-on-missing = Questo indirizzo non è uno di quelli dell’istituto.
cause-sign-on-invalid = Serve uno tra ticket e jwt.
cause-gateway-unavailable = Questo servizio non è disponibile ora. Riprovi più tardi.
cause-unavailable = Qualcosa dietro questo servizio non risponde. Riprovi più tardi.
cause-internal = Questo servizio ha un guasto; è stato annotato.
cause-refused = Questo è rifiutato.
cause-failed = Questo non può essere mostrato ora.
