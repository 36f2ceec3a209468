//! The decoders against a run of a real server.

use std::collections::BTreeMap;

use protocol::command::{self, ClientId, Command};
use protocol::event::{self, Event};
use protocol::frame;
use protocol::note::{self, HostHead, NoteHead};
use serde_json::{Value, json};

use crate::traces;

/// The topic and the payload of each recorded message that has an envelope.
fn messages(lines: &[Value]) -> Vec<(String, String)> {
    let split = |line: &Value| {
        let envelope: Value = serde_json::from_str(line["raw"].as_str()?).ok()?;
        let topic = envelope["channel"].as_str()?.to_owned();
        Some((topic, envelope["message"].to_string()))
    };
    lines.iter().filter_map(split).collect()
}

#[test]
fn every_published_message_decodes() {
    let Some(lines) = traces::read("redis.jsonl.gz") else {
        return;
    };
    let messages = messages(&lines);
    // Four lines are messages without an envelope, published to see what would happen.
    assert_eq!(lines.len() - messages.len(), 4);
    let mut kinds = BTreeMap::<String, usize>::new();
    for (topic, payload) in &messages {
        let event = event::decode(topic, payload.as_bytes());
        let event = event.unwrap_or_else(|error| panic!("{error}: {:?}: {payload}", error.source));
        *kinds.entry(kind(topic, payload, &event)).or_default() += 1;
    }
    let expected = json!({
        "note": 138, "role note": 141, "antenna note": 17, "note updated": 29,
        "main notification": 107, "main unreadnotification": 104, "main mention": 35,
        "main reply": 25, "main renote": 21, "main other": 65,
        "topic": 57, "broadcast": 7, "change": 44,
        "unknown internal \"localUserUpdated\"": 7, "unknown internal \"antennaCreated\"": 2,
        // Published by hand, to see what would happen.
        "unknown antennaStream \"other\"": 1, "unknown roleTimelineStream \"other\"": 1,
        "unknown channelStream \"typing\"": 1, "unknown nope \"x\"": 1,
    });
    assert_eq!(serde_json::to_value(&kinds).unwrap(), expected);
}

/// What a message is, for counting; notes are compared with what they were read from.
fn kind(topic: &str, payload: &str, event: &Event<'_>) -> String {
    match event {
        Event::Note(note) => {
            compare(note, &serde_json::from_str(payload).unwrap());
            "note".to_owned()
        }
        Event::RoleNote { note, body, .. } => {
            compare(note, &serde_json::from_str(body.get()).unwrap());
            "role note".to_owned()
        }
        Event::AntennaNote { .. } => "antenna note".to_owned(),
        Event::Main { head, .. } => format!("main {:?}", head.kind).to_lowercase(),
        Event::Topic { .. } => "topic".to_owned(),
        Event::NoteUpdated { .. } => "note updated".to_owned(),
        Event::Broadcast { .. } => "broadcast".to_owned(),
        Event::Change(_) => "change".to_owned(),
        Event::Unknown => {
            let message: Value = serde_json::from_str(payload).unwrap();
            format!(
                "unknown {} {}",
                topic.split(':').next().unwrap(),
                message["type"]
            )
        }
    }
}

/// Compares a head with a plain reading of the same note.
fn compare(head: &NoteHead<'_>, note: &Value) {
    let strings = |key: &str| -> Vec<&str> {
        let values = note[key].as_array().into_iter().flatten();
        values.map(|text| text.as_str().unwrap()).collect()
    };
    let host = match &note["user"].as_object().unwrap().get("host") {
        None => HostHead::Unknown,
        Some(host) => host
            .as_str()
            .map_or(HostHead::Local, |host| HostHead::Remote(host.into())),
    };
    assert_eq!(note["id"], *head.id);
    assert_eq!(note["userId"], *head.author.id);
    assert_eq!(head.author.host, host);
    assert_eq!(
        head.author.requires_signin,
        note["user"]["requireSigninToViewContents"] == true
    );
    assert_eq!(
        note["visibility"],
        format!("{:?}", head.visibility).to_lowercase()
    );
    assert_eq!(head.visible_user_ids, strings("visibleUserIds"));
    assert_eq!(head.mentions, strings("mentions"));
    assert_eq!(head.tags, strings("tags"));
    assert_eq!(note["channelId"].as_str(), head.channel_id.as_deref());
    assert_eq!(note["replyId"].as_str(), head.reply_id.as_deref());
    assert_eq!(note["renoteId"].as_str(), head.renote_id.as_deref());
    assert_eq!(head.has_files, note["fileIds"] != json!([]));
    assert_eq!(head.reactions.pairs, strings("reactionAndUserPairCache"));
    assert_eq!(note["reactionCount"], head.reactions.count);
    assert!(head.created_ms.is_some());
    assert_eq!(head.reply.is_some(), note["reply"].is_object());
    assert_eq!(head.renote.is_some(), note["renote"].is_object());
    if let Some(renote) = &head.renote {
        compare(renote, &note["renote"]);
    }
}

