//! `passerelle institution new`: an institution's folder from a template, all of it or nothing.

use crate::{
    Failure, assemble,
    command::{NewInstitution, complain, say},
};
use passerelle_model::InstitutionId;
use passerelle_settings::{Settings, TemplateNames};
use std::{fs, path::Path, process::ExitCode};

pub(crate) fn new(asked: &NewInstitution) -> Result<ExitCode, Failure> {
    let id = InstitutionId::parse(&asked.id)?;
    let folder = asked.config.join("institutions").join(id.as_str());
    if folder.exists() {
        return Err(format!("{} is there already", folder.display()).into());
    }
    let text = text(asked, &id)?;
    // Beside the others under a name that is none, and renamed when it is whole: a gateway that looks sees all or nothing.
    let making = asked.config.join(format!(".{id}.new"));
    let made = write(&making, &text).and_then(|()| Ok(fs::rename(&making, &folder)?));
    if let Err(error) = made {
        let _ = fs::remove_dir_all(&making);
        return Err(error);
    }
    let faults = match Settings::load(&asked.config) {
        Ok(settings) => assemble::faults(&settings),
        Err(faults) => faults.0,
    };
    if faults.is_empty() {
        say(&format!("{}: made; a gateway that runs takes it up within seconds", folder.display()));
        return Ok(ExitCode::SUCCESS);
    }
    fs::remove_dir_all(&folder)?;
    for fault in faults {
        complain(&fault);
    }
    complain(&"nothing was made");
    Ok(ExitCode::from(2))
}

fn write(folder: &Path, text: &str) -> Result<(), Failure> {
    fs::create_dir(folder)?;
    fs::write(folder.join("institution.toml"), text)?;
    Ok(())
}

/// The institution's file: over a template that stays where it is, or with all that a file says.
fn text(asked: &NewInstitution, id: &InstitutionId) -> Result<String, Failure> {
    let mut text = String::new();
    let is_file = Path::new(&asked.template).components().count() > 1 || asked.template.ends_with(".toml");
    if !is_file {
        text += &format!("# What is not said here, the template says.\ntemplate = {}\n\n", toml(&asked.template));
    }
    let list = |all: &[String]| all.iter().map(|one| toml(one)).collect::<Vec<_>>().join(", ");
    text += &format!("hosts = [{}]\nmail_domains = [{}]\n", list(&asked.host), list(&asked.domain));
    let mut names = String::from("\n[name]\n");
    if asked.name.is_empty() {
        names += &format!("en = {}\n", toml(id.as_str()));
    }
    for name in &asked.name {
        let (language, name) =
            name.split_once('=').ok_or("--name is LANGUAGE=NAME, for example en=Example University")?;
        names += &format!("{} = {}\n", language.trim(), toml(name.trim()));
    }
    if !is_file {
        return Ok(text + &names);
    }
    let names_of = TemplateNames {
        id: Some(id.to_string()),
        host: asked.host.first().cloned(),
        domain: asked.domain.first().cloned(),
    };
    let template = fs::read_to_string(&asked.template).map_err(|error| format!("{}: {error}", asked.template))?;
    let filled =
        names_of.fill(&template).map_err(|(key, placeholder)| format!("{key} cannot stand for {placeholder}"))?;
    // Keys of the file's head come before its first table.
    Ok(text + &filled + &names)
}

/// A text as TOML writes it.
fn toml(text: &str) -> String {
    passerelle_core::SettingValue::String(text.to_owned()).to_string()
}
