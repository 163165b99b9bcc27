use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::aws::testing::settings;
use crate::aws::{Aws, Explain, Subject};
use tfplugin::Stop;

/// The requests that a server or proxy of a test received.
#[derive(Default)]
struct Heard {
    connections: AtomicUsize,
    heads: Mutex<Vec<String>>,
}

impl Heard {
    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Starts a local server that answers each request with an empty list of detectors. As a proxy, it does so for every
/// host.
fn server() -> (u16, Arc<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, heard) = (listener.local_addr().unwrap().port(), Arc::new(Heard::default()));
    let shared = heard.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            shared.connections.fetch_add(1, Ordering::Relaxed);
            let heard = shared.clone();
            thread::spawn(move || serve(stream, &heard));
        }
    });
    (port, heard)
}

fn serve(mut stream: TcpStream, heard: &Heard) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(bytes) = line.to_lowercase().strip_prefix("content-length:") {
                length = bytes.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        let is_tunnel = head.starts_with("CONNECT");
        heard.heads.lock().unwrap().push(head);
        let answer: &[u8] = if is_tunnel {
            b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
        } else {
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
        };
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

async fn aws(transport: Transport, endpoint: Option<&str>, retries: u32) -> Aws {
    let mut settings = settings();
    settings.transport = transport;
    settings.max_retries = Some(retries);
    if let Some(endpoint) = endpoint {
        settings.endpoints = [("guardduty".to_owned(), endpoint.to_owned())].into();
    }
    Aws::new(settings, Stop::default()).await.unwrap()
}

/// Calls ListDetectors and returns the message if it fails.
async fn list(aws: &Aws) -> Result<(), String> {
    let listed = aws.guardduty("eu-central-1").list_detectors().send().await;
    let listed = listed.or_fail("look for", &Subject::new("detectors", "eu-central-1"));
    listed.map(drop).map_err(|failure| failure.to_string())
}

#[tokio::test]
async fn calls_go_through_the_proxy_but_for_hosts_that_are_excepted() {
    let (port, heard) = server();
    let proxy = Some(format!("http://ann:pAsSwOrD@127.0.0.1:{port}"));
    let through = Transport { http_proxy: proxy.clone(), ..Transport::default() };
    list(&aws(through.clone(), Some("http://guardduty.test:8080"), 0).await).await.unwrap();
    let head = heard.heads().remove(0);
    assert!(head.starts_with("GET http://guardduty.test:8080/detector HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic yw5uonbbc1n3t3je"), "{head}");

    let (other, direct) = server();
    list(&aws(through.clone(), Some(&format!("http://127.0.0.1:{other}")), 0).await).await.unwrap();
    assert_eq!((direct.heads().len(), heard.heads().len()), (1, 1), "this machine needs no proxy");

    let except = Transport { no_proxy: Some("aws.test, guardduty.test".to_owned()), ..through.clone() };
    let text = list(&aws(except, Some("http://guardduty.test:8080"), 0).await).await.unwrap_err();
    assert_eq!(heard.heads().len(), 1, "an excepted host needs none: {text}");

    // Without `https_proxy`, that for http serves both.
    let text = list(&aws(through.clone(), None, 0).await).await.unwrap_err();
    let head = heard.heads().remove(1);
    assert!(head.starts_with("CONNECT guardduty.eu-central-1.amazonaws.com:443 HTTP/1.1"), "{head}");
    assert!(text.contains(&format!("(proxy: http://127.0.0.1:{port})")), "{text}");
    assert!(text.contains("Check `http_proxy`, `https_proxy` and `no_proxy`"), "{text}");
    assert!(!text.contains("pAsSwOrD"), "{text}");

    let (secure, tunnels) = server();
    let both = Transport { https_proxy: Some(format!("http://127.0.0.1:{secure}")), ..through };
    list(&aws(both, None, 0).await).await.unwrap_err();
    assert_eq!((tunnels.heads().len(), heard.heads().len()), (1, 2), "https has a proxy of its own");
}

#[test]
fn proxies_come_from_the_block_or_the_environment() {
    let shown = |block: Transport, variables: &[(&str, &str)]| {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        let proxies = block.proxies(&|name| variables.get(name).map(|value| (*value).to_owned())).unwrap();
        format!("{:?} {:?}", proxies.http, proxies.https)
    };
    let block = |http: &str| Transport { http_proxy: Some(http.to_owned()), ..Transport::default() };
    assert_eq!(shown(Transport::default(), &[]), "None None");
    assert_eq!(shown(block("http://a:1"), &[]), "Some(http://a:1) Some(http://a:1)");
    assert_eq!(shown(block("http://a:1"), &[("https_proxy", "b:2")]), "Some(http://a:1) Some(http://b:2)");
    assert_eq!(shown(Transport::default(), &[("HTTP_PROXY", "http://me:pw@a:1/")]), "Some(http://a:1) None");
    let none = Transport { https_proxy: Some(String::new()), ..block("http://a:1") };
    assert_eq!(shown(none, &[("HTTPS_PROXY", "http://b:2")]), "Some(http://a:1) None");
    let failure = Transport::default().proxies(&|name| (name == "HTTPS_PROXY").then(|| "ftp://me:pw@x".to_owned()));
    let failure = failure.unwrap_err().to_string();
    assert!(failure.contains("HTTPS_PROXY: It must be a URL such as") && !failure.contains("pw"), "{failure}");
}

#[tokio::test]
async fn one_connection_serves_all_clients() {
    let (port, heard) = server();
    let mut settings = settings();
    let endpoint = format!("http://127.0.0.1:{port}");
    settings.endpoints = ["guardduty", "ecs"].map(|name| (name.to_owned(), endpoint.clone())).into();
    let aws = Aws::new(settings, Stop::default()).await.unwrap();
    assert_eq!(heard.connections.load(Ordering::Relaxed), 0, "nothing is opened in advance");
    for region in ["eu-central-1", "us-east-1"] {
        aws.guardduty(region).list_detectors().send().await.unwrap();
        aws.ecs(region).list_clusters().send().await.unwrap();
    }
    assert_eq!((heard.heads().len(), heard.connections.load(Ordering::Relaxed)), (4, 1));
}

#[tokio::test]
async fn an_endpoint_that_can_t_be_reached_is_told_soon_with_its_service() {
    let start = Instant::now();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let aws = aws(Transport::default(), Some(&format!("http://{closed}")), 9).await;
    let expected = format!(
        "cannot look for detectors
  eu-central-1, guardduty:ListDetectors: guardduty can't be reached at http://{closed}: Connection refused (os error 111)
  This endpoint is not one of AWS: check `endpoints {{ guardduty = ... }}` of the provider block, and the variables and \
profile settings whose names begin with AWS_ENDPOINT_URL.
"
    );
    assert_eq!(list(&aws).await, Err(expected.clone()));
    assert!(start.elapsed() >= HOPELESS_AFTER, "it is given time");
    let start = Instant::now();
    assert_eq!(list(&aws).await, Err(expected));
    assert!(start.elapsed() < Duration::from_secs(1), "the next call doesn't wait again");
}

#[test]
fn only_a_place_that_never_answered_is_given_up() {
    let reach = Reach::default();
    let is_hopeless = |place| reach.is_hopeless(place, HOPELESS_ATTEMPTS);
    for _ in 0..5 {
        assert!(!is_hopeless("http://new"), "too early");
    }
    let Some(earlier) = Instant::now().checked_sub(HOPELESS_AFTER) else { return };
    for place in ["http://new", "http://old"] {
        reach.update(place, |tries| (tries.since, tries.failed) = (earlier, 5));
    }
    reach.answered("http://old");
    assert!(is_hopeless("http://new") && !is_hopeless("http://old"));
}

#[test]
fn a_place_has_no_password() {
    assert_eq!(place("http://me:pAsSwOrD@host:8080/detector?x=a@b"), "http://host:8080");
    assert_eq!(place("https://guardduty.eu-central-1.amazonaws.com"), "https://guardduty.eu-central-1.amazonaws.com");
}

#[test]
fn nothing_of_a_user_or_a_password_is_left_in_a_url() {
    for (url, shown) in [
        ("https://me:pAsSwOrD@host:8080/path", "https://host:8080/path"),
        ("http://me:pA/s?S#w@O:rD@host", "http://host"),
        ("me:pAs://SwOrD@host", "host"),
        ("http://host/path", "http://host/path"),
        ("", ""),
    ] {
        assert_eq!(without_user(url), shown);
    }
}

/// Never answers.
#[derive(Debug)]
struct Silence;

impl HttpConnector for Silence {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(std::future::pending())
    }
}

