alarms = Promemoria
alarms-said = Promemoria: { $what }
alarms-later = Più tardi
alarms-later-of = Più tardi: { $name }
alarms-done = Fatto
alarms-done-of = Fatto: { $name }
alarms-until-start = Fino all’inizio
alarms-untitled = Qualcosa senza titolo
alarms-due = scadenza: { $time }
alarms-go = Vai ai promemoria
alarms-more = { $count ->
    [one] e un altro
   *[other] e altri { $count }
}
