//! Who is let in.

use rustls::{
    SupportedProtocolVersion,
    version::{TLS12, TLS13},
};
use tokio::{io::AsyncWriteExt as _, net::UnixStream};

use super::*;

type Versions<'a> = &'a [&'static SupportedProtocolVersion];

/// Whether a client with `identity` gets an answer. A refusal under TLS 1.3 reaches the client
/// only after its side of the handshake, so a call must tell.
async fn is_let_in(server: &Server, identity: Option<&Identity>, versions: Versions<'_>) -> bool {
    let client = Client { identity, versions, ..server.client() };
    let answer = match client.connect().await {
        Ok(channel) => health_of(channel, "plugin").await.ok(),
        Err(_) => None,
    };
    answer == Some(ServingStatus::Serving)
}

#[tokio::test]
async fn only_the_client_with_the_announced_certificate_and_its_key_is_let_in() {
    let server = Server::start();
    let other = Identity::new();
    let thief = server.identity.with_key_of(&other);
    let versions: [Versions<'_>; 2] = [&[&TLS12], &[&TLS13]];
    for versions in versions {
        assert!(is_let_in(&server, Some(&server.identity), versions).await, "{versions:?}");
        assert!(!is_let_in(&server, None, versions).await, "{versions:?}: no certificate");
        assert!(!is_let_in(&server, Some(&other), versions).await, "{versions:?}: another's");
        assert!(!is_let_in(&server, Some(&thief), versions).await, "{versions:?}: no key");
    }
    assert!(is_let_in(&server, Some(&server.identity), &[&TLS13]).await, "after the refusals");
    server.end().await;
}

#[tokio::test]
async fn a_certificate_is_good_in_its_time_only() {
    let versions: [Versions<'_>; 2] = [&[&TLS12], &[&TLS13]];
    for (years, good) in [(2020..2021, false), (2020..4000, true), (3000..4000, false)] {
        let server = Server::start_for(Identity::valid(years.clone()), Routes::default(), || {});
        for versions in versions {
            assert_eq!(is_let_in(&server, Some(&server.identity), versions).await, good, "{years:?}, {versions:?}");
        }
        server.end().await;
    }
}

#[tokio::test]
async fn plaintext_is_not_answered() {
    let server = Server::start();
    let client = Client { server: None, ..server.client() };
    if let Ok(channel) = client.connect().await {
        health_of(channel, "plugin").await.unwrap_err();
    }
    server.end().await;
}

#[tokio::test]
async fn clients_that_say_nothing_hold_up_no_other() {
    let server = Server::start();
    let mut silent = Vec::new();
    for _ in 0..8 {
        let mut stream = UnixStream::connect(&server.address).await.unwrap();
        stream.write_all(&[0x16]).await.unwrap();
        silent.push(stream);
    }
    let channel = tokio::time::timeout(Duration::from_secs(5), server.channel()).await.unwrap();
    assert_eq!(health_of(channel, "plugin").await.unwrap(), ServingStatus::Serving);
    drop(silent);
    server.end().await;
}
