# E-Mail.
mailbox-inbox = Posteingang
mailbox-flagged = Markiert
mailbox-drafts = Entwürfe
mailbox-sent = Gesendet
mailbox-archive = Archiv
mailbox-junk = Spam
mailbox-trash = Papierkorb
mail-answered = beantwortet
mail-archive = Archivieren
mail-attach = Dateien anhängen
mail-attachment = Anhang
mail-attachments = Anhänge
mail-back = Zurück zur Liste
mail-bcc = Bcc
mail-bold = Fett
mail-cc = Cc
mail-cc-bcc = Cc und Bcc
mail-choose = Wählen Sie eine Nachricht zum Lesen
mail-choose-hint = J und K gehen durch die Liste, ? zeigt alle Tasten.
mail-close-anyway = Schließen und verwerfen
mail-close-unsaved = Noch ist nicht alles gesichert, was Sie geschrieben haben. Die Nachricht trotzdem schließen?
mail-compose = Neue Nachricht
mail-date = Datum
mail-delete = Löschen
mail-detach = { $name } entfernen
mail-details = Einzelheiten
mail-discard = Entwurf verwerfen
mail-download = { $name } herunterladen
mail-download-this = Herunterladen
mail-draft-failed = Noch nicht gesichert: Ihr Text bleibt hier, wir versuchen es weiter
mail-draft-saved = Entwurf gesichert
mail-draft-saving = Wird gesichert…
mail-empty = Hier ist nichts
mail-empty-hint = Nachrichten erscheinen hier, sobald sie eintreffen.
mail-failed = Ihre E-Mail ist im Moment nicht erreichbar.
mail-failed-safe = Nichts ist verloren: Ihre Nachrichten liegen auf dem Mailserver Ihrer Universität.
mail-flag = Markieren
mail-flagged = markiert
mail-format = Formatierung
mail-forward = Weiterleiten
mail-make-task = Aufgabe daraus machen
mail-forward-line = Weitergeleitete Nachricht von { $name }, { $date }:
mail-found = Gefunden: { $words }
mail-found-none = Keine Nachricht gefunden
mail-from = Von
mail-has-attachment = mit Anhang
mail-italic = Kursiv
mail-junk = Als Spam melden
mail-list = Liste
mail-list-width = Breite der Liste
mail-look-at = { $name } ansehen
mail-mailboxes = Ordner
mail-mark-unread = Als ungelesen markieren
mail-message-failed = Diese Nachricht konnte nicht geladen werden.
mail-messages = Nachrichten
mail-more = Mehr
mail-move = Verschieben
mail-next = Nächste Nachricht
mail-no-address = Das ist keine Adresse.
mail-no-identity = Sie haben hier keine Absenderadresse.
mail-no-mailbox = Es gibt kein Postfach
mail-no-subject = (kein Betreff)
mail-nobody = (niemand)
mail-nobody-to = Geben Sie einen Empfänger an.
mail-not-sent = Die Nachricht wurde nicht gesendet. Sie ist noch da.
mail-open = Öffnen
mail-previous = Vorige Nachricht
mail-print = Drucken
mail-quote = Zitat
mail-quote-line = Am { $date } schrieb { $name }:
mail-quoted = Zitierter Text
mail-reading = Lesen
mail-refused = Das wurde nicht ausgeführt: Alles ist wie zuvor.
mail-destroy = Endgültig löschen
mail-destroy-hint = Was aus dem Papierkorb gelöscht wird, lässt sich nicht zurückholen.
mail-some-kept = Nicht alles konnte gelöscht werden: Der Rest ist noch da.
mail-account-away = Diese E-Mail ist im Moment nicht erreichbar.
mail-thread-failed = Diese Unterhaltung konnte nicht ganz geladen werden.
mail-remote-show = Bilder anzeigen
mail-remove-recipient = { $name } entfernen
mail-reply = Antworten
mail-reply-all = Allen antworten
mail-save = Als Datei sichern
mail-search-hint = Versuchen Sie weniger Wörter, oder from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Gelesen oder ungelesen
mail-select = Auswählen
mail-select-none = Auswahl aufheben
mail-send = Senden
mail-sending = Die Nachricht wird gesendet
mail-sent = Die Nachricht wurde gesendet
mail-sent-unknown = Es ist nicht bekannt, ob die Nachricht gesendet wurde: Sehen Sie unter „Gesendet“ nach, bevor Sie sie noch einmal senden.
mail-source = Quelltext anzeigen
mail-still-uploading = Eine Datei wird noch angehängt.
mail-subject = Betreff
mail-text = Text der Nachricht
mail-to = An
mail-to-short = an { $names }
mail-underline = Unterstrichen
mail-unread = ungelesen
mail-upload-failed = Eine Datei konnte nicht angehängt werden.
mail-upload-gone = Eine Datei ist nicht mehr da: Entfernen Sie sie oder hängen Sie sie neu an. Was vorher gesichert war, bleibt.
mail-full = Ihr Postfach ist voll: Es kann nichts mehr gespeichert werden. Was Sie geschrieben haben, bleibt hier. Löschen Sie große Nachrichten und leeren Sie den Papierkorb, dann geht es weiter.
mail-write-on = Weiterschreiben
mail-conversations = Unterhaltungen
mail-list-options = Optionen der Liste
mail-me = ich
mail-suggest-group = Gruppe
mail-suggest-recent = Sie haben dorthin geschrieben
mail-role-student = Studierende
mail-role-faculty = Lehre und Forschung
mail-role-teacher = Lehre
mail-role-researcher = Forschung
mail-role-staff = Verwaltung und Dienste
mail-role-employee = Personal
mail-role-emeritus = emeritiert
mail-role-retired = im Ruhestand
mail-role-alum = ehemals Studierende
mail-suggest-none = Kein Vorschlag
mail-import = Nachrichten importieren…
mail-import-of = Import nach { $mailbox }
mail-import-stop = Anhalten
mail-import-stopped = Angehalten. Importiertes bleibt; was schon da ist, wird nicht noch einmal importiert.
mail-import-done = Fertig.
mail-import-away = Ihre Mail ist nicht erreichbar. Bei einem neuen Versuch wird nichts doppelt importiert.
mail-import-large = { $name }: Nachricht { $number } ist größer, als Ihre Mail erlaubt.
mail-import-refused = { $name }: Nachricht { $number } wurde nicht angenommen ({ $why }).
mail-import-unknown = { $name }: ob Nachricht { $number } importiert wurde, ist unbekannt. Sie hat keine Message-ID und wird nicht erneut versucht.
mail-import-drop = Dateien .eml oder mbox hier ablegen, um sie zu importieren
mail-export = Diesen Ordner exportieren (mbox)
mail-export-selected = Auswahl exportieren (mbox)
mail-export-failed = Die Nachrichten konnten nicht exportiert werden.
mail-export-many = Das ist zu viel auf einmal: Exportieren Sie den Ordner oder wählen Sie weniger aus.
mail-export-gone = Einige dieser Nachrichten sind nicht mehr da, deshalb wurde nichts exportiert. Wählen Sie neu aus, was jetzt in der Liste steht.
mail-archived = { $count ->
    [one] Eine Nachricht archiviert
   *[other] { $count } Nachrichten archiviert
}
mail-deleted = { $count ->
    [one] Eine Nachricht gelöscht
   *[other] { $count } Nachrichten gelöscht
}
mail-junked = { $count ->
    [one] Eine Nachricht als Spam gemeldet
   *[other] { $count } Nachrichten als Spam gemeldet
}
mail-moved = { $count ->
    [one] Eine Nachricht nach { $mailbox } verschoben
   *[other] { $count } Nachrichten nach { $mailbox } verschoben
}
mail-count = { $count ->
    [one] Eine Nachricht
   *[other] { $count } Nachrichten
}
mail-conversation = { $count ->
    [one] Eine Nachricht in dieser Unterhaltung
   *[other] { $count } Nachrichten in dieser Unterhaltung
}
mail-selected = { $count ->
    [one] Eine ausgewählt
   *[other] { $count } ausgewählt
}
mail-unread-count = { $count ->
    [one] eine ungelesen
   *[other] { $count } ungelesen
}
mail-drafts-count = { $count ->
    [one] ein Entwurf
   *[other] { $count } Entwürfe
}
mail-remote-blocked = { $count ->
    [one] Ein externes Bild wird zum Schutz Ihrer Privatsphäre nicht angezeigt.
   *[other] { $count } externe Bilder werden zum Schutz Ihrer Privatsphäre nicht angezeigt.
}
mail-conversation-count = { $count ->
    [one] Eine Unterhaltung
   *[other] { $count } Unterhaltungen
}
mail-suggest-found = { $count ->
    [one] Ein Vorschlag
   *[other] { $count } Vorschläge
}
mail-import-count = { $count ->
    [one] Eine Nachricht importiert
   *[other] { $count } Nachrichten importiert
}
mail-import-there = { $count ->
    [one] Eine war schon da
   *[other] { $count } waren schon da
}
mail-new = { $count ->
    [one] Eine neue Nachricht
   *[other] { $count } neue Nachrichten
}
