//! The pages: sign-in with the institution's face, a home that works without script, rendered here, and the office, a program
//! for browsers that speaks the public protocols and the small JSON of `/api/`. Downloads go through `/dav/`.

mod admin;
mod api;
mod app_passwords;
mod branding;
mod colour;
mod external_mail;
mod face;
mod form;
mod framed;
mod giving;
mod home;
mod link;
mod listing;
mod looks;
mod office;
mod preview;
mod respond;
mod routes;
mod search;
mod shared;
mod sharing;
mod sign_in;
mod upload;
mod words;

use api::Archives;
use face::Face;
use http::{Method, StatusCode};
use looks::Looks;
use passerelle_core::{CallRates, Door, Errand, Error, Look, Result, Session};
use passerelle_net::http::{CookieWrites, Exchange, Found, HttpSurface, Response};
use preview::Pictures;
use routes::{Page, ROUTES};
use search::Searches;
use std::{future::Future, pin::Pin, sync::Arc};

/// The addresses, for the tests that attack them.
pub fn addresses() -> impl Iterator<Item = String> {
    ROUTES.names()
}

const NAME: &str = "web";

/// The pages. Serves every path that no other surface does, so it comes last in the registry.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    let web = Web {
        door,
        pictures: Pictures::new(),
        searches: Searches::new(),
        archives: Archives::default(),
        rates: CallRates::default(),
    };
    Arc::new(Pages(Arc::new(web)))
}

struct Pages(Arc<Web>);

struct Web {
    door: Door,
    pictures: Pictures,
    searches: Searches,
    archives: Archives,
    /// Of administrators, in the console.
    rates: CallRates,
}

impl HttpSurface for Pages {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, _path: &str) -> bool {
        true
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        let web = Arc::clone(&self.0);
        if exchange.method() != Method::POST {
            return Box::pin(async move { web.answer(exchange).await });
        }
        // What was begun goes on when the browser goes away: a change is one thing with what follows from it and its line in
        // the trail.
        Box::pin(async move {
            let done = tokio::spawn(async move { web.answer(exchange).await }).await;
            done.unwrap_or_else(|_panicked| {
                respond::plain(StatusCode::INTERNAL_SERVER_ERROR, "a fault of this gateway")
            })
        })
    }
}

impl Web {
    async fn answer(&self, exchange: Exchange) -> Response {
        let secure = exchange.secure;
        let look = self.door.look_at(exchange.host());
        let portals = look.as_ref().map_or(&[][..], Look::portals);
        respond::with_headers(self.route(exchange).await, secure, portals)
    }

