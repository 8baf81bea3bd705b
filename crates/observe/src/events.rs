//! The events. Labels have few values: an institution, a surface, a reason; never a person.

use crate::Event;
use metrics::{counter, histogram};
use passerelle_model::{Account, InstitutionId};
use std::{net::IpAddr, time::Duration};
use tracing::{debug, error, info, warn};

/// Somebody signed on.
#[derive(Debug)]
pub struct LoginAccepted<'a> {
    /// Where.
    pub institution: &'a InstitutionId,
    /// By which surface.
    pub surface: &'static str,
    /// From where.
    pub address: IpAddr,
}

impl Event for LoginAccepted<'_> {
    fn record(&self) {
        let Self { institution, surface, address } = self;
        info!(%institution, surface, %address, "log-in");
        counter!("passerelle_logins_total", "institution" => institution.as_str().to_owned(), "surface" => *surface, "result" => "accepted").increment(1);
    }
}

/// Somebody could not sign on. The login is not said: people type passwords there.
#[derive(Debug)]
pub struct LoginRefused {
    /// By which surface.
    pub surface: &'static str,
    /// From where.
    pub address: IpAddr,
    /// Why, in one of few words: `credentials`, `unavailable`, `malformed`, `clear`, `limit`, `institution`
    /// (the password was right, and the entry is none of the institutions' or several's).
    pub reason: &'static str,
}

impl Event for LoginRefused {
    fn record(&self) {
        let Self { surface, address, reason } = self;
        info!(surface, %address, reason, "log-in refused");
        counter!("passerelle_logins_total", "institution" => "", "surface" => *surface, "result" => *reason)
            .increment(1);
    }
}

/// A back-end was looked at, as is done every few minutes.
#[derive(Debug)]
pub struct BackEndExamined<'a> {
    /// Whose.
    pub institution: &'a InstitutionId,
    /// The back-end as the settings name it.
    pub back_end: &'a str,
    /// Whether all of its legs work.
    pub works: bool,
}

impl Event for BackEndExamined<'_> {
    fn record(&self) {
        let Self { institution, back_end, works } = self;
        if *works {
            debug!(%institution, back_end, "back-end works");
        } else {
            warn!(%institution, back_end, "back-end does not work; doctor says at which leg");
        }
        let result = if *works { "works" } else { "fails" };
        let (institution, back_end) = (institution.as_str().to_owned(), (*back_end).to_owned());
        counter!("passerelle_back_ends_examined_total", "institution" => institution, "back_end" => back_end, "result" => result).increment(1);
    }
}

/// A connection was turned away before a word was said.
#[derive(Debug)]
pub struct ConnectionRefused {
    /// At which listener.
    pub surface: &'static str,
    /// From where.
    pub address: IpAddr,
    /// Why: `per-address`, `total`, `proxy-header`, `tls`.
    pub reason: &'static str,
}

impl Event for ConnectionRefused {
    fn record(&self) {
        let Self { surface, address, reason } = self;
        debug!(surface, %address, reason, "connection refused");
        counter!("passerelle_connections_refused_total", "surface" => *surface, "reason" => *reason).increment(1);
    }
}

/// A relay to a store came to its end.
#[derive(Debug)]
pub struct RelayEnded {
    /// By which surface.
    pub surface: &'static str,
    /// Why: `client`, `store`, `withdrawn`, `idle`, `drain`.
    pub reason: &'static str,
    /// Octets to the store.
    pub up: u64,
    /// Octets to the client.
    pub down: u64,
}

impl Event for RelayEnded {
    fn record(&self) {
        let Self { surface, reason, up, down } = self;
        debug!(surface, reason, up, down, "relay ended");
        counter!("passerelle_relays_total", "surface" => *surface, "reason" => *reason).increment(1);
        counter!("passerelle_relay_octets_total", "surface" => *surface, "way" => "up").increment(*up);
        counter!("passerelle_relay_octets_total", "surface" => *surface, "way" => "down").increment(*down);
    }
}

/// A maildrop was let go.
#[derive(Debug)]
pub struct MaildropClosed {
    /// Why: `quit`, `client`, `store`, `withdrawn`, `idle`, `drain`, `garbage`, `failed` (the store refused at the end).
    pub reason: &'static str,
    /// Messages that were sent whole.
    pub retrieved: u32,
    /// Messages that were removed.
    pub removed: u32,
    /// Octets of messages to the client.
    pub octets: u64,
}

impl Event for MaildropClosed {
    fn record(&self) {
        let Self { reason, retrieved, removed, octets } = self;
        debug!(surface = "pop3", reason, retrieved, removed, octets, "maildrop closed");
        counter!("passerelle_maildrops_total", "reason" => *reason).increment(1);
        counter!("passerelle_maildrop_messages_total", "what" => "retrieved").increment(u64::from(*retrieved));
        counter!("passerelle_maildrop_messages_total", "what" => "removed").increment(u64::from(*removed));
        counter!("passerelle_maildrop_octets_total").increment(*octets);
    }
}

