//! `passerelle doctor`: which leg is broken, and what to do.

use crate::{
    Failure, assemble,
    command::{complain, say},
    serve::now,
};
use passerelle_core::{Door, ports::Verdict};
use passerelle_settings::Settings;
use serde_json::json;
use std::{path::Path, process::ExitCode, sync::Arc};

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
        let mut report = Report { as_json, healthy: true };
        let factory = assemble::state_factory(&settings)?;
        let state = match (factory.open)(&settings.state).await {
            Ok(state) => state,
            Err(error) => {
                let remedy = "start the database, or correct [state]";
                report.say("installation", "state", "open", Err((&error.chain(), remedy)));
                return Ok(report.code());
            }
        };
        let door =
            Door::new(assemble::parts(&settings)?, Arc::clone(&state), now).await.map_err(|error| error.chain())?;
        for (of, back_end) in door.back_ends() {
            let of = of.map_or_else(|| "installation".to_owned(), |id| id.to_string());
            if institution.is_some_and(|wanted| wanted != of && of != "installation") {
                continue;
            }
            for leg in back_end.examine().await {
                match &leg.verdict {
                    Verdict::Works(remark) => report.say(&of, back_end.name(), leg.name, Ok(remark)),
                    Verdict::Fails { what, remedy } => report.say(&of, back_end.name(), leg.name, Err((what, remedy))),
                }
            }
        }
        if let Some(user) = user {
            let found = door.examine_login(user, institution).await;
            match found {
                Ok(account) => report.say(account.institution.as_str(), "directory", "user", Ok(account.id.as_str())),
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

struct Report {
    as_json: bool,
    healthy: bool,
}

impl Report {
    fn say(&mut self, institution: &str, back_end: &str, leg: &str, outcome: Result<&str, (&str, &str)>) {
        self.healthy &= outcome.is_ok();
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
        if self.healthy { ExitCode::SUCCESS } else { ExitCode::from(1) }
    }
}
