//! Channels that the server upstream feeds.
//!
//! One that is ours, such as `serverStats`, is joined at once: anyone may. One that nobody here
//! knows is judged upstream. Until it is said to be joined it doesn't count among the channels of
//! the connection, as real servers don't count what they don't know.

use protocol::channel::Channel;
use protocol::command::BridgeConnect;
use protocol::frame;
use protocol::id::SubId;
use protocol::limits::UNANSWERED_CHANNELS_MAX;

use super::{Feed, Joined, Session, who};
use crate::output::Output;

impl Session {
    /// The server upstream says that a channel is joined.
    pub fn handle_bridge_joined(&mut self, sub: SubId) {
        let has_room = self.has_room();
        let mut joined = self.channels.iter_mut();
        let Some(joined) = joined.find(|joined| joined.sub == sub) else {
            return;
        };
        let Feed::Unanswered { pong } = joined.channel else {
            return;
        };
        let id = joined.id.clone();
        if !has_room {
            self.disconnect(&id);
            return;
        }
        joined.channel = Feed::Foreign;
        if pong {
            let connected = frame::connected(&id).into();
            self.outputs.push_back(Output::Send(connected));
        }
    }

    /// Joins a channel upstream.
    pub(super) fn bridge(&mut self, connect: BridgeConnect) {
        self.disconnect(&connect.id);
        match Channel::parse(&connect.channel) {
            Some(channel) => self.bridge_ours(channel, connect),
            None => self.bridge_foreign(connect),
        }
    }

    fn bridge_ours(&mut self, channel: Channel, mut connect: BridgeConnect) {
        let may = rules::join::gate(channel, who(self.login.as_deref()));
        if !self.has_room() || self.has_shared(channel) || may.is_err() {
            return;
        }
        // Those channels look at none, and with others they could not be shared.
        connect.params = None;
        let answer = connect.pong.then(|| frame::connected(&connect.id).into());
        self.bridge_as(Feed::Upstream(channel), connect);
        self.outputs.extend(answer.map(Output::Send));
    }

    fn bridge_foreign(&mut self, connect: BridgeConnect) {
        if !self.has_room() {
            return;
        }
        let mut unanswered = self.channels.iter().filter(|it| !it.channel.counts());
        let oldest = unanswered.next().map(|joined| joined.id.clone());
        if let Some(oldest) = oldest
            && unanswered.count() + 1 >= UNANSWERED_CHANNELS_MAX
        {
            self.disconnect(&oldest);
        }
        let pong = connect.pong;
        self.bridge_as(Feed::Unanswered { pong }, connect);
    }

    fn bridge_as(&mut self, channel: Feed, connect: BridgeConnect) {
        let sub = self.free_number();
        self.channels.push(Joined {
            id: connect.id.clone(),
            sub,
            channel,
        });
        self.outputs.push_back(Output::BridgeJoin { sub, connect });
    }
}
