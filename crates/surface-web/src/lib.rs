//! The pages: sign-in with the institution's face, and a home that works without script. Everything is rendered here;
//! downloads go through `/dav/`.

mod admin;
mod app_passwords;
mod branding;
mod colour;
mod face;
mod form;
mod framed;
mod home;
mod listing;
mod respond;
mod routes;
mod sign_in;
mod upload;
mod words;

use face::Face;
use http::StatusCode;
use passerelle_core::{Door, Errand, Error, Result, Session};
use passerelle_net::http::{CookieWrites, Exchange, HttpSurface, Response};
use routes::{Found, Page};
use std::{future::Future, pin::Pin, sync::Arc};

pub use routes::{ROUTES, Route, Verb};

const NAME: &str = "web";

/// The pages. Serves every path that no other surface does, so it comes last in the registry.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(Web { door })
}

struct Web {
    door: Door,
}

impl HttpSurface for Web {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, _path: &str) -> bool {
        true
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(async move {
            let secure = exchange.secure;
            let institution = self.door.institution_at(exchange.host());
            let portals = institution.as_ref().map_or(&[][..], |it| it.portals.as_slice());
            respond::with_headers(self.route(exchange).await, secure, portals)
        })
    }
}

impl Web {
    async fn route(&self, exchange: Exchange) -> Response {
        let Some(face) = Face::of(&self.door, &exchange) else {
            return respond::plain(StatusCode::MISDIRECTED_REQUEST, "no institution is served at this host");
        };
        let page = match routes::find(exchange.method(), exchange.uri().path()) {
            Found::Page(page) => page,
            Found::OtherMethod => {
                return respond::plain(StatusCode::METHOD_NOT_ALLOWED, "this address does not do that");
            }
            Found::Nowhere => return respond::missing(&face),
        };
        match page {
            Page::Home => self.home(exchange, &face).await,
            Page::Admin => self.admin(exchange, &face).await,
            Page::ChangeSettings => self.with_session(exchange, &face, Change::Settings).await,
            Page::ChangeImage => self.with_session(exchange, &face, Change::Image).await,
            Page::UndoSettings => self.with_session(exchange, &face, Change::Undo).await,
            Page::SignIn if framed::is_foreseen(&face, &exchange) => framed::page(&face, &exchange),
            Page::SignIn => respond::marked(sign_in::page(&self.door, &face, &exchange), respond::KeepsOpener),
            Page::SigningIn => sign_in::sign_in(&self.door, exchange, &face).await,
            Page::SigningOut => self.with_session(exchange, &face, Change::SignOut).await,
            Page::Upload => self.with_session(exchange, &face, Change::Upload).await,
            Page::MakeAppPassword => self.with_session(exchange, &face, Change::MakeAppPassword).await,
            Page::RemoveAppPasswords => self.with_session(exchange, &face, Change::RemoveAppPasswords).await,
            Page::RemoveAppPassword => self.with_session(exchange, &face, Change::RemoveAppPassword).await,
            Page::BrandingCss => branding::css(&face, &exchange),
            Page::BrandingJson => branding::json(&face, &exchange),
            Page::BrandingLogo => branding::logo(&face, &exchange),
            Page::BrandingFavicon => branding::favicon(&face, &exchange),
            Page::BrandingInitial => branding::initial(&face, &exchange),
            Page::SiteCss => branding::site_css(&exchange),
            Page::Framed | Page::FramedWindow | Page::EnteringFrame if face.institution.portals.is_empty() => {
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
        }
    }

    async fn home(&self, exchange: Exchange, face: &Face) -> Response {
        match self.session(&exchange).await {
            Ok(session) => match home::page(&session, face, exchange.uri().query(), home::Extra::default()).await {
                Ok(page) => page,
                Err(error) => respond::failed(face, &exchange.id, &error),
            },
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

    async fn admin(&self, exchange: Exchange, face: &Face) -> Response {
        let shown = match self.session(&exchange).await {
            Ok(session) => admin::page(&self.door, &session, &exchange, face).await,
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
        let done = match change {
            Change::SignOut => sign_in::sign_out(&session, exchange, face).await,
            Change::Settings => admin::update(&session, exchange, face).await,
            Change::Image => admin::replace_image(&session, exchange, face).await,
            Change::Undo => admin::undo(&session, exchange, face).await,
            Change::Upload => upload::upload(&session, exchange, face).await,
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

/// What a form may ask for.
enum Change {
    Settings,
    Image,
    Undo,
    SignOut,
    Upload,
    MakeAppPassword,
    RemoveAppPassword,
    RemoveAppPasswords,
}
