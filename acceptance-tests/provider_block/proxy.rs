//! A proxy of the tests' own, which sends everything to LocalStack, whatever host is asked for. It is at the end of each
//! tunnel itself, with certificates of an authority that nobody else has heard of.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Hosts that it has certificates for. No name server knows them.
const HOSTS: [&str; 2] = ["guardduty.test", "sts.test"];

/// A running proxy.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    /// Its authority, in the form PEM.
    pub authority: String,
    heard: Heard,
}

type Heard = Arc<Mutex<Vec<String>>>;

impl Proxy {
    /// One that sends everything to `server`, an URL.
    pub fn new(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (authority, certificates) = authority();
        let heard = Heard::default();
        let line = Line { server, certificates, heard: heard.clone() };
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let line = line.clone();
                // A client may leave when it likes: what it heard until then is what tests ask for.
                thread::spawn(move || line.serve(client));
            }
        });
        Proxy { url, authority, heard }
    }

    /// The first lines of all requests since this was asked last, those in tunnels too.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

/// The authority, and what a server of `HOSTS` shows.
fn authority() -> (String, Arc<ServerConfig>) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = parameters.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(parameters, key);
    let key = KeyPair::generate().unwrap();
    let hosts = CertificateParams::new(HOSTS.map(str::to_owned)).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![hosts.der().clone()], key).unwrap();
    (authority, Arc::new(config))
}

/// What a connection is served with.
#[derive(Clone)]
struct Line {
    server: String,
    certificates: Arc<ServerConfig>,
    heard: Heard,
}

impl Line {
    /// One request, of a tunnel or outside of one.
    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let head = self.head(&mut client)?;
        if head.starts_with("CONNECT ") {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            let session = ServerConnection::new(self.certificates.clone()).map_err(io::Error::other)?;
            let mut tunnel = StreamOwned::new(session, client);
            let head = self.head(&mut tunnel)?;
            self.pass_on(&head, &mut tunnel)?;
            tunnel.conn.send_close_notify();
            return tunnel.flush();
        }
        self.pass_on(&head, &mut client)?;
        client.shutdown(Shutdown::Both)
    }

    /// Reads all before the body.
    fn head(&self, client: &mut impl Read) -> io::Result<String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            client.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).map_err(io::Error::other)?;
        self.heard.lock().unwrap().extend(head.lines().next().map(str::to_owned));
        Ok(head)
    }

    /// Passes a request on and its answer back, with the word that the connection ends after it.
    fn pass_on(&self, head: &str, client: &mut (impl Read + Write)) -> io::Result<()> {
        let (line, rest) = head.split_once("\r\n").unwrap_or_default();
        let [method, url, version] =
            line.split(' ').collect::<Vec<_>>().try_into().map_err(|_| io::Error::other("no request"))?;
        // Outside of a tunnel it is the URL with its host.
        let path = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).map_or(url, |(_, path)| path);
        let mut body = vec![0; length(rest)];
        client.read_exact(&mut body)?;
        let mut server = TcpStream::connect(&self.server)?;
        let line = format!("{method} /{} {version}", path.trim_start_matches('/'));
        server.write_all(format!("{line}\r\nconnection: close\r\n{rest}").as_bytes())?;
        server.write_all(&body)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        client.write_all(&answer)?;
        client.flush()
    }
}

/// How long the body is, in bytes.
fn length(headers: &str) -> usize {
    let mut pairs = headers.lines().filter_map(|line| line.split_once(':'));
    let length = pairs.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or_default()
}
