mail-failed = Your mail cannot be reached at the moment.
