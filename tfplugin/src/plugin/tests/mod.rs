//! The plugin as a CLI meets it: over a real socket, through TLS, by gRPC.
//!
//! Here is the client's side, written against what go-plugin does; the files beside it are the
//! tests. Parts that can be tried alone have their tests in their own files.

mod calls;
mod ending;
#[cfg(unix)]
mod process;
mod tls;

use std::{io, ops::Range, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, PKCS_ECDSA_P521_SHA512, date_time_ymd};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tempfile::TempDir;
use tokio::{net::UnixStream, task::JoinHandle};
use tokio_rustls::TlsConnector;
use tonic::{
    Status,
    service::Routes,
    transport::{Channel, Endpoint, Uri},
};

use super::{
    Environment, ServeError,
    generated::health::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient},
    serve::run,
    socket::{Connection, Listener},
    stop::{Reason, Stop},
    tls::Tls,
};

/// No step of a test takes as long.
const LONG: Duration = Duration::from_secs(20);

/// A client's certificate as go-plugin makes it: self-signed, P-521, an authority.
struct Identity {
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn new() -> Self {
        Self::valid(2020..4000)
    }

    /// One whose time is these years.
    fn valid(years: Range<i32>) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.start, 1, 1);
        params.not_after = date_time_ymd(years.end, 1, 1);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate: certificate.der().clone(),
            certificate_pem: certificate.pem(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        }
    }

    /// The certificate of one beside the key of another: what a thief of the handshake has.
    fn with_key_of(&self, other: &Self) -> Self {
        Self {
            certificate: self.certificate.clone(),
            certificate_pem: self.certificate_pem.clone(),
            key: other.key.clone_key(),
        }
    }

    /// Without the check that certificate and key belong together.
    fn resolver(&self) -> SingleCertAndKey {
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(self.key.clone_key());
        CertifiedKey::new(vec![self.certificate.clone()], key.unwrap()).into()
    }
}

/// Where a client finds the server, and how it speaks.
struct Client<'a> {
    /// Path of the socket.
    address: &'a str,
    /// The server's certificate; none for plaintext.
    server: Option<CertificateDer<'static>>,
    identity: Option<&'a Identity>,
    versions: &'a [&'static SupportedProtocolVersion],
}

impl Client<'_> {
    async fn connect(&self) -> Result<Channel, tonic::transport::Error> {
        let tls = self.server.clone().map(|server| self.tls(server));
        let address = self.address.to_owned();
        let connector = tower::service_fn(move |_: Uri| {
            let (tls, address) = (tls.clone(), address.clone());
            async move {
                let stream = UnixStream::connect(address).await?;
                let connection = match tls {
                    None => Connection::new(stream),
                    Some(tls) => {
                        let name = ServerName::try_from("localhost").unwrap();
                        let stream = tls.connect(name, stream).await?;
                        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
                        Connection::new(stream)
                    }
                };
                Ok::<_, io::Error>(TokioIo::new(connection))
            }
        });
        Endpoint::from_static("http://localhost").connect_with_connector(connector).await
    }

    fn tls(&self, server: CertificateDer<'static>) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(server).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.identity {
            Some(identity) => builder.with_client_cert_resolver(Arc::new(identity.resolver())),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsConnector::from(Arc::new(config))
    }
}

/// A server within this process, for the client with `identity`.
struct Server {
    /// Where sockets are made; empty again when the server has ended.
    directory: TempDir,
    address: String,
    certificate: CertificateDer<'static>,
    identity: Identity,
    stop: Stop,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    fn start() -> Self {
        Self::start_with(Routes::default(), || {})
    }

    fn start_with(routes: Routes, on_stop: impl FnOnce() + Send + 'static) -> Self {
        Self::start_for(Identity::new(), routes, on_stop)
    }

    fn start_for(identity: Identity, routes: Routes, on_stop: impl FnOnce() + Send + 'static) -> Self {
        let directory = TempDir::new().unwrap();
        let environment = Environment {
            client_certificate: Some(identity.certificate_pem.clone()),
            socket_directory: Some(directory.path().to_owned()),
            ..Environment::default()
        };
        let tls = Tls::from_environment(&environment).unwrap().unwrap();
        let listener = Listener::bind(&environment).unwrap();
        let address = listener.address().unwrap();
        let stop = Stop::default();
        let task = tokio::spawn({
            let stop = stop.clone();
            async move { run(&listener, Some(tls.acceptor), routes, &stop, Box::new(on_stop)).await }
        });
        Self { directory, address, certificate: tls.certificate, identity, stop, task }
    }

    /// The client for which the server was started.
    fn client(&self) -> Client<'_> {
        Client {
            address: &self.address,
            server: Some(self.certificate.clone()),
            identity: Some(&self.identity),
            versions: rustls::DEFAULT_VERSIONS,
        }
    }

    async fn channel(&self) -> Channel {
        self.client().connect().await.unwrap()
    }

    /// Waits for the end, and sees that nothing is left of the socket.
    async fn ended(self) {
        tokio::time::timeout(LONG, self.task).await.unwrap().unwrap().unwrap();
        let left = std::fs::read_dir(self.directory.path()).unwrap().count();
        assert_eq!(left, 0, "the socket is still there");
    }

    async fn end(self) {
        self.stop.begin(Reason::Terminated);
        self.ended().await;
    }
}

/// What the server says of the service `name`.
async fn health_of(channel: Channel, name: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest { service: name.to_owned() };
    let answer = HealthClient::new(channel).check(request).await?;
    Ok(answer.into_inner().status())
}
