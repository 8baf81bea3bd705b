mail = E-mail
files = Bestanden
unread = { $count ->
    [0] Geen ongelezen bericht
    [one] { $count } ongelezen bericht
   *[other] { $count } ongelezen berichten
}
total = { $count ->
    [0] Geen bericht in het postvak
    [one] { $count } bericht in het postvak
   *[other] { $count } berichten in het postvak
}
from = van
new = ongelezen
no-subject = (geen onderwerp)
feed-title = E-mail van { $login }, { $name }
room = { $used } van { $limit } gebruikt
room-used = { $used } gebruikt
day = { $day }-{ $month }-{ $year }
decimal-mark = ,
size-b = { $number } B
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
size-tb = { $number } TB
unreadable = { $count ->
    [one] { $count } bericht kan hier niet worden getoond
   *[other] { $count } berichten kunnen hier niet worden getoond
}
cause-mail-unavailable = De mailserver antwoordt niet. Uw berichten zijn veilig; probeer het later opnieuw.
cause-mail-unsupported = Met deze aanmelding gaat de mail niet open: open uw mail om u daar aan te melden.
cause-mail-refused = De mailserver neemt deze aanmelding niet aan.
cause-mail-missing = U hebt nog geen postvak.
cause-files-unavailable = De bestandsserver antwoordt niet. Uw bestanden zijn veilig; probeer het later opnieuw.
cause-files-refused = Met deze aanmelding kunnen uw bestanden niet worden geopend.
cause-directory-unavailable = De adreslijst antwoordt niet: niemand kan nu zeggen wie u bent. Probeer het later opnieuw.
cause-sign-on-unavailable = De aanmeldserver antwoordt niet. Probeer het later opnieuw.
cause-sign-on-refused = Deze aanmelding geldt niet meer. Meld u opnieuw aan.
cause-sign-on-unknown = U bent aangemeld, maar hier onbekend. Vraag het aan uw servicedesk.
cause-sign-on-unsupported = Zoiets wordt hier niet aangenomen.
cause-sign-on-missing = Dit adres is niet van de instelling.
cause-sign-on-invalid = Er is één van ticket en jwt nodig.
cause-gateway-unavailable = Deze dienst is nu niet beschikbaar. Probeer het later opnieuw.
cause-unavailable = Iets achter deze dienst antwoordt niet. Probeer het later opnieuw.
cause-internal = Deze dienst heeft een fout; die is genoteerd.
cause-refused = Dit is geweigerd.
cause-failed = Dit kan nu niet worden getoond.
