calendar-calendars = Agendas
calendar-new = Nouvel événement
calendar-event = Événement
calendar-today = Aujourd’hui
calendar-previous = Précédent
calendar-next = Suivant
calendar-views = Vues
calendar-view-day = Jour
calendar-view-week = Semaine
calendar-view-month = Mois
calendar-view-list = Liste
calendar-hours = Heures de la journée
calendar-add-day = Nouvel événement le { $day }
calendar-busy = Occupé
calendar-more = { $count } de plus
calendar-all-day = Toute la journée
calendar-nothing = Rien pendant ces jours
calendar-none = Il n’y a pas encore d’agenda
calendar-none-hint = Créez-en un, ou demandez à quelqu’un de partager le sien avec vous.
calendar-new-calendar = Nouvel agenda
calendar-name = Nom
calendar-colour = Couleur
calendar-default = Les invitations arrivent dans cet agenda
calendar-save = Enregistrer
calendar-title = Titre
calendar-from = De
calendar-to = À
calendar-every = Se répète
calendar-once = Jamais
calendar-daily = Chaque jour
calendar-weekly = Chaque semaine
calendar-monthly = Chaque mois
calendar-yearly = Chaque année
calendar-in = Agenda
calendar-place = Lieu
calendar-description = Description
calendar-wrong-times = La fin est avant le début.
calendar-which = Il se répète. De quelle occurrence s’agit-il ?
calendar-this-time = Seulement cette fois
calendar-following = Cette fois et toutes les suivantes
calendar-all-times = Toutes les fois
calendar-import = Importer un fichier
calendar-export = Exporter (.ics)
calendar-remove = Supprimer
calendar-made = { $title } est dans l’agenda.
calendar-changed = { $title } a été modifié.
calendar-removed = { $title } a été supprimé.
calendar-problem-away = Le serveur d’agendas est injoignable pour le moment. Ce qui est affiché peut être ancien.
calendar-problem-forbidden = Vous pouvez voir ceci, mais pas le modifier.
calendar-problem-gone = Ceci n’existe plus.
calendar-problem-full = Il n’y a plus de place.
calendar-problem-large = C’est plus grand que ce qui est accepté ici.
calendar-problem-refused = Le serveur d’agendas ne l’accepte pas ainsi.
calendar-problem-no-rule = À partir de cette date, aucune règle ne peut le dire. Choisissez cette date seulement, ou toutes les dates.
calendar-problem-not-ended = La partie précédente n’a pas pu être terminée : rien n’a été modifié.
calendar-problem-doubled = La partie précédente n’a pas pu être terminée, et ce qui a été modifié se trouve à côté. Supprimez l’une des deux.
calendar-interval-daily = Tous les … jours
calendar-interval-weekly = Toutes les … semaines
calendar-interval-monthly = Tous les … mois
calendar-interval-yearly = Tous les … ans
calendar-ends = Se termine
calendar-ends-never = Jamais
calendar-ends-day = À une date
calendar-ends-count = Après plusieurs fois
calendar-last-day = Dernier jour
calendar-count = Combien de fois
calendar-days = Ces jours-là
calendar-rule-kept = Comme un autre logiciel l’a écrit
calendar-rule-on = le { $days }
calendar-rule-until = jusqu’au { $day }
calendar-alarm = Rappel
calendar-alarm-none = Aucun
calendar-alarm-start = Au début
calendar-alarm-before = { $time } avant
calendar-alarm-kept = Comme un autre logiciel l’a écrit
calendar-private = Privé : les autres voient seulement que vous êtes pris
calendar-only = N’afficher que celui-ci
calendar-share = Partager
calendar-rename = Nom et couleur
calendar-change = Modifier { $name }
calendar-actions = Actions pour { $name }
calendar-gone = L’agenda { $name } a été supprimé avec ses événements.
calendar-print = Imprimer
calendar-keys-move = Déplacer l’événement
calendar-keys-stretch = Allonger ou raccourcir l’événement
calendar-rule-daily = { $count ->
    [one] chaque jour
   *[other] tous les { $count } jours
}
calendar-rule-weekly = { $count ->
    [one] chaque semaine
   *[other] toutes les { $count } semaines
}
calendar-rule-monthly = { $count ->
    [one] chaque mois
   *[other] tous les { $count } mois
}
calendar-rule-yearly = { $count ->
    [one] chaque année
   *[other] tous les { $count } ans
}
calendar-rule-times = { $count ->
    [one] { $count } fois
   *[other] { $count } fois
}
calendar-problem-taken = C’est déjà là.
calendar-colleagues = Disponibilités des collègues
calendar-colleague-add = Afficher les disponibilités de quelqu’un
calendar-colleague-hint = Vous voyez quand la personne n’est pas disponible, jamais pourquoi. Elle n’en est pas avertie.
calendar-colleague-sharing = Ces personnes partagent avec vous leurs disponibilités
calendar-colleague-remove = Ne plus afficher { $name }
calendar-colleague-untold = Ses disponibilités ne vous sont pas communiquées.
calendar-colleague-away = Ses disponibilités ne peuvent pas être demandées pour le moment.
calendar-colleague-busy = { $name } : indisponible, { $time }
calendar-colleague-on = { $name } a quelque chose de prévu ce jour-là
calendar-colleagues-most = Dix personnes au plus sont affichées.
calendar-follow = Ajouter un agenda par son adresse
calendar-follow-short = Ajouter par adresse
calendar-address = Adresse
calendar-address-hint = L’adresse d’un fichier .ics, en https:// ou webcal://. Il est relu régulièrement, et jamais modifié.
calendar-follow-name = Nom (facultatif)
calendar-follow-name-hint = Sans nom, il porte celui que lui donne son auteur.
calendar-follow-reading = Lecture de l’agenda …
calendar-follow-do = Ajouter
calendar-followed-already = Vous suivez déjà cet agenda.
calendar-from-host = De { $host }
calendar-timetable = Emploi du temps
calendar-away-since = Injoignable depuis { $moment }. { $fault }
calendar-left-out = Une partie est illisible :
calendar-makes-busy = Ses événements me rendent occupé
calendar-unfollowed = Vous ne suivez plus { $name }.
calendar-put-away = Mis de côté
calendar-show-again = Afficher
calendar-show-again-named = Afficher de nouveau { $name }
