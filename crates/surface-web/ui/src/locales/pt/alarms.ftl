alarms = Lembretes
alarms-said = Lembrete: { $what }
alarms-later = Mais tarde
alarms-later-of = Mais tarde: { $name }
alarms-done = Feito
alarms-done-of = Feito: { $name }
alarms-until-start = Até começar
alarms-untitled = Algo sem título
alarms-due = prazo: { $time }
alarms-go = Ir para os lembretes
alarms-more = { $count ->
    [one] e mais um
   *[other] e mais { $count }
}
