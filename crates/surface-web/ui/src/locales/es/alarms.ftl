alarms = Recordatorios
alarms-said = Recordatorio: { $what }
alarms-later = Más tarde
alarms-later-of = Más tarde: { $name }
alarms-done = Hecho
alarms-done-of = Hecho: { $name }
alarms-until-start = Hasta que empiece
alarms-untitled = Algo sin título
alarms-due = vence: { $time }
alarms-go = Ir a los recordatorios
alarms-more = { $count ->
    [one] y otro más
   *[other] y { $count } más
}
