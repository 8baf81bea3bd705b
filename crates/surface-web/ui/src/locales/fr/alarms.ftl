alarms = Rappels
alarms-said = Rappel : { $what }
alarms-later = Plus tard
alarms-later-of = Plus tard : { $name }
alarms-done = Terminé
alarms-done-of = Terminé : { $name }
alarms-until-start = Jusqu’au début
alarms-untitled = Quelque chose sans titre
alarms-due = échéance : { $time }
alarms-go = Aller aux rappels
alarms-more = { $count ->
    [one] et un autre
   *[other] et { $count } autres
}
