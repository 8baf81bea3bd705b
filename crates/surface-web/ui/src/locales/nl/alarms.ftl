alarms = Herinneringen
alarms-said = Herinnering: { $what }
alarms-later = Later
alarms-later-of = Later: { $name }
alarms-done = Klaar
alarms-done-of = Klaar: { $name }
alarms-until-start = Tot het begint
alarms-untitled = Iets zonder titel
alarms-due = te doen uiterlijk: { $time }
alarms-go = Naar de herinneringen
alarms-more = { $count ->
    [one] en nog een
   *[other] en nog { $count }
}
