//! Connections: listening, TLS with a certificate for each institution, the PROXY protocol, limits, drain; and HTTP. A
//! surface gets a stream or a request, and never a socket option.

mod client;
mod data_port;
mod drain;
pub mod http;
mod limits;
mod listener;
pub mod proxy_protocol;
mod surface;
mod tls;

pub use client::{ClientStream, Connection, Held};
pub use data_port::{DataPort, DataTls};
pub use drain::{Drain, DrainGuard, Drainer};
pub use limits::{AccountSlot, AccountSlots, Slot, Slots};
pub use listener::{Listener, Network, listen};
pub use surface::StreamSurface;
pub use tls::{CertificateFault, Certificates, Protocol};
