calendar-calendars = Calendari
calendar-new = Nuovo evento
calendar-event = Evento
calendar-today = Oggi
calendar-previous = Precedente
calendar-next = Successivo
calendar-views = Viste
calendar-view-day = Giorno
calendar-view-week = Settimana
calendar-view-month = Mese
calendar-view-list = Elenco
calendar-hours = Ore del giorno
calendar-add-day = Nuovo evento il { $day }
calendar-busy = Occupato
calendar-more = Altri { $count }
calendar-all-day = Tutto il giorno
calendar-nothing = Niente in questi giorni
calendar-none = Non c’è ancora alcun calendario
calendar-none-hint = Ne crei uno, o chieda a qualcuno di condividere il suo con lei.
calendar-new-calendar = Nuovo calendario
calendar-name = Nome
calendar-colour = Colore
calendar-default = Gli inviti arrivano in questo calendario
calendar-save = Salva
calendar-title = Titolo
calendar-from = Da
calendar-to = A
calendar-every = Si ripete
calendar-once = Mai
calendar-daily = Ogni giorno
calendar-weekly = Ogni settimana
calendar-monthly = Ogni mese
calendar-yearly = Ogni anno
calendar-in = Calendario
calendar-place = Luogo
calendar-description = Descrizione
calendar-wrong-times = Finisce prima di iniziare.
calendar-which = Si ripete. Quale delle sue date intende?
calendar-this-time = Solo questa volta
calendar-following = Questa volta e tutte le successive
calendar-all-times = Tutte le volte
calendar-import = Importa un file
calendar-export = Esporta (.ics)
calendar-remove = Elimina
calendar-made = { $title } è nel calendario.
calendar-changed = { $title } è stato modificato.
calendar-removed = { $title } è stato eliminato.
calendar-problem-away = Il server dei calendari non è raggiungibile al momento. Ciò che si vede può essere vecchio.
calendar-problem-forbidden = Può vedere questo, ma non modificarlo.
calendar-problem-gone = Questo non c’è più.
calendar-problem-full = Non c’è più spazio.
calendar-problem-large = È più grande di quanto si accetta qui.
calendar-problem-refused = Il server dei calendari non lo accetta così.
calendar-problem-no-rule = Da questa data in poi nessuna regola può esprimerlo. Scelga solo questa data o tutte.
calendar-problem-not-ended = Non è stato possibile terminare la parte precedente: nulla è stato modificato.
calendar-problem-doubled = Non è stato possibile terminare la parte precedente, e ciò che è stato modificato le sta accanto. Elimini una delle due.
calendar-interval-daily = Ogni … giorni
calendar-interval-weekly = Ogni … settimane
calendar-interval-monthly = Ogni … mesi
calendar-interval-yearly = Ogni … anni
calendar-ends = Termina
calendar-ends-never = Mai
calendar-ends-day = In una data
calendar-ends-count = Dopo alcune volte
calendar-last-day = Ultimo giorno
calendar-count = Quante volte
calendar-days = In questi giorni
calendar-rule-kept = Come l’ha scritto un altro programma
calendar-rule-on = di { $days }
calendar-rule-until = fino al { $day }
calendar-alarm = Promemoria
calendar-alarm-none = Nessuno
calendar-alarm-start = All’inizio
calendar-alarm-before = { $time } prima
calendar-alarm-kept = Come l’ha scritto un altro programma
calendar-private = Privato: gli altri vedono solo che è occupato
calendar-only = Mostra solo questo
calendar-share = Condividi
calendar-rename = Nome e colore
calendar-change = Modifica { $name }
calendar-actions = Azioni per { $name }
calendar-gone = Il calendario { $name } è stato eliminato con i suoi eventi.
calendar-print = Stampa
calendar-keys-move = Sposta l’evento
calendar-keys-stretch = Allunga o accorcia l’evento
calendar-rule-daily = { $count ->
    [one] ogni giorno
   *[other] ogni { $count } giorni
}
calendar-rule-weekly = { $count ->
    [one] ogni settimana
   *[other] ogni { $count } settimane
}
calendar-rule-monthly = { $count ->
    [one] ogni mese
   *[other] ogni { $count } mesi
}
calendar-rule-yearly = { $count ->
    [one] ogni anno
   *[other] ogni { $count } anni
}
calendar-rule-times = { $count ->
    [one] una volta
   *[other] { $count } volte
}
calendar-problem-taken = C’è già.
calendar-colleagues = Orari dei colleghi
calendar-colleague-add = Mostra gli orari di un’altra persona
calendar-colleague-hint = Vede quando la persona non è disponibile, mai perché. La persona non ne è avvisata.
calendar-colleague-sharing = Queste persone condividono con Lei quando sono occupate
calendar-colleague-remove = Non mostrare più { $name }
calendar-colleague-untold = I suoi orari non Le vengono comunicati.
calendar-colleague-away = Al momento non è possibile chiedere i suoi orari.
calendar-colleague-busy = { $name }: non disponibile, { $time }
calendar-colleague-on = { $name } ha impegni in questo giorno
calendar-colleagues-most = Si mostrano al massimo dieci persone.
calendar-follow = Aggiungi un calendario dal suo indirizzo
calendar-follow-short = Aggiungi da indirizzo
calendar-address = Indirizzo
calendar-address-hint = L’indirizzo di un file .ics, con https:// o webcal://. Qui viene riletto di continuo e mai modificato.
calendar-follow-name = Nome (facoltativo)
calendar-follow-name-hint = Se resta vuoto, si chiama come lo chiama chi lo pubblica.
calendar-follow-reading = Lettura del calendario …
calendar-follow-do = Aggiungi
calendar-followed-already = Segue già questo calendario.
calendar-from-host = Da { $host }
calendar-timetable = Orario
calendar-away-since = Non raggiunto dal { $moment }. { $fault }
calendar-left-out = Una parte non si può leggere:
calendar-makes-busy = I suoi eventi mi rendono occupato
calendar-unfollowed = Non segue più { $name }.
calendar-put-away = Messi da parte
calendar-show-again = Mostra
calendar-show-again-named = Mostra di nuovo { $name }
