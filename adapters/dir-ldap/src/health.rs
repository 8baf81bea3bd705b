//! What `doctor` is told: each step of reaching the directory, and whether it holds people that may be listed.

use crate::{
    dial::{Purpose, Server},
    directory::LdapDirectory,
    failure::{Failure, Step},
    search::{Capped, Line, Question, Trouble},
};
use ldap3::Scope;
use passerelle_core::ports::{Health, Leg, Verdict};
use passerelle_wire_filter::Filter;
use std::{future::Future, pin::Pin};
use tokio::time::{Instant, timeout_at};

impl Health for LdapDirectory {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async move {
            let mut failed = Vec::new();
            let mut first: Option<Vec<Leg>> = None;
            for server in self.dialer.servers() {
                let mut legs = Vec::new();
                match self.examine_one(server, &mut legs).await {
                    Ok(()) => {
                        // The directory works; that a server before this one does not must be seen all the same.
                        if let (Some(Leg { verdict: Verdict::Works(remark), .. }), false) =
                            (legs.first_mut(), failed.is_empty())
                        {
                            *remark = format!("{remark}; instead of {}", failed.join("; "));
                        }
                        return legs;
                    }
                    Err(failure) => {
                        failed.push(failure.what.clone());
                        let verdict = Verdict::Fails { what: failure.what, remedy: failure.remedy };
                        legs.push(Leg { name: failure.step.name(), verdict });
                        first.get_or_insert(legs);
                    }
                }
            }
            first.unwrap_or_default()
        })
    }
}

impl LdapDirectory {
    async fn examine_one(&self, server: &Server, legs: &mut Vec<Leg>) -> Result<(), Failure> {
        let until = self.deadline();
        let mut passed = |step: Step, remark| legs.push(Leg { name: step.name(), verdict: Verdict::Works(remark) });
        let ldap = self.dialer.reach(server, Purpose::Search, until, &mut passed).await?;
        let line = Line::new(ldap);
        let people = &self.settings.people_filter;
        if !self.finds(server, &line, people, until).await? {
            let what = format!("nobody below {} matches {people}", self.settings.people_base);
            let remedy = "correct `people_base` or `people_filter`, and let `bind_dn` read there";
            return Err(Failure::new(Step::Search, &server.url, what, remedy));
        }
        // A filter on an attribute that the server's schema does not know is true for nobody, `!` or not
        // (RFC 4511 §4.5.1.7).
        let listed = Filter::And(vec![people.clone(), self.settings.listed_filter.clone()]);
        if !self.finds(server, &line, &listed, until).await? {
            let what = format!("nobody is listed: no person matches {}", self.settings.listed_filter);
            let remedy = "set `listed_filter` to what this directory has, or to (objectClass=*) to list everybody";
            return Err(Failure::new(Step::Search, &server.url, what, remedy));
        }
        let verdict = Verdict::Works(format!("people below {}", self.settings.people_base));
        legs.push(Leg { name: Step::Search.name(), verdict });
        Ok(())
    }

    async fn finds(&self, server: &Server, line: &Line, filter: &Filter, until: Instant) -> Result<bool, Failure> {
        let question = Question {
            base: &self.settings.people_base,
            scope: Scope::Subtree,
            filter,
            attributes: &["1.1"],
            most: 1,
            capped: Capped::More,
        };
        match timeout_at(until, line.search(&question, self.settings.page_size)).await {
            Ok(Ok(answer)) => Ok(!answer.entries.is_empty()),
            Ok(Err(Trouble::Refused(result))) => Err(Failure::search(&server.url, question.base, &result)),
            Ok(Err(Trouble::Lost(why))) => {
                Err(Failure::new(Step::Search, &server.url, why, "look at the directory's log"))
            }
            Err(_) => Err(Failure::late(Step::Search, &server.url)),
        }
    }
}
