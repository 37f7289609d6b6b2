//! Connections: how many there may be, and how long each may take for what. Below TLS, so that a handshake has the same bounds.

mod answer;
mod descriptors;
mod pulse;
mod stream;

use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use axum_server::{Address, Server};
use hyper_util::rt::TokioTimer;
use metrics::counter;
use tokio::net::TcpStream;
use tower::Layer;

pub(crate) use self::answer::keep;
pub(crate) use self::descriptors::most_connections;
pub(crate) use self::pulse::Pulse;
use self::stream::Bounded;
use crate::places::Places;
use crate::proxies::Proxies;
use crate::quiet::Quiet;

/// The longest head of a request, in bytes: browsers send all cookies of the bridge with it.
const MAX_HEAD_BYTES: u32 = 64 * 1024;

/// How many requests one HTTP/2 connection may have under way.
const MAX_STREAMS: u32 = 32;

/// How many bytes of bodies a client may send on one HTTP/2 connection before somebody reads them. A body has at most 16 KiB.
const STREAM_WINDOW: u32 = 32 * 1024;
const CONNECTION_WINDOW: u32 = 128 * 1024;

/// Admits connections while there are places.
#[derive(Clone)]
pub(crate) struct Door {
    places: Arc<Places>,
    /// Their connections have clients of many addresses.
    proxies: Arc<Proxies>,
    refused: Arc<Quiet>,
}

impl Door {
    pub(crate) fn new(places: Arc<Places>, proxies: Arc<Proxies>) -> Self {
        Self { places, proxies, refused: Arc::default() }
    }

    fn admit<S>(&self, stream: TcpStream, service: S) -> io::Result<Admitted<S>> {
        let peer = stream.peer_addr()?.ip();
        let client = (!self.proxies.contain(peer)).then_some(peer);
        let place = self.places.take(client).map_err(|full| {
            counter!("bridge_connections_refused_total", "by" => full.label()).increment(1);
            if let Some(times) = self.refused.happened(Instant::now()) {
                let by = full.label();
                tracing::warn!(by, times, %peer, "connections are refused: there are too many");
            }
            io::Error::from(io::ErrorKind::ConnectionRefused)
        })?;
        let pulse = Pulse::new(Instant::now());
        let stream = Bounded::new(stream, Arc::clone(&pulse), Arc::clone(&self.places), place);
        Ok((stream, Extension(pulse).layer(service)))
    }
}

/// The requests of a connection carry its pulse.
type Admitted<S> = (Bounded<TcpStream>, AddExtension<S, Arc<Pulse>>);

impl<S> Accept<TcpStream, S> for Door {
    type Stream = Bounded<TcpStream>;
    type Service = AddExtension<S, Arc<Pulse>>;
    type Future = Ready<io::Result<Admitted<S>>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream, service))
    }
}

/// Bounds what one connection may keep in memory.
pub(crate) fn bound<A: Address, T>(server: &mut Server<A, T>) {
    let builder = server.http_builder();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(MAX_HEAD_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(STREAM_WINDOW as usize)
        .max_header_list_size(MAX_HEAD_BYTES);
}
