//! What the server makes of each kind of frame: a table in the order of the Autobahn test suite,
//! by the numbers of its cases, written from RFC 6455 and RFC 7692.
//!
//! That suite wants a server that echoes. Here a `connect` takes the place of what is echoed, and
//! its `connected` that of the echo; a message that is no command shows by the connection's
//! staying alive. Messages over 64 KiB, which the suite echoes, are over the limit here.

mod closing;
mod compressed;
mod framing;
mod text;

use crate::support::{Client, Frame, Server, masked};

const CONNECT: &str =
    r#"{"type":"connect","body":{"channel":"localTimeline","id":"f","pong":true}}"#;

/// How bytes are cut into packets.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// All in one.
    Whole,
    /// Each frame in one of its own.
    Frames,
    /// So many octets in each.
    Octets(usize),
}

/// A case: its number, the frames of the client and how they are cut, and what must come back. A
/// close must be the last of that, and the connection must end with it; else it must live on.
struct Case(&'static str, Cut, Vec<Vec<u8>>, Vec<Frame>);

impl Case {
    async fn check(&self, server: &Server) {
        self.check_on(&mut server.visitor().await).await;
    }

    async fn check_on(&self, client: &mut Client) {
        let Self(number, cut, frames, expected) = self;
        match cut {
            Cut::Whole => client.bytes(&frames.concat()).await,
            Cut::Frames => {
                for frame in frames {
                    client.bytes(frame).await;
                }
            }
            Cut::Octets(count) => {
                for octets in frames.concat().chunks(*count) {
                    client.bytes(octets).await;
                }
            }
        }
        for frame in expected {
            assert_eq!(&client.frame().await, frame, "{number}");
        }
        if let Some(Frame::Close(..)) = expected.last() {
            assert_eq!(client.frame().await, Frame::End, "{number}");
        } else {
            client.settle().await;
        }
    }
}

async fn check(cases: Vec<Case>) {
    let server = Server::start();
    for case in cases {
        case.check(&server).await;
    }
}

/// A command of so many bytes; where they are too few for one, something that is none.
fn command(bytes: usize) -> Vec<u8> {
    let mut command = if bytes < CONNECT.len() { "" } else { CONNECT }.to_owned();
    command.extend(std::iter::repeat_n(' ', bytes - command.len()));
    command.into_bytes()
}

/// What comes back for it.
fn answer(bytes: usize) -> Vec<Frame> {
    if bytes < CONNECT.len() {
        return Vec::new();
    }
    vec![connected()]
}

fn connected() -> Frame {
    Frame::Text(r#"{"type":"connected","body":{"id":"f"}}"#.to_owned())
}

fn pong(payload: &[u8]) -> Frame {
    Frame::Pong(payload.to_vec())
}

fn close(code: u16) -> Frame {
    Frame::Close(Some(code), String::new())
}

/// A message cut into frames of so many bytes, the first one with this first byte but its FIN.
fn fragments(first: u8, payload: &[u8], bytes: usize) -> Vec<Vec<u8>> {
    let parts = payload.chunks(bytes).collect::<Vec<_>>();
    let frame = |(at, part): (usize, &&[u8])| {
        let fin = if at + 1 == parts.len() { 0x80 } else { 0 };
        masked(fin | if at == 0 { first } else { 0 }, part)
    };
    parts.iter().enumerate().map(frame).collect()
}
