//! The addresses of the pages and forms. Requests are dispatched by this table, and the tests attack each line of it.

use http::Method;

/// Whether an address shows something or takes a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET, and HEAD with it.
    Get,
    /// POST.
    Post,
}

/// An address.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// What is asked of it.
    pub verb: Verb,
    /// Its path. A segment in braces stands for any.
    pub path: &'static str,
    pub(crate) page: Page,
}

/// What stands behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Home,
    Admin,
    ChangeSettings,
    ChangeImage,
    UndoSettings,
    SignIn,
    SigningIn,
    SigningOut,
    Upload,
    Sharing,
    Share,
    Unshare,
    MakeLink,
    TakeLink,
    RemoveLink,
    SharedByMe,
    Link,
    LinkPassword,
    LinkUpload,
    LinkFeed,
    LinkPreview,
    Preview,
    Search,
    ExternalMail,
    AddExternalMail,
    RenewExternalMail,
    RemoveExternalMail,
    MakeAppPassword,
    RemoveAppPassword,
    RemoveAppPasswords,
    BrandingCss,
    BrandingJson,
    BrandingLogo,
    BrandingFavicon,
    BrandingInitial,
    SiteCss,
    Framed,
    FramedWindow,
    EnteringFrame,
    FramedScript,
}

/// All of them.
pub const ROUTES: &[Route] = &[
    get("/", Page::Home),
    get("/admin", Page::Admin),
    post("/admin", Page::ChangeSettings),
    post("/admin/image", Page::ChangeImage),
    post("/admin/undo", Page::UndoSettings),
    get("/login", Page::SignIn),
    post("/login", Page::SigningIn),
    post("/logout", Page::SigningOut),
    post("/upload", Page::Upload),
    get("/share", Page::Sharing),
    post("/share", Page::Share),
    post("/share/remove", Page::Unshare),
    post("/share/link", Page::MakeLink),
    post("/share/link/take", Page::TakeLink),
    post("/share/link/remove", Page::RemoveLink),
    get("/shared", Page::SharedByMe),
    get("/s/{token}", Page::Link),
    post("/s/{token}", Page::LinkPassword),
    post("/s/{token}/upload", Page::LinkUpload),
    get("/s/{token}/feed.xml", Page::LinkFeed),
    get("/s/{token}/preview", Page::LinkPreview),
    get("/preview", Page::Preview),
    get("/search", Page::Search),
    get("/external-mail", Page::ExternalMail),
    post("/external-mail", Page::AddExternalMail),
    post("/external-mail/password", Page::RenewExternalMail),
    post("/external-mail/remove", Page::RemoveExternalMail),
    post("/app-passwords", Page::MakeAppPassword),
    post("/app-passwords/remove", Page::RemoveAppPassword),
    post("/app-passwords/remove-all", Page::RemoveAppPasswords),
    get("/branding.css", Page::BrandingCss),
    get("/branding.json", Page::BrandingJson),
    get("/branding/logo", Page::BrandingLogo),
    get("/branding/favicon", Page::BrandingFavicon),
    get("/branding/initial.svg", Page::BrandingInitial),
    get("/assets/site.css", Page::SiteCss),
    get("/framed", Page::Framed),
    get("/framed/window", Page::FramedWindow),
    post("/framed/enter", Page::EnteringFrame),
    get("/assets/framed.js", Page::FramedScript),
];

const fn get(path: &'static str, page: Page) -> Route {
    Route { verb: Verb::Get, path, page }
}

const fn post(path: &'static str, page: Page) -> Route {
    Route { verb: Verb::Post, path, page }
}

/// What a request leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Page(Page),
    /// The address is one, but not for this method.
    OtherMethod,
    Nowhere,
}

/// Looks an address up.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let verb = match *method {
        Method::GET | Method::HEAD => Some(Verb::Get),
        Method::POST => Some(Verb::Post),
        _ => None,
    };
    let mut here = ROUTES.iter().filter(|route| is_at(route.path, path)).peekable();
    if here.peek().is_none() {
        return Found::Nowhere;
    }
    here.find(|route| Some(route.verb) == verb).map_or(Found::OtherMethod, |route| Found::Page(route.page))
}

fn is_at(pattern: &str, path: &str) -> bool {
    if !pattern.contains('{') {
        return pattern == path;
    }
    let (mut wanted, mut there) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), there.next()) {
            (None, None) => return true,
            (Some(wanted), Some(there)) if wanted == there || (wanted.starts_with('{') && !there.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_methods() {
        for (method, path, expected) in [
            (Method::GET, "/", Found::Page(Page::Home)),
            (Method::HEAD, "/login", Found::Page(Page::SignIn)),
            (Method::POST, "/login", Found::Page(Page::SigningIn)),
            (Method::GET, "/upload", Found::OtherMethod),
            (Method::DELETE, "/", Found::OtherMethod),
            (Method::GET, "/s/abc", Found::Page(Page::Link)),
            (Method::POST, "/s/abc/upload", Found::Page(Page::LinkUpload)),
            (Method::GET, "/s/abc/upload", Found::OtherMethod),
            (Method::GET, "/s/", Found::Nowhere),
            (Method::GET, "/s/abc/", Found::Nowhere),
            (Method::GET, "/s/abc/x", Found::Nowhere),
            (Method::GET, "/nowhere", Found::Nowhere),
            (Method::GET, "", Found::Nowhere),
        ] {
            assert_eq!(find(&method, path), expected, "{method} {path}");
        }
    }
}
