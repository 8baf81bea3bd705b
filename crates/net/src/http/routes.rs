//! Tables of addresses. A surface dispatches its requests by one, and the tests attack each line of it.

use http::Method;

/// Whether an address shows something or takes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET, and HEAD with it.
    Get,
    /// POST.
    Post,
}

/// An address, and what stands behind it.
#[derive(Debug, Clone, Copy)]
pub struct Route<P> {
    verb: Verb,
    path: &'static str,
    page: P,
}

/// What is shown at a path. A segment in braces stands for any that is not empty, and one that begins with `{*` for all that
/// follows, whatever it is.
pub const fn get<P>(path: &'static str, page: P) -> Route<P> {
    Route { verb: Verb::Get, path, page }
}

/// What is taken at a path, as [`get`] reads it.
pub const fn post<P>(path: &'static str, page: P) -> Route<P> {
    Route { verb: Verb::Post, path, page }
}

/// The addresses of a surface.
#[derive(Debug, Clone, Copy)]
pub struct Routes<P: 'static>(pub &'static [Route<P>]);

/// What a request leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<P> {
    /// To this.
    Page(P),
    /// The address is one, but not for this method.
    OtherMethod,
    /// There is no such address.
    Nowhere,
}

impl<P: Copy> Routes<P> {
    /// Looks an address up.
    pub fn find(&self, method: &Method, path: &str) -> Found<P> {
        let verb = match *method {
            Method::GET | Method::HEAD => Some(Verb::Get),
            Method::POST => Some(Verb::Post),
            _ => None,
        };
        let mut here = self.0.iter().filter(|route| is_at(route.path, path)).peekable();
        if here.peek().is_none() {
            return Found::Nowhere;
        }
        here.find(|route| Some(route.verb) == verb).map_or(Found::OtherMethod, |route| Found::Page(route.page))
    }

    /// Each as `GET /path`, for the tests.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|route| {
            let verb = if route.verb == Verb::Get { "GET" } else { "POST" };
            format!("{verb} {}", route.path)
        })
    }
}

fn is_at(pattern: &str, path: &str) -> bool {
    if !pattern.contains('{') {
        return pattern == path;
    }
    let (mut wanted, mut there) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), there.next()) {
            (None, None) => return true,
            (Some(wanted), Some(_)) if wanted.starts_with("{*") => return true,
            (Some(wanted), Some(there)) if wanted == there || (wanted.starts_with('{') && !there.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: Routes<u8> = Routes(&[
        get("/", 1),
        get("/login", 2),
        post("/login", 3),
        post("/upload", 4),
        get("/s/{token}", 5),
        post("/s/{token}/upload", 6),
        get("/d/{*rest}", 7),
    ]);

    #[test]
    fn addresses_and_methods() {
        for (method, path, expected) in [
            (Method::GET, "/", Found::Page(1)),
            (Method::HEAD, "/login", Found::Page(2)),
            (Method::POST, "/login", Found::Page(3)),
            (Method::GET, "/upload", Found::OtherMethod),
            (Method::DELETE, "/", Found::OtherMethod),
            (Method::GET, "/s/abc", Found::Page(5)),
            (Method::POST, "/s/abc/upload", Found::Page(6)),
            (Method::GET, "/s/abc/upload", Found::OtherMethod),
            (Method::GET, "/s/", Found::Nowhere),
            (Method::GET, "/s/abc/", Found::Nowhere),
            (Method::GET, "/s/abc/x", Found::Nowhere),
            (Method::GET, "/d/", Found::Page(7)),
            (Method::GET, "/d/a/b/", Found::Page(7)),
            (Method::GET, "/d", Found::Nowhere),
            (Method::GET, "/nowhere", Found::Nowhere),
            (Method::GET, "", Found::Nowhere),
        ] {
            assert_eq!(ROUTES.find(&method, path), expected, "{method} {path}");
        }
        assert_eq!(ROUTES.names().last().as_deref(), Some("GET /d/{*rest}"));
    }
}
