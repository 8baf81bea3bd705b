calendar-calendars = Agenda’s
calendar-new = Nieuwe afspraak
calendar-event = Afspraak
calendar-today = Vandaag
calendar-previous = Eerder
calendar-next = Later
calendar-views = Weergaven
calendar-view-day = Dag
calendar-view-week = Week
calendar-view-month = Maand
calendar-view-list = Lijst
calendar-hours = Uren van de dag
calendar-add-day = Nieuwe afspraak op { $day }
calendar-busy = Bezet
calendar-more = Nog { $count }
calendar-all-day = Hele dag
calendar-nothing = Niets in deze dagen
calendar-none = Er is nog geen agenda
calendar-none-hint = Maak er een, of vraag iemand de zijne met u te delen.
calendar-new-calendar = Nieuwe agenda
calendar-name = Naam
calendar-colour = Kleur
calendar-default = Uitnodigingen komen in deze agenda
calendar-save = Opslaan
calendar-title = Titel
calendar-from = Van
calendar-to = Tot
calendar-every = Herhaling
calendar-once = Nooit
calendar-daily = Elke dag
calendar-weekly = Elke week
calendar-monthly = Elke maand
calendar-yearly = Elk jaar
calendar-in = Agenda
calendar-place = Plaats
calendar-description = Beschrijving
calendar-wrong-times = Het einde ligt voor het begin.
calendar-which = Hij herhaalt zich. Welke bedoelt u?
calendar-this-time = Alleen deze keer
calendar-following = Deze keer en alle volgende
calendar-all-times = Alle keren
calendar-import = Een bestand importeren
calendar-export = Exporteren (.ics)
calendar-remove = Verwijderen
calendar-made = { $title } staat in de agenda.
calendar-changed = { $title } is gewijzigd.
calendar-removed = { $title } is verwijderd.
calendar-problem-away = De agendaserver is nu niet bereikbaar. Wat u ziet kan verouderd zijn.
calendar-problem-forbidden = U mag dit zien, maar niet wijzigen.
calendar-problem-gone = Dit is er niet meer.
calendar-problem-full = Er is geen ruimte meer.
calendar-problem-large = Dit is groter dan hier wordt aangenomen.
calendar-problem-refused = De agendaserver neemt dit zo niet aan.
calendar-problem-no-rule = Vanaf dit moment kan geen regel het zeggen. Kies alleen dit moment, of alle momenten.
calendar-problem-not-ended = Het eerdere deel kon niet worden beëindigd; er is niets gewijzigd.
calendar-problem-doubled = Het eerdere deel kon niet worden beëindigd, en het gewijzigde staat ernaast. Verwijder een van beide.
calendar-interval-daily = Om de … dagen
calendar-interval-weekly = Om de … weken
calendar-interval-monthly = Om de … maanden
calendar-interval-yearly = Om de … jaren
calendar-ends = Eindigt
calendar-ends-never = Nooit
calendar-ends-day = Op een dag
calendar-ends-count = Na een aantal keren
calendar-last-day = Laatste dag
calendar-count = Hoe vaak
calendar-days = Op deze dagen
calendar-rule-kept = Zoals een ander programma het schreef
calendar-rule-on = op { $days }
calendar-rule-until = tot en met { $day }
calendar-alarm = Herinnering
calendar-alarm-none = Geen
calendar-alarm-start = Als het begint
calendar-alarm-before = { $time } ervoor
calendar-alarm-kept = Zoals een ander programma het schreef
calendar-private = Privé: anderen zien alleen dat u bezet bent
calendar-only = Alleen deze tonen
calendar-share = Delen
calendar-rename = Naam en kleur
calendar-change = { $name } wijzigen
calendar-actions = Acties voor { $name }
calendar-gone = De agenda { $name } is met zijn afspraken verwijderd.
calendar-print = Afdrukken
calendar-keys-move = Afspraak verplaatsen
calendar-keys-stretch = Afspraak langer of korter maken
calendar-rule-daily = { $count ->
    [one] elke dag
   *[other] om de { $count } dagen
}
calendar-rule-weekly = { $count ->
    [one] elke week
   *[other] om de { $count } weken
}
calendar-rule-monthly = { $count ->
    [one] elke maand
   *[other] om de { $count } maanden
}
calendar-rule-yearly = { $count ->
    [one] elk jaar
   *[other] om de { $count } jaar
}
calendar-rule-times = { $count ->
    [one] één keer
   *[other] { $count } keer
}
calendar-problem-taken = Dit is er al.
calendar-colleagues = Tijden van collega’s
calendar-colleague-add = Tijden van een collega tonen
calendar-colleague-hint = U ziet wanneer iemand bezet is, nooit waarmee. De persoon krijgt daar geen bericht van.
calendar-colleague-sharing = Deze mensen delen met u wanneer zij bezet zijn
calendar-colleague-remove = { $name } niet meer tonen
calendar-colleague-untold = De tijden van deze persoon worden u niet meegedeeld.
calendar-colleague-away = De tijden van deze persoon kunnen nu niet worden opgevraagd.
calendar-colleague-busy = { $name }: bezet, { $time }
calendar-colleague-on = { $name } is op deze dag bezet
calendar-colleagues-most = Er worden hoogstens tien mensen getoond.
calendar-follow = Agenda toevoegen via het adres
calendar-follow-short = Via adres toevoegen
calendar-address = Adres
calendar-address-hint = Het adres van een .ics-bestand, met https:// of webcal://. Het wordt hier telkens opnieuw gelezen en nooit gewijzigd.
calendar-follow-name = Naam (optioneel)
calendar-follow-name-hint = Leeg gelaten heet hij zoals wie hem publiceert hem noemt.
calendar-follow-reading = De agenda wordt gelezen …
calendar-follow-do = Toevoegen
calendar-followed-already = U volgt deze agenda al.
calendar-from-host = Van { $host }
calendar-timetable = Rooster
calendar-away-since = Niet bereikt sinds { $moment }. { $fault }
calendar-left-out = Een deel is niet leesbaar:
calendar-makes-busy = De afspraken maken mij bezet
calendar-unfollowed = U volgt { $name } niet meer.
calendar-put-away = Weggelegd
calendar-show-again = Tonen
calendar-show-again-named = { $name } weer tonen
