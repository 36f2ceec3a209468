//! A connection to the server upstream.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower::Service;

use crate::address::Address;

/// Opens connections to one server.
#[derive(Clone)]
pub(crate) struct Connect {
    address: Address,
    /// How TLS is spoken, where it is.
    tls: Option<TlsConnector>,
}

/// A connection, with TLS or without.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin> Duplex for T {}

/// Whatever can go wrong with a connection. It shows no request.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The largest head of an answer, in bytes.
pub(crate) const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long a connection of the pool may take to be made. Nobody waits for it any more, perhaps.
const POOL_CONNECT_TIME: Duration = Duration::from_secs(5);

impl Connect {
    pub(crate) fn new(address: Address) -> Self {
        let tls = address.is_secure().then(tls);
        Self { address, tls }
    }

    /// Sends a request on a connection of its own, and waits for the head of the answer.
    pub(crate) async fn request<B>(
        &self,
        mut request: Request<B>,
    ) -> Result<Response<Incoming>, Failure>
    where
        B: hyper::body::Body + Send + Unpin + 'static,
        B::Data: Send,
        B::Error: Into<Failure>,
    {
        let host = HeaderValue::from_str(self.address.authority())?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, host);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
        let io = TokioIo::new(self.open().await?);
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD_BYTES_MAX);
        let (mut sender, connection) = builder.handshake(io).await?;
        // It ends with the answer, or hands the connection over.
        tokio::spawn(connection.with_upgrades());
        Ok(sender.send_request(request).await?)
    }

    async fn open(&self) -> Result<Box<dyn Duplex>, Failure> {
        let tcp = TcpStream::connect(self.address.target()).await?;
        tcp.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(tcp));
        };
        let name = ServerName::try_from(self.address.host().to_owned())?;
        Ok(Box::new(tls.connect(name, tcp).await?))
    }
}

/// Makes connections for a pool. Wherever it says they should go, they go to the one server.
impl Service<Uri> for Connect {
    type Response = TokioIo<Box<dyn Duplex>>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connect = self.clone();
        Box::pin(async move {
            let io = timeout(POOL_CONNECT_TIME, connect.open()).await;
            Ok(TokioIo::new(io??))
        })
    }
}

impl Connection for Box<dyn Duplex> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Trusts what the system trusts. Read once: the files are large, and many streams are opened.
fn tls() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    // Without any, each handshake fails and says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder().with_root_certificates(roots);
    Arc::new(config.with_no_client_auth()).into()
}

/// What the server upstream is told of us.
pub(crate) const AGENT: &str = concat!("Seseragi/", env!("CARGO_PKG_VERSION"));
