//! One connection of a worker: its socket, and what happens on it.

use std::mem;
use std::os::fd::OwnedFd;

use bytes::Bytes;
use hub::{ConnId, Hub, Mailbox};
use protocol::close::CloseReason;
use protocol::id::UserId;
use session::{Output, Session};

use super::Core;
use super::operations::Waiting;
use super::steps::Steps;
use crate::bridge::{Asker, BridgeSide, Bridged, TooMuch};
use crate::http::Token;
use crate::seats::Seat;
use crate::source::{Ask, Deed, Place, Request, Watch};
use crate::ws::{Decoder, Message, Violation, encode};

/// One connection of a worker.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: OwnedFd,
    pub(super) place: Place,
    /// Its number in the logs.
    pub(super) number: u64,
    pub(super) phase: Phase,
    /// Bytes may wait in the socket.
    pub(super) readable: bool,
    /// The client has ended its side; the end may still wait behind bytes.
    pub(super) read_closed: bool,
    /// The socket took no more bytes and hasn't yet said that it does.
    pub(super) full: bool,
    /// It stands in the queue of those to be looked at.
    pub(super) queued: bool,
    /// The deadline that is armed, in steady milliseconds.
    pub(super) armed_ms: u64,
    pub(super) opened_ms: u64,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    /// The place among all connections; `None` where there was none left.
    pub(super) _seat: Option<Seat>,
    pub(super) _watch: Option<Watch>,
}

/// What a connection is at.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all connections are live, and none should pay for a box"
)]
#[derive(Debug)]
pub(super) enum Phase {
    /// The stream is open.
    Live(Live),
    /// The stream ends: what waited is written, then the close frame.
    Leaving(Box<Leaving>),
}

/// An open stream.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) session: Session,
    pub(super) decoder: Decoder,
    /// Who is logged in.
    pub(super) user: Option<UserId>,
    /// What was read and the session doesn't want yet.
    pub(super) unread: Vec<u8>,
    /// The snapshot for the join that was answered last.
    pub(super) shown: Option<hub::Shown>,
    /// What it waits for.
    pub(super) waiting: Waiting,
    /// What proved who is logged in, where there is a bridge to need it.
    pub(super) token: Option<Token>,
    /// Its channels upstream; `None`: there never was one.
    pub(super) bridge: Option<Box<BridgeSide>>,
}

/// A stream that ends.
#[derive(Debug)]
pub(super) struct Leaving {
    /// What was delivered before the end.
    pub(super) mailbox: Mailbox,
    /// The close frame, and how much of it is written.
    pub(super) frame: Vec<u8>,
    pub(super) written: usize,
    pub(super) reason: CloseReason,
    /// When the patience with the client ends.
    pub(super) deadline_ms: u64,
    /// Everything is written and this side of the socket is shut.
    pub(super) shut: bool,
    /// The client's side has ended as well.
    pub(super) client_ended: bool,
}

/// Why a stream ends, and the code that the client gave if it was the client who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) reason: CloseReason,
    pub(super) echo: Option<u16>,
}

impl From<CloseReason> for Ending {
    fn from(reason: CloseReason) -> Self {
        Self { reason, echo: None }
    }
}

impl From<Violation> for Ending {
    fn from(violation: Violation) -> Self {
        Self::from(match violation {
            Violation::Framing(_) => CloseReason::BadFrame,
            Violation::Utf8 | Violation::Deflate => CloseReason::BadText,
            Violation::TooBig => CloseReason::TooBig,
        })
    }
}

impl Ending {
    /// The close frame; `None`: the client hears nothing of the end.
    fn frame(self) -> Option<Vec<u8>> {
        let spec = self.reason.spec();
        let mut frame = Vec::new();
        match (self.reason, spec.code) {
            (CloseReason::ClientLeft, _) => encode::close(self.echo, "", &mut frame),
            // As the `ws` package answers broken frames: the code alone.
            (CloseReason::BadFrame | CloseReason::BadText | CloseReason::TooBig, code) => {
                encode::close(code, "", &mut frame);
            }
            (_, Some(code)) => encode::close(Some(code), spec.text, &mut frame),
            (_, None) => return None,
        }
        Some(frame)
    }

    /// What an open stream becomes; `None`: nothing, it is over at once.
    pub(super) fn leave(self, conn: ConnId, hub: &mut Hub, deadline_ms: u64) -> Option<Leaving> {
        let mailbox = hub.mailbox(conn).map(mem::take).unwrap_or_default();
        hub.close(conn);
        Some(Leaving {
            mailbox,
            frame: self.frame()?,
            written: 0,
            reason: self.reason,
            deadline_ms,
            shut: false,
            client_ended: false,
        })
    }
}

impl Live {
    /// Takes bytes of the client, as many as the session wants and frames are left in `steps`,
    /// and says how many those were.
    pub(super) fn feed(
        &mut self,
        place: Place,
        bytes: &mut [u8],
        steps: &mut Steps,
        core: &mut Core,
    ) -> Result<usize, Ending> {
        let mut at = 0;
        while at < bytes.len() && self.session.wants_input() && steps.take() {
            let (used, message) = self.decoder.feed(&mut bytes[at..])?;
            at += used;
            if let Some(message) = message {
                // Counted before the message may end the stream.
                core.tally.messages_in += 1;
                self.take(message, place, core)?;
            }
        }
        Ok(at)
    }

