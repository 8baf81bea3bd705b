alarms = Erinnerungen
alarms-said = Erinnerung: { $what }
alarms-later = Später
alarms-later-of = Später: { $name }
alarms-done = Erledigt
alarms-done-of = Erledigt: { $name }
alarms-until-start = Bis es beginnt
alarms-untitled = Etwas ohne Titel
alarms-due = fällig: { $time }
alarms-go = Zu den Erinnerungen
alarms-more = { $count ->
    [one] und eine weitere
   *[other] und { $count } weitere
}
