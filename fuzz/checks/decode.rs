//! What must hold of whatever the decoders of `protocol` are given. The fuzz target calls it
//! with anything, the tests with the corpus.
//!
//! An input is a topic, a line feed and a payload; without a topic it is a client's message.

use protocol::bridge::{self, LineId, Message};
use protocol::command::{self, ClientId, Command};
use protocol::event::{self, Event};
use protocol::frame;
use protocol::limits::CHAIN_LINKS_MAX;
use protocol::note::{self, NoteHead};
use serde_json::Value;
use serde_json::value::RawValue;

/// Decodes an input, and checks what comes of it.
///
/// # Panics
///
/// When something does not hold.
pub(crate) fn check(data: &[u8]) {
    let line_end = data.iter().position(|&byte| byte == b'\n');
    let (topic, payload) = line_end.map_or((&b""[..], data), |at| (&data[..at], &data[at + 1..]));
    let Ok(topic) = std::str::from_utf8(topic) else {
        return;
    };
    if topic.is_empty() {
        if let Ok(text) = std::str::from_utf8(payload) {
            check_command(text);
        }
    } else if let Ok(event) = event::decode(topic, payload) {
        check_event(payload, event);
    }
}

fn check_command(text: &str) {
    check_bridge(text);
    match command::decode(text) {
        None
        | Some(Command::Capture { .. } | Command::Release { .. } | Command::ReadNotifications) => {}
        Some(Command::Connect(connect)) => {
            assert_eq!(connect.join.channel(), connect.channel);
            check_id(&frame::connected(&connect.id), &connect.id);
        }
        Some(Command::Bridge(_)) => panic!("without an upstream nothing goes there: {text}"),
        Some(Command::Disconnect { id }) => check_channel_frame(&id, "x", None),
        Some(Command::Operation { id, kind, body }) => check_channel_frame(&id, &kind, Some(&body)),
    }
}

/// What goes upstream names the channel and the params of the client; and whatever the server
/// upstream might say of it can be read or is passed over.
fn check_bridge(text: &str) {
    if let Some(Command::Bridge(asked)) = command::decode_beside_upstream(text) {
        let id = LineId(7);
        let sent = bridge::connect(id, &asked.channel, asked.params.as_deref());
        if let Some(sent) = parse(sent.as_bytes()) {
            assert_eq!(sent["body"]["channel"], *asked.channel);
            assert_eq!(sent["body"]["id"], "7");
        }
        check_id(&frame::connected(&asked.id), &asked.id);
    }
    if let Some(Message::Event { rest, .. }) = Message::decode(text) {
        let id = ClientId::parse("c").expect("a short id is one");
        let mut frame = frame::channel_head(&id).into_vec();
        frame.extend(rest);
        if let Some(frame) = parse(&frame) {
            assert_eq!(frame["body"]["id"], "c");
        }
    }
}

fn check_event(payload: &[u8], event: Event<'_>) {
    let id = ClientId::parse("c").expect("a short id is one");
    match event {
        Event::Note(note) => check_note(payload, &note),
        Event::RoleNote { note, body, .. } => check_note(body.get().as_bytes(), &note),
        Event::Main { kind, body, .. } | Event::Topic { kind, body, .. } => {
            check_channel_frame(&id, &kind, body);
        }
        Event::NoteUpdated {
            id: note,
            kind,
            body,
            ..
        } => {
            if let Some(frame) = parse(&frame::note_updated(&note, &kind, body)) {
                assert_eq!(frame["body"]["id"], *note);
                assert_eq!(frame["body"]["type"], *kind);
            }
        }
        Event::Broadcast { kind, body } => {
            if let Some(frame) = parse(&frame::broadcast(&kind, body)) {
                assert_eq!(frame["type"], *kind);
            }
        }
        Event::AntennaNote { .. } | Event::Change(_) | Event::Unknown => {}
    }
}

/// A frame of a channel carries the id and the body that it was made of.
fn check_channel_frame(id: &ClientId, kind: &str, body: Option<&RawValue>) {
    let mut frame = frame::channel_head(id).into_vec();
    frame.extend(frame::channel_rest(
        kind,
        body.map(|body| body.get().as_bytes()),
    ));
    check_id(&frame, id);
    let (Some(frame), Some(body)) = (parse(&frame), body) else {
        return;
    };
    assert_eq!(frame["body"]["type"], kind);
    assert_eq!(
        Some(&frame["body"]["body"]),
        parse(body.get().as_bytes()).as_ref()
    );
}

fn check_id(frame: &[u8], id: &ClientId) {
    if let Some(frame) = parse(frame) {
        assert_eq!(frame["body"]["id"], id.as_str());
    }
}

/// Reads a frame. `None`: a value in it, kept as it is written, is one that `serde_json` doesn't
/// read whole: too deep, a number too large, half of a surrogate pair.
fn parse(frame: &[u8]) -> Option<Value> {
    std::str::from_utf8(frame).expect("a frame is UTF-8");
    serde_json::from_slice::<&RawValue>(frame).expect("a frame is JSON");
    serde_json::from_slice(frame).ok()
}

/// What can be decoded can be rewritten, and only what must change does.
fn check_note(payload: &[u8], head: &NoteHead<'_>) {
    let links = head.chain().count();
    assert!((1..=CHAIN_LINKS_MAX).contains(&links));
    let replies = head
        .chain()
        .enumerate()
        .filter(|(_, link)| link.reply.is_some());
    let replies = replies.fold(0_u16, |mask, (depth, _)| mask | 0x100 << depth);
    let all = (1_u32 << links) - 1;
    for links in 0..=u16::try_from(all).expect("a chain has at most eight links") {
        let copy = note::hide(payload, links).expect("a decoded note can be hidden");
        check_hidden(head, &copy, links);
        let copy = note::hide(payload, links | replies).expect("a decoded reply can be hidden");
        check_hidden(head, &copy, links | replies);
    }
    if links > 1 {
        let copy = note::with_my_reaction(payload, "\"👍").expect("a renote can be reacted to");
        assert_eq!(&NoteHead::decode(&copy).expect("a copy is a note"), head);
    }
}

/// A copy differs from its note in the hidden links and replies alone, and there has nothing left
/// to see.
fn check_hidden(head: &NoteHead<'_>, copy: &[u8], mask: u16) {
    let copy = NoteHead::decode(copy).expect("a copy is a note");
    assert_eq!(copy.chain().count(), head.chain().count());
    for (depth, (link, original)) in copy.chain().zip(head.chain()).enumerate() {
        let mut expected = original.clone();
        if mask >> depth & 1 == 1 {
            expected.hidden = true;
            expected.has_files = false;
            expected.visible_user_ids.clear();
            expected.pure_renote = link.pure_renote;
        }
        if mask >> (8 + depth) & 1 == 1
            && let Some(reply) = &mut expected.reply
        {
            reply.visible_user_ids.clear();
        }
        expected.renote = link.renote.clone();
        assert_eq!(link, &expected);
    }
}
