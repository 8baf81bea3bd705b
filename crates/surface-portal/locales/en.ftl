mail = Mail
files = Files
unread = { $count ->
    [0] No unread message
    [one] { $count } unread message
   *[other] { $count } unread messages
}
total = { $count ->
    [0] No message in the inbox
    [one] { $count } message in the inbox
   *[other] { $count } messages in the inbox
}
from = from
new = unread
no-subject = (no subject)
feed-title = Mail of { $login }, { $name }
room = { $used } of { $limit } used
room-used = { $used } used
day = { $year }-{ $month }-{ $day }
decimal-mark = .
size-b = { $number } B
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
size-tb = { $number } TB
unreadable = { $count ->
    [one] { $count } message cannot be shown here
   *[other] { $count } messages cannot be shown here
}
cause-mail-unavailable = The mail server does not answer. Your messages are safe; try again later.
cause-mail-unsupported = Mail cannot be opened by this sign-on: open your mail to sign in there.
cause-mail-refused = The mail server does not take this sign-on.
cause-mail-missing = There is no mailbox for you yet.
cause-files-unavailable = The file server does not answer. Your files are safe; try again later.
cause-files-refused = Your files cannot be opened by this sign-on.
cause-directory-unavailable = The directory does not answer: nobody can say who you are just now. Try again later.
cause-sign-on-unavailable = The sign-on server does not answer. Try again later.
cause-sign-on-refused = This sign-on does not hold any more. Sign in again.
cause-sign-on-unknown = You are signed on, but unknown here. Ask your help desk.
cause-sign-on-unsupported = Nothing of this kind is taken here.
cause-sign-on-missing = This address is not one of the institution’s.
cause-sign-on-invalid = One of ticket and jwt is needed.
cause-gateway-unavailable = This service is not available just now. Try again later.
cause-unavailable = Something behind this service does not answer. Try again later.
cause-internal = This service has a fault; it was noted.
cause-refused = This is refused.
cause-failed = This cannot be shown just now.
