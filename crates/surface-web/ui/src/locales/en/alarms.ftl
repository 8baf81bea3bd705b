alarms = Reminders
alarms-said = Reminder: { $what }
alarms-later = Snooze
alarms-later-of = Snooze { $name }
alarms-done = Done
alarms-done-of = Done: { $name }
alarms-until-start = Until it begins
alarms-untitled = Something without a title
alarms-due = due { $time }
alarms-go = Go to the reminders
alarms-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}
