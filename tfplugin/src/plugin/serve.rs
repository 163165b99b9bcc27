//! Runs the plugin from its first word to its last: handshake, server, orderly end.
//!
//! It does not know what the provider's calls do; it only sees to it that they are reached, and
//! that they get a moment to finish.

use std::{
    convert::Infallible,
    io::{self, Write as _},
    process,
    time::Duration,
};

use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{service::Routes, transport::Server};

use super::{
    Environment, ServeError,
    broker::Broker,
    controller::Controller,
    generated::{
        grpc_broker_server::GrpcBrokerServer, grpc_controller_server::GrpcControllerServer,
        grpc_stdio_server::GrpcStdioServer, health::health_server::HealthServer,
    },
    handshake::{Handshake, is_plugin_start, negotiate},
    health::Health,
    reattach::Reattach,
    signals::{Interrupt, Signals},
    socket::{Connection, Listener},
    stdio::Stdio,
    stop::{Reason, Stop},
    tls::Tls,
};

/// A client that connects and then says nothing is dropped after this time.
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// As many clients may be in the midst of their TLS handshake; the CLI needs one.
const TLS_HANDSHAKES_MAX: usize = 16;

/// Rest after a failed accept, which for want of file descriptors would fail again at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// As many calls may be under way; further ones wait in the client. Far above any `-parallelism`,
/// lest StopProvider have to queue behind the very calls it is to cut short.
pub const CALLS_MAX: u32 = 4096;

/// What [`serve`] and [`debug`] need beside the provider's routes.
pub struct Serve {
    environment: Environment,
    on_stop: Box<dyn FnOnce() + Send>,
}

impl Serve {
    /// Serves as the CLI asks in `environment`.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self { environment, on_stop: Box::new(|| {}) }
    }

    /// Calls `hook` once when the end begins, whatever the cause, so that calls under way can cut
    /// their waits short. They have a second after the CLI's Shutdown, and five after a signal.
    #[must_use]
    pub fn on_stop(mut self, hook: impl FnOnce() + Send + 'static) -> Self {
        self.on_stop = Box::new(hook);
        self
    }
}

/// Serves `routes`, the provider's gRPC service, to the CLI that started this process, until that
/// calls Shutdown, a SIGTERM or SIGHUP arrives, or the CLI is gone.
///
/// When this returns the socket is removed; the process should end without waiting for tasks that
/// may still run.
///
/// # Errors
/// [`ServeError`] when this is no start by a CLI, when both cannot agree, or when the operating
/// system refuses what is needed. Nothing has been written to stdout then.
pub async fn serve(options: Serve, routes: Routes) -> Result<(), ServeError> {
    let environment = &options.environment;
    if !is_plugin_start(environment) {
        return Err(ServeError::NotAPlugin);
    }
    let protocol_version = negotiate(environment.protocol_versions.as_deref())?;
    let tls = Tls::from_environment(environment)?;
    let listener = Listener::bind(environment)?;
    let stop = Stop::default();
    let mut watchers = JoinSet::new();
    let signals = Signals::listen().map_err(ServeError::Signals)?;
    watchers.spawn(signals.obey(stop.clone(), Interrupt::Ignored));
    #[cfg(unix)]
    watchers.spawn(super::parent::watch(std::os::unix::process::parent_id(), stop.clone()));
    print_line(&Handshake {
        protocol_version,
        network: listener.network(),
        address: &listener.address()?,
        certificate: tls.as_ref().map(|tls| tls.certificate.as_ref()),
        multiplexing_named: environment.multiplexing_named,
    })?;
    let acceptor = tls.map(|tls| tls.acceptor);
    run(&listener, acceptor, routes, &stop, options.on_stop).await
}

