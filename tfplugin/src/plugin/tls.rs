//! Encryption between the CLI and the plugin, and the proof that it is this CLI which calls.
//!
//! Each start has a certificate of its own on either side, exchanged through the environment and
//! the handshake line; there is no authority above them. So a client is accepted when it shows
//! exactly the announced certificate and proves that it holds the key. It knows nothing of
//! sockets.

use std::sync::Arc;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName as Name, Error, RootCertStore, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime, pem::PemObject},
    server::{
        NoServerSessionStorage, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use tokio_rustls::TlsAcceptor;

use super::{Environment, ServeError};

/// The server's side of TLS for one start.
pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    /// What the client is to trust.
    pub(super) certificate: CertificateDer<'static>,
}

impl Tls {
    /// As the CLI wants it: with a certificate in the environment always, and without one only if
    /// the person has said so.
    pub(super) fn from_environment(environment: &Environment) -> Result<Option<Self>, ServeError> {
        match &environment.client_certificate {
            Some(pem) => Self::for_client(pem).map(Some),
            None if environment.tls_disabled => Ok(None),
            None => Err(ServeError::NoClientCertificate),
        }
    }

    /// Makes a certificate for the server, and lets in the client with this certificate only.
    fn for_client(client_pem: &str) -> Result<Self, ServeError> {
        let client = CertificateDer::from_pem_slice(client_pem.as_bytes()).map_err(ServeError::ClientCertificate)?;
        let (certificate, key) = server_certificate().map_err(ServeError::ServerCertificate)?;
        let config = server_config(client, certificate.clone(), key).map_err(ServeError::Tls)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate })
    }
}

type ServerCertificate = (CertificateDer<'static>, PrivatePkcs8KeyDer<'static>);

/// Clients check the name, which is always `localhost`.
fn server_certificate() -> Result<ServerCertificate, rcgen::Error> {
    const NAME: &str = "localhost";
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new([NAME.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    Ok((certificate.der().clone(), key.serialize_der().into()))
}

fn server_config(
    client: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
) -> Result<ServerConfig, Error> {
    // Named, not taken from the process-wide default, which another crate may have set or not.
    let provider: CryptoProvider = aws_lc_rs::default_provider();
    let provider = Arc::new(provider);
    let verifier = OnlyThisClient {
        usual: usual_verifier(&client, &provider)?,
        certificate: client,
        algorithms: provider.signature_verification_algorithms,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(vec![certificate], key.into())?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session would skip the verifier, and a client connects once anyway.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn usual_verifier(
    client: &CertificateDer<'static>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(client.clone())?;
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| Error::General(error.to_string()))
}

/// Accepts one certificate, byte for byte, in its time.
///
/// The CLI's is self-signed, P-521 and marked as an authority. The usual verifier follows chains
/// up to an authority and refuses an authority as the end of one; here there is no chain. But it
/// looks at the time before it does.
#[derive(Debug)]
struct OnlyThisClient {
    certificate: CertificateDer<'static>,
    usual: Arc<dyn ClientCertVerifier>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for OnlyThisClient {
    fn root_hint_subjects(&self) -> &[Name] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext, UnknownIssuer};
        if *end_entity != self.certificate {
            return Err(UnknownIssuer.into());
        }
        match self.usual.verify_client_cert(end_entity, &[], now) {
            Err(Error::InvalidCertificate(
                time @ (Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. }),
            )) => Err(time.into()),
            _ => Ok(ClientCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_without_a_certificate_needs_a_word_of_the_person() {
        let mut environment = Environment::default();
        let refusal = Tls::from_environment(&environment).err().unwrap();
        assert!(matches!(refusal, ServeError::NoClientCertificate));
        environment.tls_disabled = true;
        assert!(Tls::from_environment(&environment).unwrap().is_none());
    }

    #[test]
    fn what_is_no_certificate_is_named() {
        let environment =
            Environment { client_certificate: Some("not PEM".into()), tls_disabled: true, ..Environment::default() };
        let refusal = Tls::from_environment(&environment).err().unwrap();
        assert!(refusal.to_string().starts_with("PLUGIN_CLIENT_CERT holds no certificate"));
    }
}
