calendar-calendars = Calendars
calendar-new = New event
calendar-event = Event
calendar-today = Today
calendar-previous = Earlier
calendar-next = Later
calendar-views = Views
calendar-view-day = Day
calendar-view-week = Week
calendar-view-month = Month
calendar-view-list = List
calendar-hours = Hours of the day
calendar-add-day = New event on { $day }
calendar-busy = Busy
calendar-more = { $count } more
calendar-all-day = All day
calendar-nothing = Nothing in these days
calendar-none = There is no calendar yet
calendar-none-hint = Make one, or ask somebody to share theirs with you.
calendar-new-calendar = New calendar
calendar-name = Name
calendar-colour = Colour
calendar-default = Invitations come into this calendar
calendar-save = Save
calendar-title = Title
calendar-from = From
calendar-to = To
calendar-every = Repeats
calendar-once = Never
calendar-daily = Every day
calendar-weekly = Every week
calendar-monthly = Every month
calendar-yearly = Every year
calendar-in = Calendar
calendar-place = Place
calendar-description = Description
calendar-wrong-times = It ends before it begins.
calendar-which = It repeats. Which of its times do you mean?
calendar-this-time = This time only
calendar-following = This and all that follow
calendar-all-times = All times
calendar-import = Import a file
calendar-export = Export (.ics)
calendar-remove = Delete
calendar-made = { $title } is in the calendar.
calendar-changed = { $title } was changed.
calendar-removed = { $title } was deleted.
calendar-problem-away = The calendar server cannot be reached right now. What is shown may be old.
calendar-problem-forbidden = You may see this, but not change it.
calendar-problem-gone = This is not there any more.
calendar-problem-full = There is no room left.
calendar-problem-large = This is larger than is taken here.
calendar-problem-refused = The calendar server does not take it like this.
calendar-problem-no-rule = From this time on it cannot be said by a rule. Choose this time only, or all times.
calendar-problem-not-ended = The part before could not be ended, so nothing was changed.
calendar-problem-doubled = The part before could not be ended, and what was changed stands beside it. Delete one of the two.
calendar-interval-daily = Every so many days
calendar-interval-weekly = Every so many weeks
calendar-interval-monthly = Every so many months
calendar-interval-yearly = Every so many years
calendar-ends = Ends
calendar-ends-never = Never
calendar-ends-day = On a day
calendar-ends-count = After so many times
calendar-last-day = Last day
calendar-count = How many times
calendar-days = On these days
calendar-rule-kept = As another program says it
calendar-rule-on = on { $days }
calendar-rule-until = until { $day }
calendar-alarm = Reminder
calendar-alarm-none = None
calendar-alarm-start = When it begins
calendar-alarm-before = { $time } before
calendar-alarm-kept = As another program says it
calendar-private = Private: others see only that you are busy
calendar-only = Show only this one
calendar-share = Share
calendar-rename = Name and colour
calendar-change = Change { $name }
calendar-actions = What can be done with { $name }
calendar-gone = The calendar { $name } was deleted with its events.
calendar-print = Print
calendar-keys-move = Move the event
calendar-keys-stretch = Make the event longer or shorter
calendar-rule-daily = { $count ->
    [one] every day
   *[other] every { $count } days
}
calendar-rule-weekly = { $count ->
    [one] every week
   *[other] every { $count } weeks
}
calendar-rule-monthly = { $count ->
    [one] every month
   *[other] every { $count } months
}
calendar-rule-yearly = { $count ->
    [one] every year
   *[other] every { $count } years
}
calendar-rule-times = { $count ->
    [one] once
   *[other] { $count } times
}
calendar-problem-taken = This is in there already.
calendar-colleagues = Colleagues’ times
calendar-colleague-add = Show a colleague’s times
calendar-colleague-hint = You see when they are busy, never with what. They are not told.
calendar-colleague-sharing = They share with you when they are busy
calendar-colleague-remove = Do not show { $name } any more
calendar-colleague-untold = Their times are not told to you.
calendar-colleague-away = Their times cannot be asked for right now.
calendar-colleague-busy = { $name }: busy, { $time }
calendar-colleague-on = { $name } is busy on this day
calendar-colleagues-most = Ten people are shown at most.
calendar-follow = Add a calendar by its address
calendar-follow-short = Add by address
calendar-address = Address
calendar-address-hint = The address of an .ics file, https:// or webcal://. It is read here again and again, and never written.
calendar-follow-name = Name (optional)
calendar-follow-name-hint = Left empty, it is called as whoever publishes it calls it.
calendar-follow-reading = The calendar is being read …
calendar-follow-do = Add
calendar-followed-already = You follow this calendar already.
calendar-from-host = From { $host }
calendar-timetable = Timetable
calendar-away-since = Not reached since { $moment }. { $fault }
calendar-left-out = Not all of it can be read:
calendar-makes-busy = Its events make me busy
calendar-unfollowed = You do not follow { $name } any more.
calendar-put-away = Put away
calendar-show-again = Show
calendar-show-again-named = Show { $name } again
