mail-failed = La posta non è raggiungibile in questo momento.
