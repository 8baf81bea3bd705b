mail = Messagerie
files = Fichiers
unread = { $count ->
    [0] Aucun message non lu
    [one] { $count } message non lu
   *[other] { $count } messages non lus
}
total = { $count ->
    [0] Aucun message dans la boîte de réception
    [one] { $count } message dans la boîte de réception
   *[other] { $count } messages dans la boîte de réception
}
from = de
new = non lu
no-subject = (sans objet)
feed-title = Messagerie de { $login }, { $name }
room = { $used } utilisés sur { $limit }
room-used = { $used } utilisés
day = { $day }/{ $month }/{ $year }
decimal-mark = ,
size-b = { $number } o
size-kb = { $number } ko
size-mb = { $number } Mo
size-gb = { $number } Go
size-tb = { $number } To
unreadable = { $count ->
    [one] { $count } message ne peut pas être affiché ici
   *[other] { $count } messages ne peuvent pas être affichés ici
}
cause-mail-unavailable = Le serveur de messagerie ne répond pas. Vos messages sont en sûreté ; réessayez plus tard.
cause-mail-unsupported = Cette connexion n’ouvre pas la messagerie : ouvrez votre messagerie pour vous y connecter.
cause-mail-refused = Le serveur de messagerie n’accepte pas cette connexion.
cause-mail-missing = Vous n’avez pas encore de boîte aux lettres.
cause-files-unavailable = Le serveur de fichiers ne répond pas. Vos fichiers sont en sûreté ; réessayez plus tard.
cause-files-refused = Cette connexion n’ouvre pas vos fichiers.
cause-directory-unavailable = L’annuaire ne répond pas : personne ne peut dire qui vous êtes pour l’instant. Réessayez plus tard.
cause-sign-on-unavailable = Le serveur d’authentification ne répond pas. Réessayez plus tard.
cause-sign-on-refused = Cette connexion n’est plus valable. Connectez-vous de nouveau.
cause-sign-on-unknown = Vous êtes authentifié, mais inconnu ici. Demandez à votre assistance.
cause-sign-on-unsupported = Rien de tel n’est accepté ici.
cause-sign-on-missing = Cette adresse n’est pas une de celles de l’établissement.
cause-sign-on-invalid = Il faut soit ticket, soit jwt.
cause-gateway-unavailable = Ce service n’est pas disponible pour l’instant. Réessayez plus tard.
cause-unavailable = Un serveur derrière ce service ne répond pas. Réessayez plus tard.
cause-internal = Ce service a un défaut ; il a été noté.
cause-refused = Ceci est refusé.
cause-failed = Ceci ne peut pas être affiché pour l’instant.