/// A file passed over a data connection, or did not.
#[derive(Debug)]
pub struct FileTransferred {
    /// The surface.
    pub surface: &'static str,
    /// Which way: `up` to the store, `down` to the client.
    pub way: &'static str,
    /// What became of it: `whole`, `refused` (by gate or store, before or at its end), `cut` (the client broke off),
    /// `failed` (the store did, midway), `withdrawn`.
    pub result: &'static str,
    /// Octets that passed.
    pub octets: u64,
}

impl Event for FileTransferred {
    fn record(&self) {
        let Self { surface, way, result, octets } = self;
        debug!(surface, way, result, octets, "file transferred");
        counter!("passerelle_transfers_total", "surface" => *surface, "way" => *way, "result" => *result).increment(1);
        counter!("passerelle_transfer_octets_total", "surface" => *surface, "way" => *way).increment(*octets);
    }
}

/// A request was answered.
#[derive(Debug)]
pub struct HttpAnswered<'a> {
    /// The surface that answered.
    pub surface: &'static str,
    /// The method.
    pub method: &'a str,
    /// The status.
    pub status: u16,
    /// Until the head of the answer was ready.
    pub took: Duration,
    /// The id that the client saw.
    pub request: &'a str,
}

impl Event for HttpAnswered<'_> {
    fn record(&self) {
        let Self { surface, method, status, took, request } = self;
        debug!(surface, method, status, took_us = took.as_micros(), request, "answered");
        let class = match status {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        counter!("passerelle_http_requests_total", "surface" => *surface, "status" => class).increment(1);
        histogram!("passerelle_http_request_seconds", "surface" => *surface).record(took.as_secs_f64());
    }
}

/// A back-end failed.
#[derive(Debug)]
pub struct BackendFault<'a> {
    /// The surface that needed it.
    pub surface: &'static str,
    /// What failed, with all its causes.
    pub chain: &'a str,
    /// The id that the client saw; empty where the protocol has none.
    pub request: &'a str,
}

impl Event for BackendFault<'_> {
    fn record(&self) {
        let Self { surface, chain, request } = self;
        warn!(surface, fault = "back-end", request, "{chain}");
        counter!("passerelle_faults_total", "surface" => *surface, "fault" => "back-end").increment(1);
    }
}

/// What lies in somebody's calendar or address book is none of what belongs there: it came past us, and is theirs to mend.
#[derive(Debug)]
pub struct ItemUnreadable<'a> {
    /// The surface that told it.
    pub surface: &'static str,
    /// Whose it is.
    pub owner: &'a Account,
    /// What is wrong, without a text of it.
    pub fault: &'a str,
    /// The id that the client saw.
    pub request: &'a str,
}

impl Event for ItemUnreadable<'_> {
    fn record(&self) {
        let Self { surface, owner, fault, request } = self;
        warn!(surface, %owner, request, "an item is told as it is: {fault}");
        counter!("passerelle_unreadable_items_total", "surface" => *surface).increment(1);
    }
}

/// A store of mail has said what becomes of a message for one of its recipients.
#[derive(Debug)]
pub struct MailHandedOn {
    /// What it said (RFC 5321 §4.2.1).
    pub code: u16,
}

impl Event for MailHandedOn {
    fn record(&self) {
        let result = match self.code {
            200..=299 => "delivered",
            400..=499 => "later",
            _ => "refused",
        };
        debug!(result, "a mail was handed on");
        counter!("passerelle_mails_handed_on_total", "result" => result).increment(1);
    }
}

/// A mail that was handed on had something for its recipient's calendar.
#[derive(Debug)]
pub struct MailForCalendar<'a> {
    /// What it says it is (RFC 5546 §1.4).
    pub method: &'a str,
    /// What came of it, in a word; `failed` where the calendar could not be written.
    pub outcome: &'static str,
}

impl Event for MailForCalendar<'_> {
    fn record(&self) {
        let Self { method, outcome } = self;
        info!(method, outcome, "a mail was for a calendar");
        let known = ["REQUEST", "REPLY", "CANCEL"].into_iter().find(|known| known == method);
        counter!("passerelle_mails_for_calendars_total", "method" => known.unwrap_or("other"), "outcome" => *outcome)
            .increment(1);
    }
}

/// A server elsewhere, of somebody's external account, failed: nobody's fault here, and its name is the person's affair.
#[derive(Debug)]
pub struct ExternalFailed {
    /// The surface that needed it.
    pub surface: &'static str,
    /// What it did, in a word.
    pub fault: &'static str,
}

impl Event for ExternalFailed {
    fn record(&self) {
        let Self { surface, fault } = self;
        debug!(surface, fault, "an external account was not reached");
        counter!("passerelle_external_faults_total", "surface" => *surface, "fault" => *fault).increment(1);
    }
}