    async fn route(&self, exchange: Exchange) -> Response {
        let Some(face) = Face::of(&self.door, &exchange) else {
            return respond::plain(StatusCode::MISDIRECTED_REQUEST, "no institution is served at this host");
        };
        let page = match ROUTES.find(exchange.method(), exchange.uri().path()) {
            Found::Page(page) => page,
            Found::OtherMethod => {
                return respond::plain(StatusCode::METHOD_NOT_ALLOWED, "this address does not do that");
            }
            Found::Nowhere => return respond::missing(&face),
        };
        match page {
            Page::Office => self.home(exchange, &face, Home::Office).await,
            Page::Home => self.home(exchange, &face, Home::Plain).await,
            Page::Admin => self.shown(exchange, &face, Shown::Admin).await,
            Page::ChangeSettings => self.with_session(exchange, &face, Change::Settings).await,
            Page::ChangeImage => self.with_session(exchange, &face, Change::Image).await,
            Page::UndoSettings => self.with_session(exchange, &face, Change::Undo).await,
            Page::SignIn if framed::is_foreseen(&face, &exchange) => framed::page(&face, &exchange),
            Page::SignIn => respond::marked(sign_in::page(&self.door, &face, &exchange), respond::KeepsOpener),
            Page::SigningIn => sign_in::sign_in(&self.door, exchange, &face).await,
            Page::SigningOut => self.with_session(exchange, &face, Change::SignOut).await,
            Page::Upload => self.with_session(exchange, &face, Change::Upload).await,
            Page::Sharing => self.shown(exchange, &face, Shown::Sharing).await,
            Page::Share => self.with_session(exchange, &face, Change::Share).await,
            Page::Unshare => self.with_session(exchange, &face, Change::Unshare).await,
            Page::MakeLink => self.with_session(exchange, &face, Change::MakeLink).await,
            Page::TakeLink => self.with_session(exchange, &face, Change::TakeLink).await,
            Page::RemoveLink => self.with_session(exchange, &face, Change::RemoveLink).await,
            Page::SharedByMe => self.shown(exchange, &face, Shown::SharedByMe).await,
            Page::Link => link::page(&self.door, exchange, &face).await,
            Page::LinkPassword => link::enter(&self.door, exchange, &face).await,
            Page::LinkUpload => link::upload(&self.door, exchange, &face).await,
            Page::LinkFeed => link::feed(&self.door, exchange, &face).await,
            Page::LinkCalendar => link::calendar(&self.door, exchange, &face).await,
            Page::LinkPreview => preview::by_link(&self.pictures, &self.door, &exchange, &face).await,
            Page::Preview => match self.session(&exchange).await {
                Ok(session) => preview::own(&self.pictures, &session, &exchange, &face).await,
                Err(error) => respond::failed(&face, &exchange.id, &error),
            },
            Page::Search => self.shown(exchange, &face, Shown::Search).await,
            Page::ExternalMail => self.shown(exchange, &face, Shown::ExternalMail).await,
            Page::AddExternalMail => self.with_session(exchange, &face, Change::AddExternalMail).await,
            Page::RenewExternalMail => self.with_session(exchange, &face, Change::RenewExternalMail).await,
            Page::RemoveExternalMail => self.with_session(exchange, &face, Change::RemoveExternalMail).await,
            Page::MakeAppPassword => self.with_session(exchange, &face, Change::MakeAppPassword).await,
            Page::RemoveAppPasswords => self.with_session(exchange, &face, Change::RemoveAppPasswords).await,
            Page::RemoveAppPassword => self.with_session(exchange, &face, Change::RemoveAppPassword).await,
            Page::BrandingCss => self.branded(&exchange, &face, branding::css).await,
            Page::BrandingJson => self.branded(&exchange, &face, branding::json).await,
            Page::BrandingLogo => self.branded(&exchange, &face, branding::logo).await,
            Page::BrandingFavicon => self.branded(&exchange, &face, branding::favicon).await,
            Page::BrandingInitial => self.branded(&exchange, &face, branding::initial).await,
            Page::SiteCss => branding::site_css(&exchange),
            Page::Framed | Page::FramedWindow | Page::EnteringFrame if face.look.portals().is_empty() => {
                respond::missing(&face)
            }
            Page::Framed => match self.session(&exchange).await {
                Ok(_) => framed::on(&exchange),
                Err(_) => framed::page(&face, &exchange),
            },
            Page::FramedWindow => match self.session(&exchange).await {
                Ok(session) => framed::window(&session, &face, &exchange.id),
                Err(_) => framed::to_sign_in(&self.door, exchange.host()),
            },
            Page::EnteringFrame => framed::enter(&self.door, exchange, &face).await,
            Page::FramedScript => framed::script(),
            Page::Api(operation) => api::answer(self, exchange, &face, operation).await,
            Page::OfficeFile => office::asset(&exchange),
            Page::OfficeWorker => office::worker(),
            Page::OfficeManifest => self.branded(&exchange, &face, office::manifest).await,
            Page::MessageFrame => office::message_frame(),
        }
    }

    /// What shows a look: that of the institution that is named, else of the person who has signed on, else the host's.
    async fn branded(&self, exchange: &Exchange, face: &Face, show: fn(&Face, &Exchange) -> Response) -> Response {
        let named = exchange.uri().query().and_then(|query| query.strip_prefix(face::OF)?.strip_prefix('='));
        if let Some(id) = named.and_then(|named| named.split('.').next()) {
            return match self.door.look_of(exchange.host(), id) {
                Some(look) => show(&face.with(look), exchange),
                None => respond::missing(face),
            };
        }
        let own = self.session(exchange).await.and_then(|session| face.of_session(&session));
        match own {
            Ok(own) => respond::for_this_browser(show(&own, exchange)),
            // Whoever is nobody yet, or cannot be looked up now, sees the host's.
            Err(_) => show(face, exchange),
        }
    }

