//! `[scanning]` of an institution: what each of its scanners is for.

use crate::Source;
use passerelle_core::{ScanDuty, ScanningRules, config::ConfigFault};
use serde::Deserialize;
use toml::Spanned;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScanningTable {
    marking: Vec<Spanned<String>>,
    beyond_memory: Choice,
    append: Vec<Spanned<String>>,
    append_without_scanner: Choice,
    files: Vec<Spanned<String>>,
    files_without_scanner: Choice,
}

/// What becomes of a message that cannot be marked, or looked at.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    #[default]
    Refuse,
    Accept,
}

impl ScanningTable {
    pub(crate) fn rules(&self) -> ScanningRules {
        ScanningRules {
            beyond_memory: self.beyond_memory == Choice::Accept,
            append_without_scanner: self.append_without_scanner == Choice::Accept,
            files_without_scanner: self.files_without_scanner == Choice::Accept,
        }
    }

    /// What the scanner of this name is for.
    pub(crate) fn duty(&self, scanner: &str) -> ScanDuty {
        let names = |list: &[Spanned<String>]| list.iter().any(|name| name.get_ref() == scanner);
        ScanDuty { marks: names(&self.marking), appends: names(&self.append), files: names(&self.files) }
    }

    /// Whether its names are those of scanners that there are, and each scanner has something to look at.
    pub(crate) fn check<'s>(
        &self,
        source: &Source,
        mut scanners: impl Iterator<Item = &'s String> + Clone,
        sends: bool,
    ) -> Result<(), ConfigFault> {
        for name in self.marking.iter().chain(&self.append).chain(&self.files) {
            if !scanners.clone().any(|scanner| scanner == name.get_ref()) {
                let what = format!("there is no scanner {}", name.get_ref());
                return Err(source.fault(name.span().start, what, "add [scanners.<name>], or take the name away"));
            }
        }
        if let (Some(marking), false) = (self.marking.first(), sends) {
            let what = "mail that is sent is marked, and there is no [submission]";
            return Err(source.fault(marking.span().start, what, "add [submission], or take scanning.marking away"));
        }
        if let (Some(idle), false) = (scanners.find(|scanner| !self.duty(scanner).looks_elsewhere()), sends) {
            let what = format!("scanner {idle} looks into mail that is sent, and there is no [submission]");
            return Err(source.fault(
                0,
                what,
                "add [submission], or name it in scanning.append or scanning.files, or take it away",
            ));
        }
        Ok(())
    }
}
