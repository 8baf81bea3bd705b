calendar-calendars = Kalender
calendar-new = Neuer Termin
calendar-event = Termin
calendar-today = Heute
calendar-previous = Früher
calendar-next = Später
calendar-views = Ansichten
calendar-view-day = Tag
calendar-view-week = Woche
calendar-view-month = Monat
calendar-view-list = Liste
calendar-hours = Stunden des Tages
calendar-add-day = Neuer Termin am { $day }
calendar-busy = Belegt
calendar-more = { $count } weitere
calendar-all-day = Ganztägig
calendar-nothing = Nichts an diesen Tagen
calendar-none = Es gibt noch keinen Kalender
calendar-none-hint = Legen Sie einen an, oder bitten Sie jemanden, seinen mit Ihnen zu teilen.
calendar-new-calendar = Neuer Kalender
calendar-name = Name
calendar-colour = Farbe
calendar-default = Einladungen kommen in diesen Kalender
calendar-save = Speichern
calendar-title = Titel
calendar-from = Von
calendar-to = Bis
calendar-every = Wiederholung
calendar-once = Nie
calendar-daily = Jeden Tag
calendar-weekly = Jede Woche
calendar-monthly = Jeden Monat
calendar-yearly = Jedes Jahr
calendar-in = Kalender
calendar-place = Ort
calendar-description = Beschreibung
calendar-wrong-times = Das Ende liegt vor dem Anfang.
calendar-which = Er wiederholt sich. Welchen meinen Sie?
calendar-this-time = Nur dieses Mal
calendar-following = Dieses und alle folgenden Male
calendar-all-times = Alle Male
calendar-import = Datei importieren
calendar-export = Exportieren (.ics)
calendar-remove = Löschen
calendar-made = { $title } steht im Kalender.
calendar-changed = { $title } wurde geändert.
calendar-removed = { $title } wurde gelöscht.
calendar-problem-away = Der Kalenderserver ist gerade nicht erreichbar. Was zu sehen ist, kann veraltet sein.
calendar-problem-forbidden = Sie dürfen das sehen, aber nicht ändern.
calendar-problem-gone = Das ist nicht mehr da.
calendar-problem-full = Es ist kein Platz mehr.
calendar-problem-large = Das ist größer, als hier angenommen wird.
calendar-problem-refused = Der Kalenderserver nimmt es so nicht an.
calendar-problem-no-rule = Ab diesem Termin lässt es sich durch keine Regel sagen. Wählen Sie nur diesen Termin oder alle.
calendar-problem-not-ended = Der frühere Teil konnte nicht beendet werden; es wurde nichts geändert.
calendar-problem-doubled = Der frühere Teil konnte nicht beendet werden, und das Geänderte steht daneben. Löschen Sie eines von beiden.
calendar-interval-daily = Alle … Tage
calendar-interval-weekly = Alle … Wochen
calendar-interval-monthly = Alle … Monate
calendar-interval-yearly = Alle … Jahre
calendar-ends = Endet
calendar-ends-never = Nie
calendar-ends-day = An einem Tag
calendar-ends-count = Nach einer Anzahl
calendar-last-day = Letzter Tag
calendar-count = Wie oft
calendar-days = An diesen Tagen
calendar-rule-kept = Wie ein anderes Programm es schrieb
calendar-rule-on = am { $days }
calendar-rule-until = bis { $day }
calendar-alarm = Erinnerung
calendar-alarm-none = Keine
calendar-alarm-start = Wenn es beginnt
calendar-alarm-before = { $time } vorher
calendar-alarm-kept = Wie ein anderes Programm es schrieb
calendar-private = Privat: andere sehen nur, dass Sie beschäftigt sind
calendar-only = Nur diesen zeigen
calendar-share = Teilen
calendar-rename = Name und Farbe
calendar-change = { $name } ändern
calendar-actions = Aktionen für { $name }
calendar-gone = Der Kalender { $name } wurde mit seinen Terminen gelöscht.
calendar-print = Drucken
calendar-keys-move = Termin verschieben
calendar-keys-stretch = Termin verlängern oder kürzen
calendar-rule-daily = { $count ->
    [one] jeden Tag
   *[other] alle { $count } Tage
}
calendar-rule-weekly = { $count ->
    [one] jede Woche
   *[other] alle { $count } Wochen
}
calendar-rule-monthly = { $count ->
    [one] jeden Monat
   *[other] alle { $count } Monate
}
calendar-rule-yearly = { $count ->
    [one] jedes Jahr
   *[other] alle { $count } Jahre
}
calendar-rule-times = { $count ->
    [one] einmal
   *[other] { $count }-mal
}
calendar-problem-taken = Das ist schon vorhanden.
calendar-colleagues = Zeiten von Kolleginnen und Kollegen
calendar-colleague-add = Zeiten einer Person zeigen
calendar-colleague-hint = Sie sehen, wann jemand beschäftigt ist, nie womit. Die Person erfährt davon nichts.
calendar-colleague-sharing = Diese Personen teilen ihre belegten Zeiten mit Ihnen
calendar-colleague-remove = { $name } nicht mehr zeigen
calendar-colleague-untold = Die Zeiten dieser Person werden Ihnen nicht mitgeteilt.
calendar-colleague-away = Die Zeiten dieser Person lassen sich gerade nicht abfragen.
calendar-colleague-busy = { $name }: beschäftigt, { $time }
calendar-colleague-on = { $name } ist an diesem Tag beschäftigt
calendar-colleagues-most = Höchstens zehn Personen werden gezeigt.
calendar-follow = Kalender über seine Adresse hinzufügen
calendar-follow-short = Per Adresse hinzufügen
calendar-address = Adresse
calendar-address-hint = Die Adresse einer .ics-Datei mit https:// oder webcal://. Sie wird hier immer wieder gelesen und nie geändert.
calendar-follow-name = Name (freiwillig)
calendar-follow-name-hint = Ohne Namen heißt er so, wie er veröffentlicht wird.
calendar-follow-reading = Der Kalender wird gelesen …
calendar-follow-do = Hinzufügen
calendar-followed-already = Sie folgen diesem Kalender schon.
calendar-from-host = Von { $host }
calendar-timetable = Stundenplan
calendar-away-since = Nicht erreicht seit { $moment }. { $fault }
calendar-left-out = Ein Teil ist nicht lesbar:
calendar-makes-busy = Seine Termine machen mich beschäftigt
calendar-unfollowed = Sie folgen { $name } nicht mehr.
calendar-put-away = Weggelegt
calendar-show-again = Anzeigen
calendar-show-again-named = { $name } wieder anzeigen
