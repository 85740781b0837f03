//! The server's loop: connections, how many, how slow they may be, and how they end.
//!
//! hyper's own builder rather than axum's `serve`, which sets no timer: a client that never finishes its headers would be
//! waited for without end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::progress::Progress;
use crate::api::Peer;

/// The most connections at once.
const MAX_CONNECTIONS: usize = 20_000;
/// How long a client may take over its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long a client may let bytes for it lie.
const PROGRESS_WITHIN: Duration = Duration::from_secs(30);
/// How long answers under way may take once the gateway is closing.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);
/// The pause after an accept that failed for want of something (descriptors, memory).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_headers(64)
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    let builder = Arc::new(builder);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let connections = TaskTracker::new();

    loop {
        let accepted = tokio::select! {
            () = closing.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (tcp, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep_until(tokio::time::Instant::now() + ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Whoever is one too many is let go at once rather than kept waiting.
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        prepare(&tcp);
        let peer = Peer(address.ip().to_canonical());
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let router = router.clone();
            async move {
                let response = router.oneshot(request.map(Body::new)).await;
                Ok::<_, Infallible>(response.unwrap_or_else(|never| match never {}))
            }
        });
        let io = TokioIo::new(Box::pin(Progress::new(tcp, PROGRESS_WITHIN)));
        let connection = builder.serve_connection(io, service).into_owned();
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // A connection that broke is its client's matter.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_WITHIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections were cut before they were done");
    }
    connections.close();
}

fn prepare(tcp: &TcpStream) {
    // An event is small and somebody waits for it. A socket that takes no option works all the same.
    let _ = tcp.set_nodelay(true);
}
