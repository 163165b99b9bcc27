//! What go-plugin calls beside the provider.

use tokio::time::timeout;
use tokio_stream::{StreamExt as _, pending};
use tonic::Code;

use super::{
    super::generated::{Empty, grpc_broker_client::GrpcBrokerClient, grpc_stdio_client::GrpcStdioClient},
    *,
};

/// Long enough for an answer that must not come.
const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn health_is_known_of_the_plugin_and_of_the_whole() {
    let server = Server::start();
    let channel = server.channel().await;
    assert_eq!(health_of(channel.clone(), "plugin").await.unwrap(), ServingStatus::Serving);
    assert_eq!(health_of(channel.clone(), "").await.unwrap(), ServingStatus::Serving);
    let unknown = health_of(channel, "other").await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    server.end().await;
}

#[tokio::test]
async fn who_watches_the_health_sees_the_end() {
    let server = Server::start();
    let mut client = HealthClient::new(server.channel().await);
    let request = |name: &str| HealthCheckRequest { service: name.into() };
    let mut known = client.watch(request("plugin")).await.unwrap().into_inner();
    let mut unknown = client.watch(request("other")).await.unwrap().into_inner();
    let first = known.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
    let first = unknown.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::ServiceUnknown);
    timeout(SHORT, known.message()).await.unwrap_err();
    server.end().await;
    let last = known.message().await.unwrap().unwrap();
    assert_eq!(last.status(), ServingStatus::NotServing);
    assert!(known.message().await.unwrap().is_none());
    assert!(unknown.message().await.unwrap().is_none());
}

#[tokio::test]
async fn the_streams_stay_open_and_silent_until_the_end() {
    let server = Server::start();
    let channel = server.channel().await;
    let mut stdio = GrpcStdioClient::new(channel.clone());
    let mut stdio = stdio.stream_stdio(Empty {}).await.unwrap().into_inner();
    let mut broker = GrpcBrokerClient::new(channel);
    let mut broker = broker.start_stream(pending()).await.unwrap().into_inner();
    timeout(SHORT, stdio.message()).await.unwrap_err();
    timeout(SHORT, broker.message()).await.unwrap_err();
    server.end().await;
    assert!(stdio.message().await.unwrap().is_none());
    assert!(broker.message().await.unwrap().is_none());
}

#[tokio::test]
async fn the_broker_reads_what_it_is_told_and_ends_with_the_client() {
    let server = Server::start();
    let mut client = GrpcBrokerClient::new(server.channel().await);
    let announcements = tokio_stream::iter(vec![Default::default(); 1000]);
    let answers = client.start_stream(announcements).await.unwrap().into_inner();
    let answers: Vec<_> = timeout(LONG, answers.collect()).await.unwrap();
    assert!(answers.is_empty(), "{answers:?}");
    server.end().await;
}

#[tokio::test]
async fn an_unknown_service_is_refused_as_grpc_has_it() {
    let server = Server::start();
    let mut client = tonic::client::Grpc::new(server.channel().await);
    client.ready().await.unwrap();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/other.Service/Call");
    let codec = tonic_prost::ProstCodec::<Empty, Empty>::default();
    let refusal = client.unary(tonic::Request::new(Empty {}), path, codec).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Unimplemented);
    server.end().await;
}
