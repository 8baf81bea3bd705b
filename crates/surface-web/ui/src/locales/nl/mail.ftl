mail-failed = Uw e-mail is op dit moment niet bereikbaar.
