mail = Mail
files = Dateien
unread = { $count ->
    [0] Keine ungelesene Nachricht
    [one] { $count } ungelesene Nachricht
   *[other] { $count } ungelesene Nachrichten
}
total = { $count ->
    [0] Keine Nachricht im Posteingang
    [one] { $count } Nachricht im Posteingang
   *[other] { $count } Nachrichten im Posteingang
}
from = von
new = ungelesen
no-subject = (kein Betreff)
feed-title = Mail von { $login }, { $name }
room = { $used } von { $limit } belegt
room-used = { $used } belegt
day = { $day }.{ $month }.{ $year }
decimal-mark = ,
size-b = { $number } B
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
size-tb = { $number } TB
unreadable = { $count ->
    [one] { $count } Nachricht kann hier nicht gezeigt werden
   *[other] { $count } Nachrichten können hier nicht gezeigt werden
}
cause-mail-unavailable = Der Mailserver antwortet nicht. Ihre Nachrichten sind sicher; versuchen Sie es später noch einmal.
cause-mail-unsupported = Mit dieser Anmeldung lässt sich die Mail nicht öffnen: Öffnen Sie Ihre Mail, um sich dort anzumelden.
cause-mail-refused = Der Mailserver nimmt diese Anmeldung nicht an.
cause-mail-missing = Für Sie gibt es noch kein Postfach.
cause-files-unavailable = Der Dateiserver antwortet nicht. Ihre Dateien sind sicher; versuchen Sie es später noch einmal.
cause-files-refused = Mit dieser Anmeldung lassen sich Ihre Dateien nicht öffnen.
cause-directory-unavailable = Das Verzeichnis antwortet nicht: Niemand kann gerade sagen, wer Sie sind. Versuchen Sie es später noch einmal.
cause-sign-on-unavailable = Der Anmeldeserver antwortet nicht. Versuchen Sie es später noch einmal.
cause-sign-on-refused = Diese Anmeldung gilt nicht mehr. Melden Sie sich noch einmal an.
cause-sign-on-unknown = Sie sind angemeldet, aber hier unbekannt. Fragen Sie Ihre Servicestelle.
cause-sign-on-unsupported = Nichts dieser Art wird hier angenommen.
cause-sign-on-missing = Diese Adresse gehört nicht zur Einrichtung.
cause-sign-on-invalid = Eines von ticket und jwt ist nötig.
cause-gateway-unavailable = Dieser Dienst ist gerade nicht verfügbar. Versuchen Sie es später noch einmal.
cause-unavailable = Etwas hinter diesem Dienst antwortet nicht. Versuchen Sie es später noch einmal.
cause-internal = Dieser Dienst hat einen Fehler; er wurde festgehalten.
cause-refused = Das wird abgelehnt.
cause-failed = Das kann gerade nicht gezeigt werden.
