# Le courriel.
mailbox-inbox = Boîte de réception
mailbox-flagged = Suivis
mailbox-drafts = Brouillons
mailbox-sent = Envoyés
mailbox-archive = Archives
mailbox-junk = Indésirables
mailbox-trash = Corbeille
mail-answered = répondu
mail-archive = Archiver
mail-attach = Joindre des fichiers
mail-attachment = Pièce jointe
mail-attachments = Pièces jointes
mail-back = Retour à la liste
mail-bcc = Cci
mail-bold = Gras
mail-cc = Cc
mail-cc-bcc = Cc et Cci
mail-choose = Choisissez un message pour le lire
mail-choose-hint = J et K parcourent la liste, ? montre toutes les touches.
mail-close-anyway = Fermer et perdre le texte
mail-close-unsaved = Tout ce que vous avez écrit n’est pas encore enregistré. Fermer quand même le message ?
mail-compose = Nouveau message
mail-date = Date
mail-delete = Supprimer
mail-detach = Retirer { $name }
mail-details = Détails
mail-discard = Supprimer le brouillon
mail-download = Télécharger { $name }
mail-download-this = Télécharger
mail-draft-failed = Pas encore enregistré : votre texte est gardé ici, nouvel essai bientôt
mail-draft-saved = Brouillon enregistré
mail-draft-saving = Enregistrement…
mail-empty = Rien ici
mail-empty-hint = Les messages s’afficheront ici dès leur arrivée.
mail-failed = Votre courriel est injoignable pour le moment.
mail-failed-safe = Rien n’est perdu : vos messages sont sur le serveur de votre université.
mail-flag = Suivre
mail-flagged = suivi
mail-format = Mise en forme
mail-forward = Transférer
mail-make-task = En faire une tâche
mail-forward-line = Message transféré de { $name }, { $date } :
mail-found = Résultats : { $words }
mail-found-none = Aucun message trouvé
mail-from = De
mail-has-attachment = avec pièce jointe
mail-italic = Italique
mail-junk = Signaler comme indésirable
mail-list = Liste
mail-list-width = Largeur de la liste
mail-look-at = Voir { $name }
mail-mailboxes = Dossiers
mail-mark-unread = Marquer comme non lu
mail-message-failed = Ce message n’a pas pu être chargé.
mail-messages = Messages
mail-more = Plus
mail-move = Déplacer
mail-next = Message suivant
mail-no-address = Ceci n’est pas une adresse.
mail-no-identity = Vous n’avez ici aucune adresse d’expédition.
mail-no-mailbox = Il n’y a pas de boîte
mail-no-subject = (sans objet)
mail-nobody = (personne)
mail-nobody-to = Indiquez un destinataire.
mail-not-sent = Le message n’a pas été envoyé. Il est toujours là.
mail-open = Ouvrir
mail-previous = Message précédent
mail-print = Imprimer
mail-quote = Citation
mail-quote-line = Le { $date }, { $name } a écrit :
mail-quoted = Texte cité
mail-reading = Lecture
mail-refused = Cela n’a pas été fait : rien n’a changé.
mail-destroy = Supprimer définitivement
mail-destroy-hint = Ce qui est supprimé de la corbeille ne peut pas être récupéré.
mail-some-kept = Tout n’a pas pu être supprimé : le reste est toujours là.
mail-account-away = Ce courriel est injoignable pour le moment.
mail-thread-failed = Cette conversation n’a pas pu être chargée en entier.
mail-remote-show = Afficher les images
mail-remove-recipient = Retirer { $name }
mail-reply = Répondre
mail-reply-all = Répondre à tous
mail-save = Enregistrer le message
mail-search-hint = Essayez moins de mots, ou from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Lu ou non lu
mail-select = Sélectionner
mail-select-none = Ne rien sélectionner
mail-send = Envoyer
mail-sending = Le message va partir
mail-sent = Le message est envoyé
mail-sent-unknown = On ne sait pas si le message a été envoyé : regardez dans les messages envoyés avant de le renvoyer.
mail-source = Voir la source
mail-still-uploading = Un fichier est encore en cours d’ajout.
mail-subject = Objet
mail-text = Texte du message
mail-to = À
mail-to-short = à { $names }
mail-underline = Souligné
mail-unread = non lu
mail-upload-failed = Un fichier n’a pas pu être joint.
mail-upload-gone = Un fichier n’est plus là : retirez-le ou joignez-le de nouveau. Ce qui était enregistré est conservé.
mail-full = Votre boîte est pleine : plus rien ne peut être enregistré. Ce que vous avez écrit reste ici. Supprimez de gros messages et videz la corbeille, puis continuez.
mail-write-on = Continuer à écrire
mail-conversations = Conversations
mail-list-options = Options de la liste
mail-me = moi
mail-suggest-group = groupe
mail-suggest-recent = vous leur avez écrit
mail-role-student = étudiant·e
mail-role-faculty = enseignement et recherche
mail-role-teacher = enseignement
mail-role-researcher = recherche
mail-role-staff = administration et services
mail-role-employee = personnel
mail-role-emeritus = émérite
mail-role-retired = retraité·e
mail-role-alum = ancien·ne étudiant·e
mail-suggest-none = Aucune suggestion
mail-import = Importer des messages…
mail-import-of = Import dans { $mailbox }
mail-import-stop = Arrêter
mail-import-stopped = Arrêté. Ce qui a été importé reste ; ce qui est déjà là n’est pas importé de nouveau.
mail-import-done = Terminé.
mail-import-away = Votre courriel est injoignable. Rien n’est importé deux fois si vous réessayez.
mail-import-large = { $name } : le message { $number } est trop grand pour votre courriel.
mail-import-refused = { $name } : le message { $number } n’a pas été accepté ({ $why }).
mail-import-unknown = { $name } : on ne sait pas si le message { $number } a été importé. Il n’a pas de Message-ID et n’est pas réessayé.
mail-import-drop = Déposez des fichiers .eml ou mbox pour les importer ici
mail-export = Exporter ce dossier (mbox)
mail-export-selected = Exporter la sélection (mbox)
mail-export-failed = Les messages n’ont pas pu être exportés.
mail-export-many = C’est trop à la fois : exportez le dossier ou sélectionnez moins.
mail-export-gone = Certains de ces messages n’existent plus : rien n’a été exporté. Sélectionnez de nouveau parmi ce qui est dans la liste.
mail-archived = { $count ->
    [one] Un message archivé
   *[other] { $count } messages archivés
}
mail-deleted = { $count ->
    [one] Un message supprimé
   *[other] { $count } messages supprimés
}
mail-junked = { $count ->
    [one] Un message signalé comme indésirable
   *[other] { $count } messages signalés comme indésirables
}
mail-moved = { $count ->
    [one] Un message déplacé vers { $mailbox }
   *[other] { $count } messages déplacés vers { $mailbox }
}
mail-count = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
mail-conversation = { $count ->
    [one] Un message dans cette conversation
   *[other] { $count } messages dans cette conversation
}
mail-selected = { $count ->
    [one] Un sélectionné
   *[other] { $count } sélectionnés
}
mail-unread-count = { $count ->
    [one] un non lu
   *[other] { $count } non lus
}
mail-drafts-count = { $count ->
    [one] un brouillon
   *[other] { $count } brouillons
}
mail-remote-blocked = { $count ->
    [one] Une image distante n’est pas affichée, pour protéger votre vie privée.
   *[other] { $count } images distantes ne sont pas affichées, pour protéger votre vie privée.
}
mail-conversation-count = { $count ->
    [one] { $count } conversation
   *[other] { $count } conversations
}
mail-suggest-found = { $count ->
    [one] { $count } suggestion
   *[other] { $count } suggestions
}
mail-import-count = { $count ->
    [one] { $count } message importé
   *[other] { $count } messages importés
}
mail-import-there = { $count ->
    [one] { $count } était déjà là
   *[other] { $count } étaient déjà là
}
mail-new = { $count ->
    [one] { $count } nouveau message
   *[other] { $count } nouveaux messages
}
