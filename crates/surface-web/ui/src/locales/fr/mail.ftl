mail-failed = Votre courriel est injoignable pour le moment.
