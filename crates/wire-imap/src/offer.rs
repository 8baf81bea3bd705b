//! What a relay can honour of what a store announces after log-in.

/// What is offered to clients, beside what every relay does not: no compression, which would blind it, and nothing that only
/// matters before log-in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offer {
    /// Whether messages are looked at before they are put anywhere: what a store puts together itself cannot be (RFC 4469).
    pub screened: bool,
    /// Largest message that is taken, in octets (RFC 7889 §2).
    pub largest: Option<u64>,
}

/// Names, and beginnings of names, of what is not offered.
const REFUSED: [&str; 8] = [
    "COMPRESS=",
    "AUTH=",
    "LOGIN-REFERRALS",
    "MAILBOX-REFERRALS",
    "STARTTLS",
    "LOGINDISABLED",
    "SASL-IR",
    "UNAUTHENTICATE",
];
const LIMIT: &str = "APPENDLIMIT";

impl Offer {
    /// Of the words of a CAPABILITY response.
    pub fn of(self, words: &str) -> String {
        let mut offered = Vec::new();
        // Without a number the store has a limit for each mailbox, which STATUS tells (RFC 7889 §2).
        let (mut told, mut by_mailbox) = (None, false);
        for word in words.split_ascii_whitespace() {
            let upper = word.to_ascii_uppercase();
            if REFUSED.iter().any(|refused| upper.starts_with(refused)) || self.screened && upper == "CATENATE" {
                continue;
            }
            match upper.strip_prefix(LIMIT) {
                Some("") if self.largest.is_some() => by_mailbox = true,
                Some(number) if self.largest.is_some() && number.starts_with('=') => {
                    told = number.trim_start_matches('=').parse::<u64>().ok();
                }
                _ => offered.push(word.to_owned()),
            }
        }
        match self.largest {
            Some(_) if by_mailbox => offered.push(LIMIT.to_owned()),
            Some(largest) => offered.push(format!("{LIMIT}={}", told.map_or(largest, |told| told.min(largest)))),
            None => {}
        }
        offered.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(offer: Offer, words: &str, expected: &str) {
        assert_eq!(offer.of(words), expected);
    }

    #[test]
    fn what_a_relay_can_honour() {
        let plain = Offer::default();
        check(plain, "IMAP4rev1 COMPRESS=DEFLATE IDLE SASL-IR auth=plain", "IMAP4rev1 IDLE");
        check(plain, "IMAP4rev1 CATENATE APPENDLIMIT=5", "IMAP4rev1 CATENATE APPENDLIMIT=5");
        check(Offer { screened: true, ..plain }, "IMAP4rev1 CATENATE MULTIAPPEND", "IMAP4rev1 MULTIAPPEND");
        let limited = Offer { largest: Some(100), ..plain };
        check(limited, "IMAP4rev1 IDLE", "IMAP4rev1 IDLE APPENDLIMIT=100");
        check(limited, "APPENDLIMIT=5 IDLE", "IDLE APPENDLIMIT=5");
        check(limited, "appendlimit=500", "APPENDLIMIT=100");
        check(limited, "APPENDLIMIT=x", "APPENDLIMIT=100");
        check(limited, "APPENDLIMIT IDLE", "IDLE APPENDLIMIT");
    }
}
