# Posta.
mailbox-inbox = Posta in arrivo
mailbox-flagged = Contrassegnati
mailbox-drafts = Bozze
mailbox-sent = Inviati
mailbox-archive = Archivio
mailbox-junk = Indesiderata
mailbox-trash = Cestino
mail-answered = con risposta
mail-archive = Archivia
mail-attach = Allega file
mail-attachment = Allegato
mail-attachments = Allegati
mail-back = Torna all’elenco
mail-bcc = Ccn
mail-bold = Grassetto
mail-cc = Cc
mail-cc-bcc = Cc e Ccn
mail-choose = Scegli un messaggio da leggere
mail-choose-hint = J e K scorrono l’elenco, ? mostra tutti i tasti.
mail-close-anyway = Chiudi e perdi il testo
mail-close-unsaved = Non tutto ciò che ha scritto è già salvato. Chiudere comunque il messaggio?
mail-compose = Nuovo messaggio
mail-date = Data
mail-delete = Elimina
mail-detach = Rimuovi { $name }
mail-details = Dettagli
mail-discard = Elimina la bozza
mail-download = Scarica { $name }
mail-download-this = Scarica
mail-draft-failed = Non ancora salvato: il testo resta qui, riproviamo
mail-draft-saved = Bozza salvata
mail-draft-saving = Salvataggio…
mail-empty = Qui non c’è nulla
mail-empty-hint = I messaggi compariranno qui al loro arrivo.
mail-failed = La posta non è raggiungibile in questo momento.
mail-failed-safe = Nulla è perso: i messaggi sono sul server della tua università.
mail-flag = Contrassegna
mail-flagged = contrassegnato
mail-format = Formato
mail-forward = Inoltra
mail-make-task = Crea un’attività
mail-forward-line = Messaggio inoltrato da { $name }, { $date }:
mail-found = Trovati: { $words }
mail-found-none = Nessun messaggio trovato
mail-from = Da
mail-has-attachment = con allegato
mail-italic = Corsivo
mail-junk = Segna come indesiderata
mail-list = Elenco
mail-list-width = Larghezza dell’elenco
mail-look-at = Guarda { $name }
mail-mailboxes = Cartelle
mail-mark-unread = Segna come da leggere
mail-message-failed = Non è stato possibile caricare il messaggio.
mail-messages = Messaggi
mail-more = Altro
mail-move = Sposta
mail-next = Messaggio successivo
mail-no-address = Questo non è un indirizzo.
mail-no-identity = Qui non hai un indirizzo da cui inviare.
mail-no-mailbox = Non c’è alcuna casella
mail-no-subject = (senza oggetto)
mail-nobody = (nessuno)
mail-nobody-to = Indica un destinatario.
mail-not-sent = Il messaggio non è stato inviato. È ancora qui.
mail-open = Apri
mail-previous = Messaggio precedente
mail-print = Stampa
mail-quote = Citazione
mail-quote-line = Il { $date }, { $name } ha scritto:
mail-quoted = Testo citato
mail-reading = Lettura
mail-refused = Non è stato fatto: tutto è come prima.
mail-destroy = Elimina definitivamente
mail-destroy-hint = Ciò che viene eliminato dal cestino non può essere recuperato.
mail-some-kept = Non è stato possibile eliminare tutto: il resto è ancora qui.
mail-account-away = Questa posta non è raggiungibile in questo momento.
mail-thread-failed = Non è stato possibile caricare tutta la conversazione.
mail-remote-show = Mostra immagini
mail-remove-recipient = Rimuovi { $name }
mail-reply = Rispondi
mail-reply-all = Rispondi a tutti
mail-save = Salva come file
mail-search-hint = Prova con meno parole, oppure from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Letto o da leggere
mail-select = Seleziona
mail-select-none = Deseleziona tutto
mail-send = Invia
mail-sending = Il messaggio sta per partire
mail-sent = Il messaggio è stato inviato
mail-sent-unknown = Non si sa se il messaggio sia stato inviato: guardi tra i messaggi inviati prima di inviarlo di nuovo.
mail-source = Mostra il sorgente
mail-still-uploading = Un file è ancora in caricamento.
mail-subject = Oggetto
mail-text = Testo del messaggio
mail-to = A
mail-to-short = a { $names }
mail-underline = Sottolineato
mail-unread = da leggere
mail-upload-failed = Non è stato possibile allegare un file.
mail-upload-gone = Un file non c’è più: lo rimuova o lo alleghi di nuovo. Quanto salvato prima resta.
mail-full = La casella è piena: non si può salvare altro. Ciò che ha scritto resta qui. Elimini i messaggi grandi e svuoti il cestino, poi continui.
mail-write-on = Continua a scrivere
mail-conversations = Conversazioni
mail-list-options = Opzioni dell’elenco
mail-me = io
mail-suggest-group = gruppo
mail-suggest-recent = ha già scritto qui
mail-role-student = studente
mail-role-faculty = docenza e ricerca
mail-role-teacher = docenza
mail-role-researcher = ricerca
mail-role-staff = amministrazione e servizi
mail-role-employee = personale
mail-role-emeritus = emerito
mail-role-retired = in pensione
mail-role-alum = ex studente
mail-suggest-none = Nessun suggerimento
mail-import = Importa messaggi…
mail-import-of = Importazione in { $mailbox }
mail-import-stop = Ferma
mail-import-stopped = Fermato. Ciò che è stato importato resta; ciò che c’è già non viene importato di nuovo.
mail-import-done = Finito.
mail-import-away = La posta non è raggiungibile. Riprovando, nulla viene importato due volte.
mail-import-large = { $name }: il messaggio { $number } è troppo grande per la posta.
mail-import-refused = { $name }: il messaggio { $number } non è stato accettato ({ $why }).
mail-import-unknown = { $name }: non si sa se il messaggio { $number } sia stato importato. Non ha Message-ID e non viene ritentato.
mail-import-drop = Rilasci qui file .eml o mbox per importarli
mail-export = Esporta questa cartella (mbox)
mail-export-selected = Esporta la selezione (mbox)
mail-export-failed = Non è stato possibile esportare i messaggi.
mail-export-many = È troppo in una volta: esporti la cartella o selezioni di meno.
mail-export-gone = Alcuni di questi messaggi non ci sono più, quindi non è stato esportato nulla. Selezioni di nuovo tra ciò che ora è nell’elenco.
mail-archived = { $count ->
    [one] Un messaggio archiviato
   *[other] { $count } messaggi archiviati
}
mail-deleted = { $count ->
    [one] Un messaggio eliminato
   *[other] { $count } messaggi eliminati
}
mail-junked = { $count ->
    [one] Un messaggio segnato come indesiderato
   *[other] { $count } messaggi segnati come indesiderati
}
mail-moved = { $count ->
    [one] Un messaggio spostato in { $mailbox }
   *[other] { $count } messaggi spostati in { $mailbox }
}
mail-count = { $count ->
    [one] Un messaggio
   *[other] { $count } messaggi
}
mail-conversation = { $count ->
    [one] Un messaggio in questa conversazione
   *[other] { $count } messaggi in questa conversazione
}
mail-selected = { $count ->
    [one] Uno selezionato
   *[other] { $count } selezionati
}
mail-unread-count = { $count ->
    [one] uno da leggere
   *[other] { $count } da leggere
}
mail-drafts-count = { $count ->
    [one] una bozza
   *[other] { $count } bozze
}
mail-remote-blocked = { $count ->
    [one] Un’immagine remota non viene mostrata, per proteggere la tua privacy.
   *[other] { $count } immagini remote non vengono mostrate, per proteggere la tua privacy.
}
mail-conversation-count = { $count ->
    [one] Una conversazione
   *[other] { $count } conversazioni
}
mail-suggest-found = { $count ->
    [one] Un suggerimento
   *[other] { $count } suggerimenti
}
mail-import-count = { $count ->
    [one] Un messaggio importato
   *[other] { $count } messaggi importati
}
mail-import-there = { $count ->
    [one] Uno c’era già
   *[other] { $count } c’erano già
}
mail-new = { $count ->
    [one] Un nuovo messaggio
   *[other] { $count } nuovi messaggi
}
