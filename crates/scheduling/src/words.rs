//! What a mail says to people whose programs show no invitation, in the language of who sends it.

use passerelle_core::Session;

/// The words of one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// The language.
    pub(crate) code: &'static str,
    /// An invitation.
    pub(crate) invitation: &'static str,
    /// It does not take place, or not with you.
    pub(crate) cancelled: &'static str,
    /// An answer.
    pub(crate) accepted: &'static str,
    pub(crate) tentative: &'static str,
    pub(crate) declined: &'static str,
    /// Before the time.
    pub(crate) when: &'static str,
    /// Before the place.
    pub(crate) place: &'static str,
    /// Before who has organised it.
    pub(crate) organizer: &'static str,
    /// What is to be done with the mail.
    pub(crate) how: &'static str,
}

const fn words(code: &'static str, of: [&'static str; 9]) -> Words {
    let [invitation, cancelled, accepted, tentative, declined, when, place, organizer, how] = of;
    Words { code, invitation, cancelled, accepted, tentative, declined, when, place, organizer, how }
}

/// The first is for whoever has no other.
const ALL: [Words; 8] = [
    words(
        "en",
        [
            "Invitation",
            "Cancelled",
            "Accepted",
            "Maybe",
            "Declined",
            "When",
            "Where",
            "Organiser",
            "A calendar program shows the attached event, and can answer it.",
        ],
    ),
    words(
        "fr",
        [
            "Invitation",
            "Annulé",
            "Accepté",
            "Peut-être",
            "Refusé",
            "Quand",
            "Où",
            "Organisateur",
            "Un logiciel d’agenda affiche l’événement joint et permet d’y répondre.",
        ],
    ),
    words(
        "de",
        [
            "Einladung",
            "Abgesagt",
            "Zugesagt",
            "Vielleicht",
            "Abgelehnt",
            "Wann",
            "Wo",
            "Veranstalter",
            "Ein Kalenderprogramm zeigt den angehängten Termin und kann darauf antworten.",
        ],
    ),
    words(
        "es",
        [
            "Invitación",
            "Cancelado",
            "Aceptado",
            "Quizás",
            "Rechazado",
            "Cuándo",
            "Dónde",
            "Organizador",
            "Un programa de calendario muestra el evento adjunto y permite responder.",
        ],
    ),
    words(
        "it",
        [
            "Invito",
            "Annullato",
            "Accettato",
            "Forse",
            "Rifiutato",
            "Quando",
            "Dove",
            "Organizzatore",
            "Un programma di calendario mostra l’evento allegato e permette di rispondere.",
        ],
    ),
    words(
        "nl",
        [
            "Uitnodiging",
            "Geannuleerd",
            "Geaccepteerd",
            "Misschien",
            "Geweigerd",
            "Wanneer",
            "Waar",
            "Organisator",
            "Een agendaprogramma toont de bijgevoegde afspraak en kan erop antwoorden.",
        ],
    ),
    words(
        "pt",
        [
            "Convite",
            "Cancelado",
            "Aceite",
            "Talvez",
            "Recusado",
            "Quando",
            "Onde",
            "Organizador",
            "Um programa de calendário mostra o evento anexo e permite responder.",
        ],
    ),
    words(
        "ar",
        [
            "دعوة",
            "أُلغي",
            "مقبول",
            "ربما",
            "مرفوض",
            "متى",
            "أين",
            "المنظّم",
            "يعرض برنامج التقويم الحدث المرفق ويتيح الرد عليه.",
        ],
    ),
];

/// The words of who sends: by their entry, else by what their institution speaks.
pub(crate) fn of(session: &Session) -> Words {
    let person = session.principal().ok().and_then(|me| me.person().attributes.first("preferredLanguage"));
    let institution = session.institution().ok().and_then(|it| it.branding.languages.first().map(String::as_str));
    let known = |language: &str| {
        let code = language.split(['-', '_', ',', ';']).next().unwrap_or_default().trim();
        ALL.into_iter().find(|words| words.code.eq_ignore_ascii_case(code))
    };
    let [first, ..] = ALL;
    person.and_then(known).or_else(|| institution.and_then(known)).unwrap_or(first)
}