/// Serves `routes` in plaintext until Ctrl-C, and prints on stdout the line by which a CLI in
/// another shell uses this very process as each of `providers` (`host/namespace/name`).
///
/// # Errors
/// [`ServeError`] when the operating system refuses what is needed.
pub async fn debug(options: Serve, providers: &[String], routes: Routes) -> Result<(), ServeError> {
    let listener = Listener::bind(&options.environment)?;
    let stop = Stop::default();
    let mut watchers = JoinSet::new();
    let signals = Signals::listen().map_err(ServeError::Signals)?;
    watchers.spawn(signals.obey(stop.clone(), Interrupt::Ends));
    print_line(&Reattach {
        providers,
        process_id: process::id(),
        network: listener.network(),
        address: &listener.address()?,
    })?;
    run(&listener, None, routes, &stop, options.on_stop).await
}

/// The only place that writes to stdout.
fn print_line(line: &impl std::fmt::Display) -> Result<(), ServeError> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(ServeError::Announce)
}

/// Serves what `listener` accepts until `stop`, then lets the calls under way finish within the
/// grace of the reason.
pub(super) async fn run(
    listener: &Listener,
    tls: Option<TlsAcceptor>,
    routes: Routes,
    stop: &Stop,
    on_stop: Box<dyn FnOnce() + Send>,
) -> Result<(), ServeError> {
    let (sender, connections) = mpsc::channel(1);
    let accepting = async {
        let reason = tokio::select! {
            reason = stop.begun() => reason,
            never = accept(listener, tls, sender) => match never {},
        };
        tracing::debug!(?reason, "the plugin ends");
        on_stop();
    };
    let serving = async {
        let served = Server::builder()
            .max_concurrent_streams(CALLS_MAX)
            .add_routes(with_plugin_services(routes, stop))
            .serve_with_incoming_shutdown(ReceiverStream::new(connections), async {
                stop.begun().await;
            });
        let served = tokio::select! {
            served = served => served.map_err(ServeError::Server),
            () = grace_is_over(stop) => Ok(()),
        };
        stop.begin(Reason::Failed);
        served
    };
    let (served, ()) = tokio::join!(serving, accepting);
    served
}

/// Adds what go-plugin demands of every plugin.
fn with_plugin_services(routes: Routes, stop: &Stop) -> Routes {
    routes
        .add_service(GrpcControllerServer::new(Controller(stop.clone())))
        .add_service(GrpcBrokerServer::new(Broker(stop.clone())))
        .add_service(GrpcStdioServer::new(Stdio(stop.clone())))
        .add_service(HealthServer::new(Health(stop.clone())))
}

async fn grace_is_over(stop: &Stop) {
    let reason = stop.begun().await;
    sleep(reason.grace()).await;
    tracing::warn!(?reason, "calls that were under way are cut off");
}

/// Accepts connections for ever. Each TLS handshake has a task of its own, so that one slow client
/// holds up no other.
async fn accept(
    listener: &Listener,
    tls: Option<TlsAcceptor>,
    connections: mpsc::Sender<Result<Connection, Infallible>>,
) -> Infallible {
    let mut handshakes = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if handshakes.len() < TLS_HANDSHAKES_MAX => match accepted {
                Ok(connection) => {
                    handshakes.spawn(admit(connection, tls.clone(), connections.clone()));
                }
                Err(cause) => {
                    tracing::warn!(%cause, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = handshakes.join_next() => {}
        }
    }
}

/// Hands a connection to the server once the client has shown who it is.
async fn admit(
    connection: Connection,
    tls: Option<TlsAcceptor>,
    connections: mpsc::Sender<Result<Connection, Infallible>>,
) {
    let admitted = match tls {
        None => connection,
        Some(acceptor) => match timeout(TLS_HANDSHAKE_TIMEOUT, acceptor.accept(connection)).await {
            Ok(Ok(stream)) => Connection::new(stream),
            Ok(Err(cause)) => {
                tracing::warn!(%cause, "a client was refused");
                return;
            }
            Err(_) => {
                tracing::warn!("a client was dropped, for it did not finish its TLS handshake");
                return;
            }
        },
    };
    // It fails when the server has ended, and then nobody is left to be served.
    let _ = connections.send(Ok(admitted)).await;
}
