//! TLS, for those who have no proxy in front.
//!
//! The workers know sockets, not TLS: after the upgrade a task carries the bytes between the TLS
//! connection and one end of a socket pair, and the worker gets the other end.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, copy, split};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

/// How long a client may take to end its side after the server has ended its own.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// A certificate and its key, ready to serve.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// A certificate or its key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read, or holds something else.
    #[error("cannot read `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// The certificate and the key don't belong together, or are of an unknown kind.
    #[error("cannot use the certificate with the key")]
    Pair(#[source] rustls::Error),
}

impl Tls {
    /// Reads a chain of certificates and the key of the first, both as PEM.
    ///
    /// # Errors
    ///
    /// A file can't be read, or the two don't belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::File { path, source }
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(file(certificate))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(file(key))?;
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands with a client.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// One end of a socket pair; a task carries the bytes between the other end and the client.
pub(crate) fn into_socket(stream: TlsStream<TcpStream>) -> io::Result<OwnedFd> {
    let (near, far) = StdUnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    tokio::spawn(carry(stream, UnixStream::from_std(near)?));
    Ok(far.into())
}

/// Carries bytes both ways until both sides have ended, or the client doesn't after the worker
/// has.
async fn carry(stream: TlsStream<TcpStream>, socket: UnixStream) {
    let (mut from_client, mut to_client) = split(stream);
    let (mut from_worker, mut to_worker) = socket.into_split();
    let mut inward = pin!(async {
        copy(&mut from_client, &mut to_worker).await?;
        to_worker.shutdown().await
    });
    let mut outward = pin!(async {
        copy(&mut from_worker, &mut to_client).await?;
        to_client.shutdown().await
    });
    let ended = tokio::select! {
        ended = &mut outward => match ended {
            Ok(()) => timeout(END_PATIENCE, inward).await.unwrap_or(Ok(())),
            failed => failed,
        },
        ended = &mut inward => match ended {
            Ok(()) => outward.await,
            failed => failed,
        },
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a TLS connection failed");
    }
}