    async fn home(&self, exchange: Exchange, face: &Face, home: Home) -> Response {
        match self.session(&exchange).await {
            Ok(session) => {
                let own = face.of_session(&session).unwrap_or_else(|_| face.clone());
                if home == Home::Office {
                    let looks = Looks::of(&session, &exchange.id).await;
                    // What was chosen in this browser counts before what was chosen in another.
                    let own = if own.is_chosen { own } else { looks.on(own) };
                    return office::page(&own, face.look.portals(), &looks);
                }
                match home::page(&session, &own, exchange.uri().query(), home::Extra::default()).await {
                    Ok(page) => page,
                    Err(error) => respond::failed(&own, &exchange.id, &error),
                }
            }
            Err(Error::Unauthenticated) if framed::is_foreseen(face, &exchange) => {
                respond::see_other(&framed::address(&self.door, &exchange))
            }
            // Whoever is nobody yet is asked to sign in, and comes back here.
            Err(Error::Unauthenticated) => {
                respond::see_other(&sign_in::address(&self.door, exchange.host(), exchange.uri()))
            }
            Err(error) => respond::failed(face, &exchange.id, &error),
        }
    }

    async fn shown(&self, exchange: Exchange, face: &Face, what: Shown) -> Response {
        let shown = match self.session(&exchange).await {
            Ok(session) => {
                let own = face.of_session(&session).unwrap_or_else(|_| face.clone());
                match what {
                    Shown::Admin => admin::page(&self.door, &session, &exchange, &own).await,
                    Shown::Sharing => sharing::page(&session, &exchange, &own).await,
                    Shown::SharedByMe => shared::page(&session, &own).await,
                    Shown::Search => search::page(&self.searches, &session, &exchange, &own).await,
                    Shown::ExternalMail => external_mail::page(&session, &own).await,
                }
            }
            Err(Error::Unauthenticated) => {
                Ok(respond::see_other(&sign_in::address(&self.door, exchange.host(), exchange.uri())))
            }
            Err(error) => Err(error),
        };
        shown.unwrap_or_else(|error| respond::failed(face, &exchange.id, &error))
    }

    async fn with_session(&self, exchange: Exchange, face: &Face, change: Change) -> Response {
        let id = Arc::clone(&exchange.id);
        let session = match self.session(&exchange).await {
            Ok(session) => session,
            Err(Error::Unauthenticated) => return respond::see_other("/login"),
            Err(error) => return respond::failed(face, &id, &error),
        };
        let face = &face.of_session(&session).unwrap_or_else(|_| face.clone());
        let done = match change {
            Change::SignOut => sign_in::sign_out(&session, exchange, face).await,
            Change::Settings => admin::update(&session, exchange, face).await,
            Change::Image => admin::replace_image(&session, exchange, face).await,
            Change::Undo => admin::undo(&session, exchange, face).await,
            Change::Upload => upload::upload(&session, exchange, face).await,
            Change::Share => sharing::share(&session, exchange, face).await,
            Change::Unshare => sharing::unshare(&session, exchange, face).await,
            Change::MakeLink => sharing::make_link(&session, exchange, face).await,
            Change::TakeLink => sharing::take_link(&session, exchange, face).await,
            Change::RemoveLink => sharing::remove_link(&session, exchange, face).await,
            Change::AddExternalMail => external_mail::add(&session, exchange, face).await,
            Change::RenewExternalMail => external_mail::renew(&session, exchange, face).await,
            Change::RemoveExternalMail => external_mail::remove(&session, exchange).await,
            Change::MakeAppPassword => app_passwords::make(&session, exchange, face).await,
            Change::RemoveAppPasswords => app_passwords::remove_all(&session, exchange).await,
            Change::RemoveAppPassword => app_passwords::remove(&session, exchange).await,
        };
        done.unwrap_or_else(|error| respond::failed(face, &id, &error))
    }

    /// Only the cookie signs the pages: a password in a header is for programs.
    async fn session(&self, exchange: &Exchange) -> Result<Session> {
        if exchange.headers().contains_key(http::header::AUTHORIZATION) {
            return Err(Error::Unauthenticated);
        }
        exchange.session(&self.door, Errand::Web, CookieWrites::FormToken).await
    }
}

/// The two homes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Office,
    /// Without script.
    Plain,
}

/// What a person who has signed in is shown.
enum Shown {
    Admin,
    Sharing,
    SharedByMe,
    Search,
    ExternalMail,
}

/// What a form may ask for.
enum Change {
    Settings,
    Image,
    Undo,
    SignOut,
    Upload,
    Share,
    Unshare,
    MakeLink,
    TakeLink,
    RemoveLink,
    AddExternalMail,
    RenewExternalMail,
    RemoveExternalMail,
    MakeAppPassword,
    RemoveAppPassword,
    RemoveAppPasswords,
}
