//! The `[calendar_feeds]` table of an institution.

use crate::{address, kept::Times};
use passerelle_core::{
    config::{Block, ConfigFault, Network},
    ports::FeedAddress,
};
use passerelle_fetch::{Bounds, Dialled, OpenClient, Url};
use passerelle_model::GroupId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};

/// What every server is told of who asks.
const AGENT: &str = "Mozilla/5.0 (compatible; Passerelle)";
const ACCEPT: &str = "text/calendar, */*;q=0.1";
/// The longest that a server is asked again after: a week; that what was had last is told for: a year; the largest calendar, which is
/// that of any file of calendars.
const MOST_MINUTES: u32 = 10_080;
const MOST_HOURS: u32 = 8_760;
const MOST_MIB: u32 = 32;
/// What stands for a group in the address of timetables.
const GROUP: &str = "{group}";

/// The table, understood.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) client: OpenClient,
    /// What asks for timetables: of the one host that publishes them, which may be an inner one.
    pub(crate) of_timetables: Option<OpenClient>,
    pub(crate) subscriptions: bool,
    pub(crate) timetables: Option<Timetables>,
    pub(crate) hosts: Vec<String>,
    pub(crate) clear: bool,
    pub(crate) times: Times,
    /// In MiB.
    pub(crate) memory: u32,
}

/// Where the timetables of groups are.
pub(crate) struct Timetables {
    /// An address with [`GROUP`] in it.
    template: String,
    /// The groups that have one: names, with `*` at the end for whatever comes; empty for all.
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default = "yes")]
    subscriptions: bool,
    timetables: Option<String>,
    #[serde(default)]
    timetable_groups: Vec<String>,
    #[serde(default)]
    timetable_networks: Vec<Network>,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    clear: bool,
    #[serde(default = "web_ports")]
    ports: Vec<u16>,
    #[serde(default)]
    allow_networks: Vec<Network>,
    #[serde(default)]
    refuse_networks: Vec<Network>,
    ca: Option<PathBuf>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
    #[serde(default = "a_quarter")]
    refresh_minutes: u32,
    #[serde(default = "a_day")]
    keep_hours: u32,
    #[serde(default = "ten")]
    largest_mib: u32,
    #[serde(default = "memory")]
    memory_mib: u32,
}

const fn yes() -> bool {
    true
}
fn web_ports() -> Vec<u16> {
    vec![80, 443]
}
const fn ten_seconds() -> u64 {
    10_000
}
const fn a_quarter() -> u32 {
    15
}
const fn a_day() -> u32 {
    24
}
const fn ten() -> u32 {
    10
}
const fn memory() -> u32 {
    256
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        if table.ports.is_empty() {
            return Err(block.fault("ports: no server can be asked", "list ports, or take the table away"));
        }
        for (name, value, most) in [
            ("refresh_minutes", table.refresh_minutes, MOST_MINUTES),
            ("keep_hours", table.keep_hours, MOST_HOURS),
            ("largest_mib", table.largest_mib, MOST_MIB),
        ] {
            if value > most {
                return Err(block.fault(format!("{name} is {value}"), format!("write {most} at most")));
            }
        }
        let hosts: Vec<String> = table.hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let bounds = |allowed: Vec<Network>, hosts: Vec<String>, clear: bool| Bounds {
            dialled: Dialled { allowed, refused: table.refuse_networks.clone() },
            ports: table.ports.clone(),
            hosts,
            clear,
            largest: usize::try_from(u64::from(table.largest_mib) << 20).unwrap_or(usize::MAX),
            deadline: Duration::from_millis(table.timeout_ms),
        };
        let client = |bounds| OpenClient::new(block, table.ca.as_deref(), AGENT, ACCEPT, bounds);
        let timetables = table.timetables.map(|template| {
            let groups = table.timetable_groups;
            let host = (template.contains(GROUP)).then(|| host_of(&template)).flatten();
            let host = host.ok_or_else(|| {
                block.fault(
                    "timetables: this is no address with {group} in it",
                    "write https://edt.univ.example/{group}.ics",
                )
            })?;
            let networks = table.timetable_networks.iter().chain(&table.allow_networks).cloned().collect();
            let clear = template.starts_with("http:");
            Ok((Timetables { template, groups }, client(bounds(networks, vec![host], clear))?))
        });
        let (timetables, of_timetables) = timetables.transpose()?.unzip();
        Ok(Self {
            name: block.name().to_owned(),
            client: client(bounds(table.allow_networks.clone(), hosts.clone(), table.clear))?,
            of_timetables,
            subscriptions: table.subscriptions,
            timetables,
            hosts,
            clear: table.clear,
            times: Times {
                refresh: i64::from(table.refresh_minutes).saturating_mul(60),
                keep: i64::from(table.keep_hours).saturating_mul(3600),
            },
            memory: table.memory_mib,
        })
    }
}

impl Timetables {
    /// Where a group's is; `None` for one that has none.
    pub(crate) fn of(&self, group: &GroupId) -> Option<FeedAddress> {
        let is = |pattern: &String| match pattern.strip_suffix('*') {
            Some(begins) => group.as_str().starts_with(begins),
            None => group.as_str() == pattern,
        };
        if !self.groups.is_empty() && !self.groups.iter().any(is) {
            return None;
        }
        let named = utf8_percent_encode(group.as_str(), NON_ALPHANUMERIC).to_string();
        address::typed(&self.template.replace(GROUP, &named), &[], true).ok()
    }
}

/// The host of a template that is an address.
fn host_of(template: &str) -> Option<String> {
    let address = address::typed(&template.replace(GROUP, "group"), &[], true).ok()?;
    let url = Url::parse(address.whole().expose_str()?).ok()?;
    // A host that a group could name would be anybody's.
    let other = address::typed(&template.replace(GROUP, "other"), &[], true).ok()?;
    (url.host_str()? == other.host()).then(|| other.host().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    fn read(text: &str) -> Result<Settings, ConfigFault> {
        Settings::read(&Block::from_text("x.calendar_feeds", Path::new("institution.toml"), text))
    }

    #[test]
    fn faults_say_what_to_do() {
        for (text, expected) in [
            ("ports = []", "ports"),
            ("allow_networks = [\"campus\"]", "campus"),
            ("ca = \"nowhere.pem\"", "nowhere.pem"),
            ("refresh = 1", "refresh"),
            ("refresh_minutes = 20000", "refresh_minutes"),
            ("keep_hours = 9000000", "keep_hours"),
            ("largest_mib = 33", "largest_mib"),
            ("timetables = \"https://edt.example/all.ics\"", "{group}"),
            ("timetables = \"https://{group}.example/all.ics\"", "{group}"),
        ] {
            let fault = read(text).map(drop).unwrap_err();
            assert!(fault.to_string().contains(expected), "{fault}");
        }
    }

    #[test]
    fn a_timetable_is_a_group_s() {
        let text = "timetables = \"https://edt.example/{group}.ics\"\ntimetable_groups = [\"promo-*\", \"jury\"]";
        let timetables = read(text).unwrap().timetables.unwrap();
        let of = |group| {
            let address = timetables.of(&GroupId::parse(group).unwrap())?;
            address.whole().expose_str().map(str::to_owned)
        };
        assert_eq!(of("promo-l3 a").as_deref(), Some("https://edt.example/promo%2Dl3%20a.ics"));
        assert_eq!((of("jury").is_some(), of("jury-2"), of("staff")), (true, None, None));
    }
}
