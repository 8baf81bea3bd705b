//! `passerelle doctor`: which leg is broken, and what to do.

use crate::{
    Failure, assemble,
    command::{complain, say},
    serve::now,
};
use passerelle_core::{
    Error, LeftBehind, Operator,
    ports::{Leg, Verdict},
};
use passerelle_settings::Settings;
use serde_json::json;
use std::{collections::BTreeSet, path::Path, process::ExitCode, sync::Arc};

pub(crate) fn doctor(
    config: &Path,
    institution: Option<&str>,
    user: Option<&str>,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let settings = match Settings::load(config) {
        Ok(settings) => settings,
        Err(faults) => {
            complain(&faults);
            return Ok(ExitCode::from(1));
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut report = Report { as_json, failed: BTreeSet::new() };
        let factory = assemble::state_factory(&settings)?;
        let state = match (factory.open)(&settings.state).await {
            Ok(state) => state,
            Err(error) => {
                let remedy = "start the database, or correct [state]";
                report.say("installation", "state", "open", Err((&error.chain(), remedy)));
                return Ok(report.code());
            }
        };
        let parts = assemble::parts(&settings)?;
        let operator = Operator::new(parts, Arc::clone(&state), now, "doctor").await.map_err(|error| error.chain())?;
        for (of, back_end) in operator.back_ends() {
            let of = of.map_or_else(|| "installation".to_owned(), |id| id.to_string());
            if institution.is_some_and(|wanted| wanted != of && of != "installation") {
                continue;
            }
            report.say_all(&of, back_end.name(), &back_end.examine().await);
        }
        for facts in settings.institutions.iter().map(|it| &it.facts) {
            let Some(rules) = facts.delivery.as_ref() else { continue };
            if institution.is_none_or(|wanted| wanted == facts.id.as_str()) {
                report.say_all(facts.id.as_str(), "deliver", &passerelle_surface_lmtp::examine(&rules.store).await);
            }
        }
        for at in operator.examine_addresses(port_of_browsers(&settings)).await {
            // What does not answer at all is named already.
            let answers = !report.failed.contains(&at.back_end);
            if answers && institution.is_none_or(|wanted| wanted == at.institution.as_str()) {
                report.say_all(at.institution.as_str(), &at.back_end, &at.legs);
            }
        }
        match operator.left_behind().await {
            Ok(spaces) => spaces
                .iter()
                .filter(|left| institution.is_none_or(|wanted| wanted == left.space.institution.as_str()))
                .for_each(|left| report.say_left_behind(left)),
            Err(error) => report.say("installation", "state", "spaces", Err((&error.chain(), "see to the database"))),
        }
        if let Some(user) = user {
            match operator.examine_person(user, institution).await {
                Ok(all) => {
                    for of in all {
                        report.say_all(of.institution.as_str(), &of.back_end, &of.legs);
                    }
                }
                Err(Error::Unavailable { backend, .. }) if report.failed.contains(&backend) => {}
                Err(error) => report.say(
                    institution.unwrap_or("installation"),
                    "directory",
                    "user",
                    Err((
                        &format!("{user}: {}", error.chain()),
                        "check the login, and the institution's membership rule",
                    )),
                ),
            }
        }
        Ok(report.code())
    })
}

/// The port in the addresses that browsers use: ours, unless a balancer stands before us.
fn port_of_browsers(settings: &Settings) -> u16 {
    match settings.listen.https {
        Some(address) if settings.proxies.is_empty() => address.port(),
        _ => 443,
    }
}

struct Report {
    as_json: bool,
    /// The back-ends that have failed.
    failed: BTreeSet<String>,
}

impl Report {
    fn say_left_behind(&mut self, left: &LeftBehind) {
        let LeftBehind { space, grants, links } = left;
        let what = format!(
            "{} is not in the settings and has {grants} grants and {links} links, which a new one of its name would have",
            space.id
        );
        let (institution, name) = (space.institution.as_str(), space.id.space().unwrap_or_default());
        let remedy = format!("put it back, or drop them: passerelle state --config DIR forget {institution} {name}");
        self.say(institution, "state", "spaces", Err((&what, &remedy)));
    }

    fn say_all(&mut self, institution: &str, back_end: &str, legs: &[Leg]) {
        for leg in legs {
            match &leg.verdict {
                Verdict::Works(remark) => self.say(institution, back_end, leg.name, Ok(remark)),
                Verdict::Fails { what, remedy } => self.say(institution, back_end, leg.name, Err((what, remedy))),
            }
        }
    }

    fn say(&mut self, institution: &str, back_end: &str, leg: &str, outcome: Result<&str, (&str, &str)>) {
        if outcome.is_err() {
            self.failed.insert(back_end.to_owned());
        }
        let line = match (self.as_json, outcome) {
            (true, Ok(remark)) => {
                json!({"institution": institution, "back_end": back_end, "leg": leg, "ok": true, "what": remark}).to_string()
            }
            (true, Err((what, remedy))) => {
                json!({"institution": institution, "back_end": back_end, "leg": leg, "ok": false, "what": what, "remedy": remedy})
                    .to_string()
            }
            (false, Ok(remark)) => format!("ok     {back_end}: {leg}: {remark}"),
            (false, Err((what, remedy))) => format!("FAILS  {back_end}: {leg}: {what}\n       {remedy}"),
        };
        say(&line);
    }

    fn code(&self) -> ExitCode {
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
    }
}
