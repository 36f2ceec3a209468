//! Where clients connect: TCP addresses and Unix sockets.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::server::TlsStream;

use crate::tls::{self, Tls};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 4_096;

/// A bound address, ready to accept. Must be made within a tokio runtime.
#[derive(Debug)]
pub struct Listener {
    socket: ListenerSocket,
    address: String,
    tls: Option<Tls>,
}

#[derive(Debug)]
enum ListenerSocket {
    Tcp(TcpListener),
    Unix(
        UnixListener,
        #[expect(dead_code, reason = "dropped with the listener")] SocketFile,
    ),
}

/// A socket's file, which goes with it.
#[derive(Debug)]
struct SocketFile(PathBuf);

impl Listener {
    /// Binds a TCP address; port 0 takes any free one.
    ///
    /// # Errors
    ///
    /// What the system says, such as that the address is in use.
    pub fn tcp(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let listener = TcpListener::from_std(socket.into())?;
        let address = format!("http://{}", listener.local_addr()?);
        Ok(Self {
            socket: ListenerSocket::Tcp(listener),
            address,
            tls: None,
        })
    }

    /// Binds a Unix socket. A file that a server left behind, and behind which nobody answers,
    /// is replaced.
    ///
    /// # Errors
    ///
    /// What the system says, such as that a server already answers there.
    pub fn unix(path: &Path) -> io::Result<Self> {
        if StdUnixStream::connect(path)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        {
            fs::remove_file(path)?;
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&socket2::SockAddr::unix(path)?)?;
        socket.listen(BACKLOG)?;
        let listener = UnixListener::from_std(OwnedFd::from(socket).into())?;
        let address = format!("unix:{}", path.display());
        let file = SocketFile(path.to_owned());
        Ok(Self {
            socket: ListenerSocket::Unix(listener, file),
            address,
            tls: None,
        })
    }

    /// Speaks TLS to those who connect. A Unix socket never does.
    #[must_use]
    pub fn with_tls(mut self, tls: &Tls) -> Self {
        if let Some(host) = self.address.strip_prefix("http://") {
            self.address = format!("https://{host}");
            self.tls = Some(tls.clone());
        }
        self
    }

    /// The real address, such as `http://127.0.0.1:3000` or `unix:/run/seseragi.sock`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next connection, and where it comes from.
    pub(crate) async fn accept(&self) -> io::Result<(Accepted, Option<IpAddr>)> {
        match &self.socket {
            ListenerSocket::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let tls = self.tls.clone();
                Ok((Accepted::Tcp(stream, tls), Some(peer.ip().to_canonical())))
            }
            ListenerSocket::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok((Accepted::Unix(stream), None))
            }
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "cannot remove the socket's file");
        }
    }
}

/// An accepted connection that has said nothing.
#[derive(Debug)]
pub(crate) enum Accepted {
    Tcp(TcpStream, Option<Tls>),
    Unix(UnixStream),
}

impl Accepted {
    /// What the client says, under TLS where that is spoken.
    pub(crate) async fn open(self) -> io::Result<ClientStream> {
        Ok(match self {
            Self::Tcp(stream, None) => ClientStream::Tcp(stream),
            Self::Tcp(stream, Some(tls)) => ClientStream::Tls(Box::new(tls.accept(stream).await?)),
            Self::Unix(stream) => ClientStream::Unix(stream),
        })
    }
}

/// An accepted connection, while tokio drives it.
#[derive(Debug)]
pub(crate) enum ClientStream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl ClientStream {
    /// Takes the socket away from tokio: the real one, or under TLS one end of a pair. It is
    /// non-blocking.
    pub(crate) fn into_socket(self) -> io::Result<OwnedFd> {
        match self {
            Self::Tcp(stream) => stream.into_std().map(OwnedFd::from),
            Self::Tls(stream) => tls::into_socket(*stream),
            Self::Unix(stream) => stream.into_std().map(OwnedFd::from),
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
            Self::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
