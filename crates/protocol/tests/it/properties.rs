//! What must hold of any input.

use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::corpus::decode::check;

/// Keys and strings that mean something to the decoders, and some that don't.
fn word() -> impl Strategy<Value = String> {
    let words = "id type body channel params pong connect disconnect ch s un q withRenotes listId \
        hashtag userList localTimeline main note userId user host visibility public specified \
        visibleUserIds renote renoteId reply replyId text cw poll fileIds files tags reactions \
        reactionCount reactionAndUserPairCache createdAt notification follow followerId followeeId \
        muterId muteeId expiresAt mutedInstances isHidden";
    let known: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    prop_oneof![9 => prop::sample::select(known), 1 => any::<String>()]
}

/// Any JSON, made of such words.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..12)
                .prop_map(|entries| Value::from(Map::from_iter(entries))),
        ]
    })
}

/// A note that decodes, whose other keys are anything, and which may renote such a note.
fn note() -> impl Strategy<Value = Value> {
    let plain = prop::collection::vec((word(), json()), 0..8).prop_map(|entries| {
        let mut note = Map::from_iter(entries);
        for key in [
            "renote",
            "reply",
            "user",
            "tags",
            "mentions",
            "visibleUserIds",
            "reactions",
        ] {
            note.remove(key);
        }
        for (key, value) in [("id", "n"), ("userId", "u"), ("visibility", "followers")] {
            note.insert(key.to_owned(), value.into());
        }
        Value::from(note)
    });
    plain.prop_recursive(4, 8, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|(mut outer, inner, replies)| {
            outer[if replies { "reply" } else { "renote" }] = inner;
            outer
        })
    })
}

fn topic() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "notesStream",
        "noteStream:n",
        "mainStream:u",
        "roleTimelineStream:r",
        "antennaStream:a",
        "driveStream:u",
        "chatUserStream:a-b",
        "userListStream:l",
        "broadcast",
        "internal",
        "nope",
    ])
}

proptest! {
    #[test]
    fn bytes_do_no_harm(data: Vec<u8>) {
        check(&data);
    }

    #[test]
    fn text_does_no_harm(topic in topic(), text: String) {
        check(format!("{topic}\n{text}").as_bytes());
    }

    #[test]
    fn json_does_no_harm(topic in topic(), json in json()) {
        check(format!("{topic}\n{json}").as_bytes());
    }

    #[test]
    fn messages_do_no_harm(topic in topic(), kind in word(), body in json()) {
        check(format!("{topic}\n{}", serde_json::json!({"type": kind, "body": body})).as_bytes());
    }

    #[test]
    fn notes_can_be_rewritten(note in note()) {
        check(format!("notesStream\n{note}").as_bytes());
        let message = serde_json::json!({"type": "note", "body": note});
        check(format!("roleTimelineStream:r\n{message}").as_bytes());
    }
}
