mail-failed = Ihre E-Mail ist im Moment nicht erreichbar.
