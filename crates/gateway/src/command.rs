//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use passerelle_exchange::Duplicates;
use passerelle_wire_mbox::Quoting;
use std::{io::Write, path::PathBuf, process::ExitCode};

/// A stateless gateway for universities: one surface in front of the mail, directory and files that are already there.
#[derive(Debug, Parser)]
#[command(name = "passerelle", version)]
pub(crate) struct Passerelle {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway.
    Serve {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
    },
    /// Check a configuration: exit 0, or 2 with file:line, what is wrong and what to do.
    Check {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Say where each value comes from: file and line, template, or default.
        #[arg(long)]
        show_origin: bool,
        /// Ask State too, for what was changed at run time. It is opened as `serve` would: a database that is not there is
        /// made, and an older one brought up to date.
        #[arg(long, requires = "show_origin")]
        state: bool,
    },
    /// Try each leg to each back-end and name the one that fails: exit 1 if any does.
    Doctor {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Only this institution.
        #[arg(long)]
        institution: Option<String>,
        /// Also look this login up, as the gateway would.
        #[arg(long)]
        user: Option<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Make and change accounts by a file: CSV with a head (login, name, mails, ...), or LDIF. Exit 1 if any line failed.
    Import {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Whose accounts they are.
        #[arg(long)]
        institution: String,
        /// Only tell what would change and what is wrong, line by line.
        #[arg(long)]
        dry_run: bool,
        /// The file; one whose name ends in .ldif is LDIF.
        file: PathBuf,
    },
    /// Write somebody's mail to files that every mail program reads, or put such files into their mailboxes.
    Mail {
        #[command(subcommand)]
        action: MailAction,
    },
    /// Write somebody's calendar to a file that every calendar reads, or put such a file into it.
    Calendars {
        #[command(subcommand)]
        action: ExchangeAction,
    },
    /// Write somebody's address book to a file that other programs read, or put such a file into it.
    Contacts {
        #[command(subcommand)]
        action: ExchangeAction,
    },
    /// Make and look at institutions.
    Institution {
        #[command(subcommand)]
        action: InstitutionAction,
    },
    /// Back up and restore what the gateway itself keeps.
    State {
        /// The folder of passerelle.toml.
        #[arg(long, global = true, default_value = ".")]
        config: PathBuf,
        #[command(subcommand)]
        action: StateAction,
    },
    /// Show the files that people see as a folder of this machine, for a Samba that publishes it. [mount] says whom it acts for.
    Mount {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Where: an empty folder.
        #[arg(value_name = "DIR")]
        at: PathBuf,
    },
    /// Run the helper that acts as the owners of files, for act_as = "owner". Root starts it; it keeps next to nothing of
    /// root's powers.
    Hands(HandsArguments),
    /// Draw a small picture of the file on standard input. The gateway calls itself so, for one picture at a time.
    #[command(hide = true)]
    Draw {
        /// What the file is: jpeg, png, gif, webp, pdf.
        kind: String,
        /// The longer side of the picture, in pixels.
        size: u32,
    },
    /// Version, commit and features.
    Version,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MailAction {
    /// Write mailboxes to a file or folder, which has its name only when it is whole.
    Export(ExportArguments),
    /// Put messages of a file or folder into mailboxes; what is there already is left alone. Exit 1 if any was refused.
    Import(ImportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The folder of passerelle.toml.
    #[arg(long)]
    pub(crate) config: PathBuf,
    /// Whose mail: login@domain.
    #[arg(long, value_name = "LOGIN@DOMAIN")]
    pub(crate) user: String,
    /// One mailbox; left out, all of them, into a folder.
    #[arg(long, value_name = "NAME")]
    pub(crate) mailbox: Option<String>,
    /// mbox (mboxrd, one file a mailbox), or eml (one file a message, in a folder, with an index of flags and dates).
    #[arg(long, value_enum, default_value_t = Format::Mbox)]
    pub(crate) format: Format,
    /// The file or folder, which must not be there; - is standard output, for one mailbox as mbox.
    pub(crate) out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Mbox,
    Eml,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The folder of passerelle.toml.
    #[arg(long)]
    pub(crate) config: PathBuf,
    /// Whose mail: login@domain.
    #[arg(long, value_name = "LOGIN@DOMAIN")]
    pub(crate) user: String,
    /// The mailbox, made if it is missing; for a folder, the one above all of its own. Left out, INBOX, or the folder's names.
    #[arg(long, value_name = "NAME")]
    pub(crate) mailbox: Option<String>,
    /// How the mbox keeps lines apart that begin with "From ": rd (any number of > before it), o (one), none.
    #[arg(long, value_name = "rd|o|none", default_value = "rd", value_parser = quoting)]
    pub(crate) quoting: Quoting,
    /// An mbox, a NAME.eml, or a folder of NAME.mbox and NAME.eml as an export makes it.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExchangeAction {
    /// Write a collection to a file, which has its name only when it is whole. Exit 1 if anything in it could not be read.
    Export {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Whose it is: login@domain.
        #[arg(long, value_name = "LOGIN@DOMAIN")]
        user: String,
        /// Its name in addresses.
        #[arg(long)]
        name: String,
        /// icalendar for a calendar; vcard, google or outlook (tables) for an address book. Left out, the first.
        #[arg(long, default_value = "")]
        format: String,
        /// The file, which must not be there; - is standard output.
        out: PathBuf,
    },
    /// Put what a file holds into a collection that is there; what is there already is known by its UID. Exit 1 if anything failed.
    Import {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Whose it is: login@domain.
        #[arg(long, value_name = "LOGIN@DOMAIN")]
        user: String,
        /// Its name in addresses.
        #[arg(long)]
        name: String,
        /// What is done with what is there already.
        #[arg(long, value_name = "skip|replace|both", default_value = "skip", value_parser = duplicates)]
        duplicates: Duplicates,
        /// Only tell what would be, and what is wrong, line by line.
        #[arg(long)]
        dry_run: bool,
        /// iCalendar or vCalendar; vCard, LDIF or a table of Thunderbird's, Outlook's or Google's.
        file: PathBuf,
    },
}

fn duplicates(word: &str) -> Result<Duplicates, String> {
    Duplicates::parse(word).ok_or_else(|| "write skip, replace or both".to_owned())
}

fn quoting(word: &str) -> Result<Quoting, String> {
    match word {
        "rd" => Ok(Quoting::Rd),
        "o" => Ok(Quoting::O),
        "none" => Ok(Quoting::Nothing),
        _ => Err("write rd, o or none".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct HandsArguments {
    /// The socket to listen at.
    #[arg(long)]
    pub(crate) socket: PathBuf,
    /// The account that the gateway runs as, a name or a number: nobody else but root may connect.
    #[arg(long, value_name = "UID|NAME")]
    pub(crate) serve: String,
    /// A folder below which it acts, from the root on; may be repeated.
    #[arg(long, required = true, value_name = "DIR")]
    pub(crate) below: Vec<PathBuf>,
    /// The lowest uidNumber that it acts for.
    #[arg(long, default_value_t = 1000, value_name = "UID")]
    pub(crate) lowest_uid: u32,
    /// The lowest gidNumber that it acts with.
    #[arg(long, default_value_t = 100, value_name = "GID")]
    pub(crate) lowest_gid: u32,
    /// Make a missing home right in one of the folders, for create = true.
    #[arg(long)]
    pub(crate) create: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InstitutionAction {
    /// Make a new institution from a template. A gateway that runs takes it up by itself.
    New(NewInstitution),
}

#[derive(Debug, Args)]
pub(crate) struct NewInstitution {
    /// The folder of passerelle.toml.
    #[arg(long)]
    pub(crate) config: PathBuf,
    /// The name of a file of templates/, which the institution then stands on; or a file, whose text becomes its own.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) template: String,
    /// A host name it is reached by; may be repeated, the first is {host}.
    #[arg(long, required = true)]
    pub(crate) host: Vec<String>,
    /// A mail domain of its logins; may be repeated, the first is {domain}.
    #[arg(long, required = true)]
    pub(crate) domain: Vec<String>,
    /// What it is called, by language: en=Example University; may be repeated. Left out, its id.
    #[arg(long, value_name = "LANGUAGE=NAME")]
    pub(crate) name: Vec<String>,
    /// Its id: small letters, digits and hyphens.
    pub(crate) id: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StateAction {
    /// Write everything to one file.
    Backup {
        /// The file; it must not be there yet.
        file: PathBuf,
    },
    /// Drop the grants and links of a space that is not in the settings any more.
    Forget {
        /// The institution whose space it was.
        institution: String,
        /// The space, as it was called in the settings.
        space: String,
    },
    /// Replace everything by a backup. Every session and link of before ends.
    Restore {
        /// The file.
        file: PathBuf,
    },
}

/// `passerelle version`
pub(crate) fn version() -> ExitCode {
    let commit = option_env!("PASSERELLE_COMMIT").unwrap_or("unknown");
    say(&format!(
        "passerelle {} (commit {commit}; surfaces: {}; adapters: {})",
        env!("CARGO_PKG_VERSION"),
        crate::registry::surface_names().join(" "),
        crate::registry::adapter_kinds().join(" "),
    ));
    ExitCode::SUCCESS
}

/// One line to standard output. Nobody listening is no failure of ours.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// One line to standard error.
pub(crate) fn complain(what: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{what}");
}
