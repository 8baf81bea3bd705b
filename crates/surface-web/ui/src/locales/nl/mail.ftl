# E-mail.
mailbox-inbox = Postvak IN
mailbox-flagged = Met ster
mailbox-drafts = Concepten
mailbox-sent = Verzonden
mailbox-archive = Archief
mailbox-junk = Ongewenst
mailbox-trash = Prullenbak
mail-answered = beantwoord
mail-archive = Archiveren
mail-attach = Bestanden bijvoegen
mail-attachment = Bijlage
mail-attachments = Bijlagen
mail-back = Terug naar de lijst
mail-bcc = Bcc
mail-bold = Vet
mail-cc = Cc
mail-cc-bcc = Cc en Bcc
mail-choose = Kies een bericht om het te lezen
mail-choose-hint = J en K lopen door de lijst, ? toont alle toetsen.
mail-close-anyway = Sluiten en verliezen
mail-close-unsaved = Nog niet alles wat u schreef is bewaard. Het bericht toch sluiten?
mail-compose = Nieuw bericht
mail-date = Datum
mail-delete = Verwijderen
mail-detach = { $name } verwijderen
mail-details = Details
mail-discard = Concept weggooien
mail-download = { $name } downloaden
mail-download-this = Downloaden
mail-draft-failed = Nog niet bewaard: uw tekst staat hier veilig, we proberen het opnieuw
mail-draft-saved = Concept bewaard
mail-draft-saving = Bewaren…
mail-empty = Hier is niets
mail-empty-hint = Berichten verschijnen hier zodra ze binnenkomen.
mail-failed = Uw e-mail is op dit moment niet bereikbaar.
mail-failed-safe = Er is niets kwijt: uw berichten staan op de mailserver van uw universiteit.
mail-flag = Ster
mail-flagged = met ster
mail-format = Opmaak
mail-forward = Doorsturen
mail-make-task = Taak maken
mail-forward-line = Doorgestuurd bericht van { $name }, { $date }:
mail-found = Gevonden: { $words }
mail-found-none = Geen bericht gevonden
mail-from = Van
mail-has-attachment = met bijlage
mail-italic = Cursief
mail-junk = Als ongewenst markeren
mail-list = Lijst
mail-list-width = Breedte van de lijst
mail-look-at = { $name } bekijken
mail-mailboxes = Mappen
mail-mark-unread = Als ongelezen markeren
mail-message-failed = Dit bericht kon niet worden geladen.
mail-messages = Berichten
mail-more = Meer
mail-move = Verplaatsen
mail-next = Volgend bericht
mail-no-address = Dit is geen adres.
mail-no-identity = U hebt hier geen adres om mee te verzenden.
mail-no-mailbox = Er is geen postvak
mail-no-subject = (geen onderwerp)
mail-nobody = (niemand)
mail-nobody-to = Geef een ontvanger op.
mail-not-sent = Het bericht is niet verzonden. Het staat er nog.
mail-open = Openen
mail-previous = Vorig bericht
mail-print = Afdrukken
mail-quote = Citaat
mail-quote-line = Op { $date } schreef { $name }:
mail-quoted = Geciteerde tekst
mail-reading = Lezen
mail-refused = Dat is niet gebeurd: alles is zoals het was.
mail-destroy = Definitief verwijderen
mail-destroy-hint = Wat uit de prullenbak wordt verwijderd, kan niet worden teruggehaald.
mail-some-kept = Niet alles kon worden verwijderd: de rest is er nog.
mail-account-away = Deze e-mail is op dit moment niet bereikbaar.
mail-thread-failed = Dit gesprek kon niet helemaal worden geladen.
mail-remote-show = Afbeeldingen tonen
mail-remove-recipient = { $name } verwijderen
mail-reply = Beantwoorden
mail-reply-all = Allen beantwoorden
mail-save = Opslaan als bestand
mail-search-hint = Probeer minder woorden, of from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Gelezen of ongelezen
mail-select = Selecteren
mail-select-none = Niets selecteren
mail-send = Verzenden
mail-sending = Het bericht wordt verzonden
mail-sent = Het bericht is verzonden
mail-sent-unknown = Het is niet bekend of het bericht is verzonden: kijk bij Verzonden voordat u het opnieuw verzendt.
mail-source = Bron tonen
mail-still-uploading = Een bestand wordt nog bijgevoegd.
mail-subject = Onderwerp
mail-text = Tekst van het bericht
mail-to = Aan
mail-to-short = aan { $names }
mail-underline = Onderstrepen
mail-unread = ongelezen
mail-upload-failed = Een bestand kon niet worden bijgevoegd.
mail-upload-gone = Een bestand is er niet meer: verwijder het of voeg het opnieuw bij. Wat eerder is bewaard, blijft.
mail-full = Uw postvak is vol: er kan niets meer worden bewaard. Wat u hebt geschreven, blijft hier. Verwijder grote berichten en leeg de prullenbak, en ga dan verder.
mail-write-on = Verder schrijven
mail-conversations = Gesprekken
mail-list-options = Opties van de lijst
mail-me = ik
mail-suggest-group = groep
mail-suggest-recent = u schreef hun al
mail-role-student = student
mail-role-faculty = onderwijs en onderzoek
mail-role-teacher = onderwijs
mail-role-researcher = onderzoek
mail-role-staff = administratie en diensten
mail-role-employee = medewerker
mail-role-emeritus = emeritus
mail-role-retired = gepensioneerd
mail-role-alum = oud-student
mail-suggest-none = Geen suggestie
mail-import = Berichten importeren…
mail-import-of = Import in { $mailbox }
mail-import-stop = Stoppen
mail-import-stopped = Gestopt. Wat is geïmporteerd blijft; wat er al is, wordt niet opnieuw geïmporteerd.
mail-import-done = Klaar.
mail-import-away = Uw mail is niet bereikbaar. Bij een nieuwe poging wordt niets dubbel geïmporteerd.
mail-import-large = { $name }: bericht { $number } is te groot voor uw mail.
mail-import-refused = { $name }: bericht { $number } is niet aangenomen ({ $why }).
mail-import-unknown = { $name }: het is niet bekend of bericht { $number } is geïmporteerd. Het heeft geen Message-ID en wordt niet opnieuw geprobeerd.
mail-import-drop = Laat .eml- of mbox-bestanden hier los om ze te importeren
mail-export = Deze map exporteren (mbox)
mail-export-selected = Selectie exporteren (mbox)
mail-export-failed = De berichten konden niet worden geëxporteerd.
mail-export-many = Dit is te veel ineens: exporteer de map of selecteer minder.
mail-export-gone = Enkele van deze berichten zijn er niet meer, daarom is er niets geëxporteerd. Selecteer opnieuw uit wat nu in de lijst staat.
mail-archived = { $count ->
    [one] Eén bericht gearchiveerd
   *[other] { $count } berichten gearchiveerd
}
mail-deleted = { $count ->
    [one] Eén bericht verwijderd
   *[other] { $count } berichten verwijderd
}
mail-junked = { $count ->
    [one] Eén bericht als ongewenst gemarkeerd
   *[other] { $count } berichten als ongewenst gemarkeerd
}
mail-moved = { $count ->
    [one] Eén bericht verplaatst naar { $mailbox }
   *[other] { $count } berichten verplaatst naar { $mailbox }
}
mail-count = { $count ->
    [one] Eén bericht
   *[other] { $count } berichten
}
mail-conversation = { $count ->
    [one] Eén bericht in dit gesprek
   *[other] { $count } berichten in dit gesprek
}
mail-selected = { $count ->
    [one] Eén geselecteerd
   *[other] { $count } geselecteerd
}
mail-unread-count = { $count ->
    [one] één ongelezen
   *[other] { $count } ongelezen
}
mail-drafts-count = { $count ->
    [one] één concept
   *[other] { $count } concepten
}
mail-remote-blocked = { $count ->
    [one] Eén externe afbeelding wordt niet getoond, om uw privacy te beschermen.
   *[other] { $count } externe afbeeldingen worden niet getoond, om uw privacy te beschermen.
}
mail-conversation-count = { $count ->
    [one] Eén gesprek
   *[other] { $count } gesprekken
}
mail-suggest-found = { $count ->
    [one] Eén suggestie
   *[other] { $count } suggesties
}
mail-import-count = { $count ->
    [one] Eén bericht geïmporteerd
   *[other] { $count } berichten geïmporteerd
}
mail-import-there = { $count ->
    [one] Eén was er al
   *[other] { $count } waren er al
}
mail-new = { $count ->
    [one] Eén nieuw bericht
   *[other] { $count } nieuwe berichten
}