/// We failed.
#[derive(Debug)]
pub struct InternalFault<'a> {
    /// Where.
    pub surface: &'static str,
    /// What failed, with all its causes.
    pub chain: &'a str,
    /// The id that the client saw; empty where the protocol has none.
    pub request: &'a str,
}

impl Event for InternalFault<'_> {
    fn record(&self) {
        let Self { surface, chain, request } = self;
        error!(surface, fault = "gateway", request, "{chain}");
        counter!("passerelle_faults_total", "surface" => *surface, "fault" => "gateway").increment(1);
    }
}

/// New settings are in force.
#[derive(Debug)]
pub struct SettingsReloaded;

impl Event for SettingsReloaded {
    fn record(&self) {
        info!("new settings are in force");
        counter!("passerelle_reloads_total", "result" => "accepted").increment(1);
    }
}

/// New settings could not be used; the old ones stay.
#[derive(Debug)]
pub struct SettingsRefused<'a> {
    /// Every fault.
    pub faults: &'a str,
}

impl Event for SettingsRefused<'_> {
    fn record(&self) {
        warn!(faults = self.faults, "the old settings stay in force");
        counter!("passerelle_reloads_total", "result" => "refused").increment(1);
    }
}

/// State holds grants or links of a space that is not in the settings: a space made anew under its name has them.
#[derive(Debug)]
pub struct SpaceLeftBehind<'a> {
    /// Whose it was.
    pub institution: &'a str,
    /// The owner that it stood for.
    pub space: &'a str,
    /// How many grants.
    pub grants: usize,
    /// How many links.
    pub links: usize,
}

impl Event for SpaceLeftBehind<'_> {
    fn record(&self) {
        let Self { institution, space, grants, links } = self;
        warn!(institution, space, grants, links, "a space that is not in the settings has grants or links still");
        counter!("passerelle_spaces_left_behind_total", "institution" => (*institution).to_owned()).increment(1);
    }
}

/// Something under way ended because it was withdrawn.
#[derive(Debug)]
pub struct Withdrawn {
    /// At which surface.
    pub surface: &'static str,
}

impl Event for Withdrawn {
    fn record(&self) {
        info!(surface = self.surface, "ended: withdrawn");
        counter!("passerelle_withdrawn_total", "surface" => self.surface).increment(1);
    }
}

/// A message was put into a mailbox before the eyes of scanners, or was to be.
#[derive(Debug)]
pub struct MessageStored<'a> {
    /// Of which institution the mailbox is.
    pub institution: &'a InstitutionId,
    /// The surface.
    pub surface: &'static str,
    /// What became of it: `accepted`, `refused`, `deferred`, or `unknown` where the store was lost behind its end.
    pub result: &'static str,
    /// What came of it, in octets.
    pub octets: u64,
}

impl Event for MessageStored<'_> {
    fn record(&self) {
        let Self { institution, surface, result, octets } = self;
        info!(%institution, surface, result, octets, "message looked at on its way into a mailbox");
        counter!("passerelle_screened_total", "institution" => institution.as_str().to_owned(), "result" => *result)
            .increment(1);
    }
}

/// Somebody sent a message, or tried to.
#[derive(Debug)]
pub struct MessageSubmitted<'a> {
    /// Of which institution.
    pub institution: &'a InstitutionId,
    /// What became of it: `accepted`, `refused`, `deferred`, or `unknown` where the MTA fell silent behind its end.
    pub result: &'static str,
    /// Our id of it, which its trace shows.
    pub id: &'a str,
    /// The recipients that the MTA took.
    pub recipients: u32,
    /// Its octets.
    pub octets: u64,
}

impl Event for MessageSubmitted<'_> {
    fn record(&self) {
        let Self { institution, result, id, recipients, octets } = self;
        info!(%institution, result, id, recipients, octets, "message submitted");
        counter!("passerelle_messages_total", "institution" => institution.as_str().to_owned(), "result" => *result)
            .increment(1);
        counter!("passerelle_message_octets_total", "result" => *result).increment(*octets);
    }
}

/// A picture of a file was drawn, or not.
#[derive(Debug)]
pub struct PictureDrawn {
    /// What the file is: `jpeg`, `png`, `gif`, `webp`, `pdf`; empty where that was not found out.
    pub kind: &'static str,
    /// How it ended: `drawn`; `broken`, `too-large`; `crashed` (the process that drew it died), `late` (it was killed at its
    /// deadline); `busy` (too many waited); `unfit` (there was no process to draw with).
    pub result: &'static str,
    /// How long it took, the way from the store with it.
    pub took: Duration,
}

impl Event for PictureDrawn {
    fn record(&self) {
        let Self { kind, result, took } = self;
        debug!(kind, result, ?took, "picture");
        counter!("passerelle_pictures_total", "kind" => *kind, "result" => *result).increment(1);
        if *result == "drawn" {
            histogram!("passerelle_picture_seconds", "kind" => *kind).record(took.as_secs_f64());
        }
    }
}