    fn take(&mut self, message: Message<'_>, place: Place, core: &mut Core) -> Result<(), Ending> {
        let text = match &message {
            Message::Text(text) => text.as_ref(),
            // The real server takes a binary frame that holds a message.
            Message::Binary(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            Message::Ping(payload) => {
                let mut frame = Vec::with_capacity(2 + payload.len());
                encode::pong(payload, &mut frame);
                core.hub.send_frame(place.conn, &Bytes::from(frame));
                return Ok(());
            }
            Message::Pong => return Ok(()),
            Message::Close(code) => {
                return Err(Ending {
                    reason: CloseReason::ClientLeft,
                    echo: *code,
                });
            }
        };
        let Some(command) = (core.decode)(text) else {
            core.tally.messages_ignored += 1;
            return Ok(());
        };
        let facts = core.hub.join_facts(place.conn);
        self.session.handle_command(command, &facts);
        self.carry_out(place, core)
    }

    /// Takes the answer to a question of the session.
    pub(super) fn answer(
        &mut self,
        place: Place,
        ask: session::AskId,
        answer: &session::Answer,
        shown: Option<hub::Shown>,
        core: &mut Core,
    ) -> Result<(), Ending> {
        let facts = core.hub.join_facts(place.conn);
        self.shown = shown;
        self.session.handle_answer(ask, answer, &facts);
        let carried_out = self.carry_out(place, core);
        self.shown = None;
        carried_out
    }

    /// Does what is due by now.
    pub(super) fn timeout(&mut self, place: Place, core: &mut Core) -> Result<(), Ending> {
        self.session.handle_timeout(core.now_ms);
        self.carry_out(place, core)
    }

    /// Carries out what the session asks for.
    pub(super) fn carry_out(&mut self, place: Place, core: &mut Core) -> Result<(), Ending> {
        let conn = place.conn;
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(text) => core.hub.send(conn, &text),
                Output::Subscribe {
                    sub,
                    id,
                    join,
                    admission,
                } => {
                    let shown = self.shown.take();
                    core.hub
                        .subscribe(conn, sub, &id, join, admission, shown.as_ref());
                }
                Output::Unsubscribe { sub } => {
                    core.hub.unsubscribe(conn, sub);
                    // Its operations may have gone upstream.
                    if let Some(bridge) = &mut self.bridge {
                        bridge.leave(sub);
                    }
                }
                Output::Unwatch(question) => core.source.send(Request::Unask(question)),
                Output::Capture(note) => core.hub.capture(conn, &note),
                Output::Release(note) => core.hub.release(conn, &note),
                Output::Ask { ask, question } => {
                    let user = self.user.clone();
                    core.source.send(Request::Ask(Ask {
                        place,
                        ask,
                        question,
                        user,
                    }));
                }
                Output::Operate {
                    sub, kind, body, ..
                } => {
                    self.operate(place, sub, &kind, body, core);
                }
                Output::BridgeJoin { sub, connect } => {
                    self.bridge(place, core, |bridge| bridge.join(sub, connect));
                }
                Output::BridgeLeave { sub } => {
                    self.bridge(place, core, |bridge| {
                        bridge.leave(sub);
                        Ok(())
                    });
                }
                Output::BridgeOperate { sub, kind, body } => {
                    self.bridge(place, core, |bridge| bridge.operate(sub, kind, body));
                }
                Output::ReadNotifications(user) => {
                    core.tell(user, Deed::ReadNotifications);
                }
                Output::Touch(user) => core.tell(user, Deed::Touch),
                Output::Ping => {
                    let mut frame = Vec::with_capacity(2);
                    encode::ping(&mut frame);
                    core.hub.send_frame(conn, &Bytes::from(frame));
                }
                Output::Close(reason) => return Err(Ending::from(reason)),
            }
        }
        Ok(())
    }

    /// Takes what the server upstream said.
    pub(super) fn bridged(
        &mut self,
        bridged: &Bridged,
        place: Place,
        core: &mut Core,
    ) -> Result<(), Ending> {
        let who = self.session.who();
        let bridge = self.bridge.as_ref();
        let joined = bridge.and_then(|bridge| bridge.deliver(bridged, who, &mut core.hub));
        if let Some(sub) = joined {
            self.session.handle_bridge_joined(sub);
            self.carry_out(place, core)?;
        }
        Ok(())
    }

    /// Tells the bridge something; what is too much for it is dropped and counted.
    pub(super) fn bridge(
        &mut self,
        place: Place,
        core: &mut Core,
        tell: impl FnOnce(&mut BridgeSide) -> Result<(), TooMuch>,
    ) {
        let Some(way) = &core.bridge else {
            return;
        };
        let (session, token) = (&self.session, &mut self.token);
        let bridge = self.bridge.get_or_insert_with(|| {
            let asker = Asker {
                login: session.login().cloned(),
                token: token.take(),
            };
            BridgeSide::new(way.clone(), place, asker)
        });
        if tell(bridge) == Err(TooMuch) {
            core.tally.operations_ignored += 1;
        }
    }
}

impl Core {
    /// Has the store told what a user has done.
    pub(super) fn tell(&mut self, user: UserId, deed: Deed) {
        if !self.source.tell(user, deed) {
            self.tally.operations_ignored += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        let bytes = size_of::<Connection>();
        assert!(bytes <= 512, "a connection takes {bytes} bytes");
    }
}
