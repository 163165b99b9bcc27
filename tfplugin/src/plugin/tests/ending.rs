//! How the plugin ends while calls are under way.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
    time::Instant,
};

use tokio::sync::Notify;
use tonic::{
    Code, Request, Response,
    body::Body,
    codegen::{Service, http, http::uri::PathAndQuery},
    server::NamedService,
};

use super::{
    super::generated::{Empty, grpc_controller_client::GrpcControllerClient},
    *,
};

/// A call that takes as long as the test wants, and then answers with [`ANSWER`].
#[derive(Clone, Default)]
struct Slow {
    started: Arc<Notify>,
    may_end: Arc<Notify>,
}

/// An answer that no part of the machinery gives.
const ANSWER: Code = Code::AlreadyExists;

impl NamedService for Slow {
    const NAME: &'static str = "test.Slow";
}

impl Service<http::Request<Body>> for Slow {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        let slow = self.clone();
        Box::pin(async move {
            slow.started.notify_one();
            slow.may_end.notified().await;
            Ok(Status::new(ANSWER, "").into_http())
        })
    }
}

impl Slow {
    /// Calls it, and returns once the call has arrived.
    async fn call_under_way(&self, channel: Channel) -> JoinHandle<Result<Response<Empty>, Status>> {
        let call = tokio::spawn(async move {
            let mut client = tonic::client::Grpc::new(channel);
            client.ready().await.unwrap();
            let codec = tonic_prost::ProstCodec::<Empty, Empty>::default();
            let path = PathAndQuery::from_static("/test.Slow/Call");
            client.unary(Request::new(Empty {}), path, codec).await
        });
        tokio::time::timeout(LONG, self.started.notified()).await.unwrap();
        call
    }
}

/// How a call ends.
async fn code_of(call: JoinHandle<Result<Response<Empty>, Status>>) -> Code {
    let answer = tokio::time::timeout(LONG, call).await.unwrap().unwrap();
    answer.unwrap_err().code()
}

/// As with a large `-parallelism`: StopProvider must not have to wait for the calls it cuts short.
#[tokio::test]
async fn a_call_is_heard_while_hundreds_are_under_way() {
    let slow = Slow::default();
    let server = Server::start_with(Routes::new(slow.clone()), || {});
    let channel = server.channel().await;
    let mut calls = Vec::new();
    for _ in 0..300 {
        calls.push(slow.call_under_way(channel.clone()).await);
    }
    let answer = tokio::time::timeout(LONG, health_of(channel, "plugin")).await.unwrap();
    assert_eq!(answer.unwrap(), ServingStatus::Serving);
    slow.may_end.notify_waiters();
    for call in calls {
        assert_eq!(code_of(call).await, ANSWER);
    }
    server.end().await;
}

#[tokio::test]
async fn shutdown_is_answered_and_ends_at_once_what_is_idle() {
    let stops = Arc::new(AtomicUsize::new(0));
    let counted = stops.clone();
    let server = Server::start_with(Routes::default(), move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let mut client = GrpcControllerClient::new(server.channel().await);
    let began = Instant::now();
    client.shutdown(Empty {}).await.unwrap();
    server.ended().await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(stops.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_hook_cuts_a_call_short_and_its_answer_still_arrives() {
    let slow = Slow::default();
    let may_end = slow.may_end.clone();
    let server = Server::start_with(Routes::new(slow.clone()), move || may_end.notify_one());
    let call = slow.call_under_way(server.channel().await).await;
    server.end().await;
    assert_eq!(code_of(call).await, ANSWER);
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_off_before_the_cli_kills() {
    let slow = Slow::default();
    let server = Server::start_with(Routes::new(slow.clone()), || {});
    let channel = server.channel().await;
    let _call = slow.call_under_way(channel.clone()).await;
    let began = Instant::now();
    GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
    server.ended().await;
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}: no moment to finish");
    assert!(took < Duration::from_secs(2), "{took:?}: the CLI kills after 2 s");
}

#[tokio::test]
async fn after_the_end_begins_nobody_new_is_served() {
    let slow = Slow::default();
    let server = Server::start_with(Routes::new(slow.clone()), || {});
    let call = slow.call_under_way(server.channel().await).await;
    server.stop.begin(Reason::Terminated);
    let late = tokio::time::timeout(Duration::from_millis(300), server.client().connect()).await;
    assert!(!matches!(late, Ok(Ok(_))), "a new client was let in");
    slow.may_end.notify_one();
    assert_eq!(code_of(call).await, ANSWER);
    server.ended().await;
}