/// Each frame with a note is the published note, but for one's own reaction.
#[test]
fn every_delivered_note_is_the_published_one() {
    let frames = traces::read("frames.jsonl.gz");
    let (Some(frames), Some(lines)) = (frames, traces::read("redis.jsonl.gz")) else {
        return;
    };
    let published: BTreeMap<String, String> = messages(&lines)
        .into_iter()
        .filter(|(topic, _)| topic == "notesStream")
        .map(|(_, payload)| {
            (
                serde_json::from_str::<Value>(&payload).unwrap()["id"].to_string(),
                payload,
            )
        })
        .collect();
    let (mut plain, mut reacted) = (0, 0);
    for text in frames.iter().filter(|frame| frame["kind"] == "recv") {
        let text = text["text"].as_str().unwrap();
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        let body = &frame["body"];
        // An antenna's note is packed anew; `syn3` was published with numbers such as `1.0`,
        // which JavaScript writes in another way.
        let skipped = |id: &Value| id.as_str().is_none_or(|id| id.starts_with("ant"));
        if body["type"] != "note" || skipped(&body["id"]) || body["body"]["id"] == "syn3" {
            continue;
        }
        let payload = published[&body["body"]["id"].to_string()].as_bytes();
        let copy = match body["body"]["renote"]["myReaction"].as_str() {
            Some(reaction) => {
                reacted += 1;
                note::with_my_reaction(payload, reaction).unwrap()
            }
            None => {
                plain += 1;
                payload.to_vec()
            }
        };
        let id = ClientId::parse(body["id"].as_str().unwrap()).unwrap();
        let mut built = frame::channel_head(&id).into_vec();
        built.extend(frame::channel_rest("note", Some(&copy)));
        let built: Value = serde_json::from_slice(&built).unwrap();
        // As text, so that the order of keys counts.
        assert_eq!(built.to_string(), frame.to_string());
    }
    assert_eq!((plain, reacted), (6486, 27));
}

/// Every command of the scenario is understood. What the odd connections sent is in the table
/// of the decoder's own tests.
#[test]
fn every_command_of_the_scenario_decodes() {
    let Some(frames) = traces::read("frames.jsonl.gz") else {
        return;
    };
    let mut commands = BTreeMap::<&str, usize>::new();
    for frame in &frames {
        let conn = frame["conn"].as_str().unwrap_or_default();
        if frame["kind"] != "send" || conn.starts_with("edge:") {
            continue;
        }
        let text = frame["text"].as_str().unwrap();
        let name = match command::decode(text) {
            Some(Command::Connect(_)) => "connect",
            Some(Command::Bridge(_)) => "bridge",
            Some(Command::Disconnect { .. }) => "disconnect",
            Some(Command::Operation { .. }) => "operation",
            Some(Command::Capture { .. }) => "capture",
            Some(Command::Release { .. }) => "release",
            Some(Command::ReadNotifications) => "read",
            // An AND of no tags, which the recorded server took for every note there is.
            None if text.contains(r#""q":[[]]"#) => "refused",
            None => panic!("not understood: {text}"),
        };
        *commands.entry(name).or_default() += 1;
    }
    let expected = json!({
        "connect": 219, "operation": 18, "capture": 24, "release": 3, "read": 1, "refused": 1,
    });
    assert_eq!(serde_json::to_value(&commands).unwrap(), expected);
}
