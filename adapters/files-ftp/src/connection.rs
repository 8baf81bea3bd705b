//! A connection: reached, under TLS, signed on, and known for what the server can.

use crate::{fault::Refusal, settings::Settings};
use passerelle_model::Secret;
use suppaftp::{
    Mode,
    tokio::{AsyncRustlsConnector, AsyncRustlsFtpStream},
    types::FileType,
};

/// Who signs on.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) user: String,
    pub(crate) password: Secret,
}

/// How far a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Server,
    Tls,
    Login,
    Features,
}

impl Step {
    pub(crate) const fn doing(self) -> &'static str {
        match self {
            Self::Server => "reaching the file server",
            Self::Tls => "securing the connection to the file server",
            Self::Login => "signing on at the file server",
            Self::Features => "asking what the file server can",
        }
    }
}

/// A signed-on connection.
pub(crate) struct Connection {
    pub(crate) ftp: AsyncRustlsFtpStream,
    /// Whether it takes a time of change (draft-somers-ftp-mfxx §3).
    pub(crate) mfmt: bool,
}

impl Connection {
    pub(crate) async fn open(settings: &Settings, who: &Identity) -> Result<Self, (Step, Refusal)> {
        let at = |step: Step| move |error: suppaftp::FtpError| (step, Refusal::from(error));
        let address = (settings.host.as_str(), settings.port);
        let mut ftp = AsyncRustlsFtpStream::connect(address).await.map_err(at(Step::Server))?;
        if let Some(tls) = &settings.tls {
            let tls = AsyncRustlsConnector::from(tls.clone());
            ftp = ftp.into_secure(tls, &settings.host).await.map_err(at(Step::Tls))?;
        }
        // What is no text is never sent as an empty one: a lax server would take that. 530 is what it would say (RFC 959 §4.2).
        let words = || "a password that is no UTF-8 cannot be sent".to_owned();
        let password = who.password.expose_str();
        let password = password.ok_or_else(|| (Step::Login, Refusal::Reply { code: 530, words: words() }))?;
        ftp.login(who.user.as_str(), password).await.map_err(at(Step::Login))?;
        ftp.transfer_type(FileType::Binary).await.map_err(at(Step::Features))?;
        let features = ftp.feat().await.map_err(at(Step::Features))?;
        let has = |name: &str| features.keys().any(|feature| feature.eq_ignore_ascii_case(name));
        if !has("MLST") {
            let words = "the server does not know MLST and MLSD (RFC 3659)".to_owned();
            return Err((Step::Features, Refusal::Broken(words)));
        }
        // RFC 2428: the address is that of the connection that there is, whatever the server takes for its own.
        if has("EPSV") {
            ftp.set_mode(Mode::ExtendedPassive);
        }
        ftp.set_passive_nat_workaround(true);
        Ok(Self { mfmt: has("MFMT"), ftp })
    }
}
