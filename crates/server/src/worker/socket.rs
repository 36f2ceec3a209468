//! Reading and writing a connection's socket, without ever waiting.

use std::io::IoSlice;
use std::os::fd::{AsFd, OwnedFd};

use hub::Mailbox;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown, recv, sendmsg, shutdown};

/// How many slices go into one call: over 20 whole frames of three.
const SLICES_MAX: usize = 64;

/// How many calls one connection may make in a turn.
const CALLS_MAX: usize = 16;

const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// What a write came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrote {
    /// All of it is with the system.
    All,
    /// The socket is full: it will say when it isn't.
    Full,
    /// The turn of this connection is over.
    Enough,
}

/// What a read came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// So many bytes; there may be more.
    Bytes(usize),
    /// Nothing at this moment.
    Nothing,
    /// The client sends no more.
    End,
}

/// Reads once.
pub(super) fn read(socket: &OwnedFd, scratch: &mut [u8]) -> Result<Read, Errno> {
    loop {
        match recv(socket.as_fd(), &mut *scratch, RecvFlags::DONTWAIT) {
            Ok((0, _)) => return Ok(Read::End),
            Ok((bytes, _)) => return Ok(Read::Bytes(bytes)),
            Err(Errno::AGAIN) => return Ok(Read::Nothing),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes what waits in a mailbox, several frames per call, and adds what was written to
/// `bytes`.
pub(super) fn write_mailbox(
    socket: &OwnedFd,
    mailbox: &mut Mailbox,
    bytes: &mut u64,
) -> Result<Wrote, Errno> {
    for _ in 0..CALLS_MAX {
        if mailbox.is_empty() {
            return Ok(Wrote::All);
        }
        let written = {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let count = mailbox.gather(&mut slices);
            match send(socket, &slices[..count])? {
                Some(written) => written,
                None => return Ok(Wrote::Full),
            }
        };
        *bytes += written as u64;
        mailbox.advance(written);
    }
    Ok(if mailbox.is_empty() {
        Wrote::All
    } else {
        Wrote::Enough
    })
}

/// Writes a piece, and says how much of it went. `None`: the socket is full.
pub(super) fn write(socket: &OwnedFd, piece: &[u8]) -> Result<Option<usize>, Errno> {
    loop {
        match rustix::net::send(socket.as_fd(), piece, FLAGS) {
            Ok(written) => return Ok(Some(written)),
            Err(Errno::AGAIN) => return Ok(None),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Says that nothing more will be sent.
pub(super) fn end(socket: &OwnedFd) -> Result<(), Errno> {
    shutdown(socket.as_fd(), Shutdown::Write)
}

/// Writes the parts of a frame in one call, and says how many bytes of them went. `None`: the
/// socket is full.
pub(super) fn write_parts(socket: &OwnedFd, parts: [&[u8]; 3]) -> Result<Option<usize>, Errno> {
    send(socket, &parts.map(IoSlice::new))
}

/// Writes pieces in one call, and says how many bytes of them went. `None`: the socket is full.
fn send(socket: &OwnedFd, slices: &[IoSlice<'_>]) -> Result<Option<usize>, Errno> {
    loop {
        match sendmsg(
            socket.as_fd(),
            slices,
            &mut SendAncillaryBuffer::default(),
            FLAGS,
        ) {
            Ok(written) => return Ok(Some(written)),
            Err(Errno::AGAIN) => return Ok(None),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}
