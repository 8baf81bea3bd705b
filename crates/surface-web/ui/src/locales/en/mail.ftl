# Mail.
mailbox-inbox = Inbox
mailbox-flagged = Starred
mailbox-drafts = Drafts
mailbox-sent = Sent
mailbox-archive = Archive
mailbox-junk = Junk
mailbox-trash = Trash
mail-answered = answered
mail-archive = Archive
mail-attach = Attach files
mail-attachment = Attachment
mail-attachments = Attachments
mail-back = Back to the list
mail-bcc = Bcc
mail-bold = Bold
mail-cc = Cc
mail-cc-bcc = Cc and Bcc
mail-choose = Choose a message to read it
mail-choose-hint = J and K go through the list, ? shows all keys.
mail-close-anyway = Close and lose it
mail-close-unsaved = Not everything you wrote is saved yet. Close the message all the same?
mail-compose = New message
mail-date = Date
mail-delete = Delete
mail-detach = Remove { $name }
mail-details = Details
mail-discard = Discard the draft
mail-download = Download { $name }
mail-download-this = Download
mail-draft-failed = Not saved yet: your text is safe here, we keep trying
mail-draft-saved = Draft saved
mail-draft-saving = Saving…
mail-empty = Nothing here
mail-empty-hint = Messages will show here as they come.
mail-failed = Your mail cannot be reached at the moment.
mail-failed-safe = Nothing is lost: your messages are at your university’s mail server.
mail-flag = Star
mail-flagged = starred
mail-format = Format
mail-forward = Forward
mail-make-task = Make a task
mail-forward-line = Forwarded message from { $name }, { $date }:
mail-found = Found: { $words }
mail-found-none = No message was found
mail-from = From
mail-has-attachment = has an attachment
mail-italic = Italic
mail-junk = Mark as junk
mail-list = List
mail-list-width = Width of the list
mail-look-at = Look at { $name }
mail-mailboxes = Mailboxes
mail-mark-unread = Mark as unread
mail-message-failed = This message could not be loaded.
mail-messages = Messages
mail-more = More
mail-move = Move
mail-next = Next message
mail-no-address = This is not an address.
mail-no-identity = You have no address here to send from.
mail-no-mailbox = There is no mailbox
mail-no-subject = (no subject)
mail-nobody = (nobody)
mail-nobody-to = Say whom it is for.
mail-not-sent = The message was not sent. It is still here.
mail-open = Open
mail-previous = Previous message
mail-print = Print
mail-quote = Quote
mail-quote-line = { $date }, { $name }:
mail-quoted = Quoted text
mail-reading = Reading
mail-refused = That was not done: everything is as it was.
mail-destroy = Delete for good
mail-destroy-hint = What is deleted from the trash cannot be brought back.
mail-some-kept = Not everything could be deleted: the rest is still here.
mail-account-away = This mail cannot be reached at the moment.
mail-thread-failed = Not all of this conversation could be loaded.
mail-remote-show = Show pictures
mail-remove-recipient = Remove { $name }
mail-reply = Reply
mail-reply-all = Reply to all
mail-save = Save as a file
mail-search-hint = Try fewer words, or from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Read or unread
mail-select = Select
mail-select-none = Select nothing
mail-send = Send
mail-sending = The message is on its way
mail-sent = The message was sent
mail-sent-unknown = It is not known whether the message was sent: look into Sent before you send it again.
mail-source = Show the source
mail-still-uploading = A file is still being attached.
mail-subject = Subject
mail-text = Text of the message
mail-to = To
mail-to-short = to { $names }
mail-underline = Underline
mail-unread = unread
mail-upload-failed = A file could not be attached.
mail-upload-gone = A file is no longer there: remove it, or attach it anew. What was saved before is kept.
mail-full = Your mailbox is full: nothing more can be kept. What you have written stays here. Delete large messages and empty the trash, then go on.
mail-write-on = Go on writing
mail-conversations = Conversations
mail-list-options = List options
mail-me = me
mail-suggest-group = group
mail-suggest-recent = you wrote to them
mail-role-student = student
mail-role-faculty = teaching and research
mail-role-teacher = teaching
mail-role-researcher = research
mail-role-staff = administration and services
mail-role-employee = employee
mail-role-emeritus = emeritus
mail-role-retired = retired
mail-role-alum = former student
mail-suggest-none = No suggestion
mail-import = Import messages…
mail-import-of = Import into { $mailbox }
mail-import-stop = Stop
mail-import-stopped = Stopped. What was imported stays; what is there already is not imported again.
mail-import-done = Finished.
mail-import-away = Your mail cannot be reached right now. Nothing is imported twice when you try again.
mail-import-large = { $name }: message { $number } is larger than your mail takes.
mail-import-refused = { $name }: message { $number } was not taken ({ $why }).
mail-import-unknown = { $name }: it is not known whether message { $number } was imported. It has no Message-ID, and is not tried again.
mail-import-drop = Drop .eml or mbox files to import them here
mail-export = Export this mailbox (mbox)
mail-export-selected = Export the selection (mbox)
mail-export-failed = The messages could not be exported.
mail-export-many = This is too much at once: export the mailbox, or select less.
mail-export-gone = Some of these messages are no longer there, so nothing was exported. Select again what is in the list now.
mail-archived = { $count ->
    [one] One message archived
   *[other] { $count } messages archived
}
mail-deleted = { $count ->
    [one] One message deleted
   *[other] { $count } messages deleted
}
mail-junked = { $count ->
    [one] One message marked as junk
   *[other] { $count } messages marked as junk
}
mail-moved = { $count ->
    [one] One message moved to { $mailbox }
   *[other] { $count } messages moved to { $mailbox }
}
mail-count = { $count ->
    [one] One message
   *[other] { $count } messages
}
mail-conversation = { $count ->
    [one] One message in this conversation
   *[other] { $count } messages in this conversation
}
mail-selected = { $count ->
    [one] One selected
   *[other] { $count } selected
}
mail-unread-count = { $count ->
    [one] one unread
   *[other] { $count } unread
}
mail-drafts-count = { $count ->
    [one] one draft
   *[other] { $count } drafts
}
mail-remote-blocked = { $count ->
    [one] One remote picture is not shown, to protect your privacy.
   *[other] { $count } remote pictures are not shown, to protect your privacy.
}
mail-conversation-count = { $count ->
    [one] One conversation
   *[other] { $count } conversations
}
mail-suggest-found = { $count ->
    [one] One suggestion
   *[other] { $count } suggestions
}
mail-import-count = { $count ->
    [one] One message imported
   *[other] { $count } messages imported
}
mail-import-there = { $count ->
    [one] One was there already
   *[other] { $count } were there already
}
mail-new = { $count ->
    [one] One new message
   *[other] { $count } new messages
}
