//! HTTP/1.1 and HTTP/2 (RFC 9110, 9112, 9113): connections become exchanges, and each exchange goes to the one surface
//! that serves its path.

mod body;
mod cookie;
mod exchange;
mod frames;
mod link;
mod media;
mod routes;
mod server;
mod websocket;

pub use body::{BodyError, RequestBody, ResponseBody, Unread, body_of, empty, read_whole, stream_of};
pub use cookie::{SentWith, cookie, cookie_for, frame_ancestors, own_page, session_cookies_for};
pub use exchange::{CookieWrites, Exchange, FRAME_COOKIE, SESSION_COOKIE, challenge};
pub use link::{link_cookie_for, link_path};
pub use media::{media_type, set_media_headers};
pub use routes::{Found, Route, Routes, Verb, get, post};
pub use server::{HttpServer, HttpSurface, Response};
pub use websocket::{Farewell, Heard, Socket, Upgrading};