#[tokio::test]
async fn an_endpoint_that_says_nothing_is_told_and_given_up() {
    let silence = SharedHttpConnector::new(Silence);
    let (reach, patience) = (Arc::new(Reach::default()), Duration::from_millis(30));
    let line = Line { plain: silence.clone(), secure: silence, own: Arc::default(), reach: reach.clone(), patience };
    let ask = async || {
        let mut request = HttpRequest::empty();
        request.set_uri("http://me:pAsSwOrD@127.0.0.1:8080/detector").unwrap();
        request.add_extension(Service("guardduty"));
        line.call(request).await.unwrap_err()
    };
    let first = ask().await;
    assert!(first.is_timeout(), "it is asked again");
    let expected = "guardduty does not answer at http://127.0.0.1:8080: it took the request, and said nothing for 30ms";
    assert_eq!(Cause::of(&first).unwrap().reason(), expected);
    let advice = Cause::of(&first).unwrap().advice();
    assert!(advice.starts_with("This endpoint is not one of AWS: check `endpoints { guardduty = ... }`"), "{advice}");
    reach.update("http://127.0.0.1:8080", |tries| tries.since -= HOPELESS_AFTER);
    assert!(ask().await.is_user(), "then no more");
}

/// Starts a server that answers each request with `head` and the text `hello`.
fn stranger(head: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let answer = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[tokio::test]
async fn somebody_else_who_answers_is_not_taken_for_the_service() {
    for (head, what) in [
        ("200 OK\r\ncontent-type: text/html", "HTTP 200, text/html"),
        ("404 Not Found\r\ncontent-type: text/plain", "HTTP 404, text/plain"),
        ("403 Forbidden", "HTTP 403, no content type"),
    ] {
        let url = stranger(head);
        let text = list(&aws(Transport::default(), Some(&url), 9).await).await.unwrap_err();
        assert!(text.contains(&format!("what answers at {url} is not guardduty: {what}")), "{text}");
        assert!(text.contains("check `endpoints { guardduty = ... }`"), "{text}");
    }
    // A temporary error is AWS's own.
    let url = stranger("503 Service Unavailable\r\ncontent-type: text/html");
    let text = list(&aws(Transport::default(), Some(&url), 0).await).await.unwrap_err();
    assert!(text.contains("HTTP 503: no message"), "{text}");
    let url = stranger("200 OK\r\ncontent-type: application/json");
    let text = list(&aws(Transport::default(), Some(&url), 0).await).await.unwrap_err();
    assert!(text.contains("answer is none of this service") && !text.contains("Error {"), "{text}");
}

/// Returns a certificate for AWS's host from the test's own certificate authority: the authority, and the configuration
/// of a server.
fn authority() -> (String, Arc<rustls::ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let host_key = KeyPair::generate().unwrap();
    let host = CertificateParams::new(vec!["guardduty.eu-central-1.amazonaws.com".to_owned()]).unwrap();
    let host = host.signed_by(&host_key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let secret = rustls::pki_types::PrivateKeyDer::try_from(host_key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![host.der().clone()], secret).unwrap();
    (certificate.pem(), Arc::new(config))
}

/// Starts a proxy that ends each tunnel itself, with AWS's name.
async fn tunnel(config: Arc<rustls::ServerConfig>) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = tokio_rustls::TlsAcceptor::from(config.clone());
            tokio::spawn(async move {
                let mut stream = tokio::io::BufReader::new(stream);
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).await.unwrap();
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let Ok(mut secure) = acceptor.accept(stream.into_inner()).await else { return };
                let mut bytes = [0; 4096];
                while secure.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                    if secure.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn the_bundle_of_certificates_is_trusted_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [mine, other] = ["mine.pem", "other.pem"].map(|name| folder.path().join(name));
    let (certificate, server) = authority();
    fs::write(&mine, certificate).unwrap();
    fs::write(&other, authority().0).unwrap();
    let proxy = Some(format!("http://127.0.0.1:{}", tunnel(server).await));
    let with = |bundle: Option<&PathBuf>| Transport {
        https_proxy: proxy.clone(),
        ca_bundle: bundle.map(|file| file.display().to_string()),
        ..Transport::default()
    };
    list(&aws(with(Some(&mine)), None, 0).await).await.unwrap();
    for bundle in [Some(&other), None] {
        let start = Instant::now();
        let text = list(&aws(with(bundle), None, 9).await).await.unwrap_err();
        assert!(text.contains("guardduty can't be reached at https://guardduty.eu-central-1.amazonaws.com"), "{text}");
        assert!(text.contains("invalid peer certificate") && text.contains("`custom_ca_bundle`"), "{text}");
        assert!(start.elapsed() < Duration::from_secs(5), "trying again doesn't mend it");
    }
}

#[test]
fn a_bundle_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let trust = || Transport { ca_bundle: Some(file.display().to_string()), ..Transport::default() }.trust();
    let told = || trust().map(drop).unwrap_err().to_string();
    assert!(told().contains("No such file"), "{}", told());
    fs::write(&file, "no certificate").unwrap();
    assert!(told().contains("it has no certificate in the form PEM"), "{}", told());
    fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    assert!(told().contains("certificate 1 is none"), "{}", told());
    fs::write(&file, authority().0).unwrap();
    trust().unwrap();
}

#[tokio::test]
async fn products_are_appended_to_the_user_agent() {
    let (port, heard) = server();
    let transport =
        Transport { products: vec!["pipeline/1.0 (team)".to_owned(), "x/2".to_owned()], ..Transport::default() };
    list(&aws(transport, Some(&format!("http://127.0.0.1:{port}")), 0).await).await.unwrap();
    let head = heard.heads().remove(0);
    let agents: Vec<_> = head.lines().filter(|line| line.to_lowercase().starts_with("user-agent:")).collect();
    assert_eq!(agents.len(), 1, "{head}");
    assert!(agents[0].contains("aws-sdk-rust/") && agents[0].ends_with(" pipeline/1.0 (team) x/2"), "{head}");
}

#[tokio::test]
async fn the_metadata_service_is_asked_where_the_settings_say() {
    use aws_config::imds::Client;
    use aws_config::provider_config::ProviderConfig;

    let (port, heard) = server();
    let token = async |metadata: Metadata| {
        let http = Transport { metadata, ..Transport::default() }.client().unwrap();
        let reached = ProviderConfig::empty().with_http_client(http);
        Client::builder()
            .configure(&reached)
            .max_attempts(1)
            .build()
            .get("/latest/meta-data/placement/region")
            .await
            .is_ok()
    };
    let _ = token(Metadata::At(format!("http://127.0.0.1:{port}/"))).await;
    assert!(heard.heads()[0].starts_with("PUT /latest/api/token HTTP/1.1"), "{:?}", heard.heads());
    let before = std::time::Instant::now();
    assert!(!token(Metadata::Never).await);
    assert!(before.elapsed() < Duration::from_secs(1), "nobody is asked");
}
