//! One request over one connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::{FetchError, FetcherError};
use crate::limits::{FETCH_CONNECT_MS_MAX, FETCH_HEAD_BYTES_MAX};
use crate::software;

/// How TLS is spoken: with the machine's certificate authorities.
pub(super) fn tls() -> Result<TlsConnector, FetcherError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(FetcherError::NoRoots);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}

/// Asks for `url` at one of these addresses. Whoever drops the second of the answer ends the
/// connection.
pub(super) async fn get(
    url: &Url,
    addresses: &[SocketAddr],
    tls: &TlsConnector,
) -> Result<(Response<Incoming>, JoinSet<()>), FetchError> {
    let stream = connect(url, addresses, tls)
        .await
        .map_err(FetchError::Connect)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(FETCH_HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        // What goes wrong shows in the response.
        drop(connection.await);
    });
    let response = sender.send_request(request(url)?).await?;
    Ok((response, driver))
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>, FetchError> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Request::get(path)
        .header(HOST, host)
        .header(USER_AGENT, software::USER_AGENT)
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity")
        .body(Empty::new())
        .map_err(|_| FetchError::Address("it can't be written in a request"))
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(
    url: &Url,
    addresses: &[SocketAddr],
    tls: &TlsConnector,
) -> io::Result<Box<dyn Stream>> {
    let mut last = io::ErrorKind::NotFound.into();
    for address in addresses {
        let connecting = open(url, *address, tls);
        let limit = Duration::from_millis(FETCH_CONNECT_MS_MAX);
        match tokio::time::timeout(limit, connecting).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

async fn open(url: &Url, address: SocketAddr, tls: &TlsConnector) -> io::Result<Box<dyn Stream>> {
    let tcp = TcpStream::connect(address).await?;
    if url.scheme() != "https" {
        return Ok(Box::new(tcp));
    }
    let host = url.host_str().unwrap_or_default();
    // IPv6 addresses stand in brackets.
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(Box::new(tls.connect(name, tcp).await?))
}
