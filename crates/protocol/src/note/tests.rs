use serde_json::{Value, json};

use super::*;
use crate::limits::CHAIN_LINKS_MAX;

/// A recorded note, short of what no rule reads.
fn recorded() -> Value {
    json!({
        "id": "atx8g2kjpt4i002a",
        "createdAt": "2026-11-23T19:38:19.267Z",
        "userId": "bob",
        "user": {"id": "bob", "name": null, "username": "bob", "host": null, "emojis": {}},
        "text": "early note of bob",
        "cw": null,
        "visibility": "public",
        "localOnly": false,
        "reactionAcceptance": null,
        "reactionCount": 0,
        "reactions": {},
        "reactionEmojis": {},
        "reactionAndUserPairCache": [],
        "fileIds": [],
        "files": [],
        "replyId": null,
        "renoteId": null,
        "clippedCount": 0,
    })
}

/// The recorded note with some keys set, or removed where `changes` has `"-"`.
fn changed(changes: &Value) -> Value {
    let mut note = recorded();
    let keys = note.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        if value == "-" {
            keys.remove(key);
        } else {
            keys.insert(key.clone(), value.clone());
        }
    }
    note
}

/// A pure renote of a note.
fn renote(note: &Value) -> Value {
    changed(&json!({"text": null, "renoteId": note["id"], "renote": note}))
}

fn decode<T>(note: &Value, look: impl FnOnce(&NoteHead<'_>) -> T) -> T {
    let payload = note.to_string();
    look(&NoteHead::decode(payload.as_bytes()).unwrap())
}

fn refuses(note: &Value) -> bool {
    NoteHead::decode(note.to_string().as_bytes()).is_err()
}

#[test]
fn a_note_is_read() {
    decode(&recorded(), |note| {
        assert_eq!(note.id, "atx8g2kjpt4i002a");
        assert_eq!(note.author.id, "bob");
        assert_eq!(note.author.host, HostHead::Local);
        assert!(!note.author.requires_signin);
        assert_eq!(note.author.hidden_before_s, None);
        assert_eq!(note.created_ms, Some(1_795_462_699_267));
        assert_eq!(note.visibility, Visibility::Public);
        assert!(!note.has_files && !note.pure_renote && !note.hidden);
        assert!(note.reply_id.is_none() && note.reply.is_none());
        assert!(note.renote_id.is_none() && note.renote.is_none());
        assert!(note.tags.is_empty() && note.mentions.is_empty() && note.channel_id.is_none());
        assert_eq!(note.chain().count(), 1);
    });
}

#[test]
fn what_rules_need_is_read() {
    let user = json!({
        "id": "eve", "host": "Remote.example", "requireSigninToViewContents": true,
        "makeNotesHiddenBefore": -3600, "makeNotesFollowersOnlyBefore": 1_700_000_000,
    });
    let reply =
        json!({"id": "r", "userId": "al", "user": {"host": null}, "visibility": "followers"});
    let note = changed(&json!({
        "userId": "eve", "user": user, "visibility": "specified", "visibleUserIds": ["a", "b"],
        "mentions": ["a"], "channelId": "c", "channel": {"id": "c"}, "fileIds": ["f"],
        "tags": ["TagOne", "b"], "replyId": "r", "reply": reply, "isHidden": true,
    }));
    decode(&note, |note| {
        assert_eq!(note.author.host, HostHead::Remote("Remote.example".into()));
        assert!(note.author.requires_signin);
        assert_eq!(note.author.hidden_before_s, Some(-3600));
        assert_eq!(note.author.followers_only_before_s, Some(1_700_000_000));
        assert_eq!(note.visibility, Visibility::Specified);
        assert_eq!(note.visible_user_ids, ["a", "b"]);
        assert_eq!(note.mentions, ["a"]);
        assert_eq!(note.channel_id.as_deref(), Some("c"));
        assert!(note.has_files && note.hidden);
        assert_eq!(note.tags, ["TagOne", "b"]);
        assert_eq!(note.reply_id.as_deref(), Some("r"));
        let reply = note.reply.as_ref().unwrap();
        assert_eq!(
            (&*reply.author.id, &reply.author.host),
            ("al", &HostHead::Local)
        );
        assert_eq!(reply.visibility, Visibility::Followers);
    });
}

#[test]
fn strings_are_borrowed_unless_they_have_escapes() {
    let payload =
        r#"{"id":"n","userId":"\u0075","visibility":"home","tags":["a","\n"],"renoteId":"r"}"#;
    let note = NoteHead::decode(payload.as_bytes()).unwrap();
    assert!(note.id.is_borrowed() && note.tags[0].is_borrowed());
    assert!(note.renote_id.as_ref().unwrap().is_borrowed());
    assert!(!note.author.id.is_borrowed() && !note.tags[1].is_borrowed());
    assert_eq!(note.author.id, "u");
    assert_eq!(note.tags[1], "\n");
}

#[test]
fn an_absent_host_is_not_local() {
    let host = |user: Value| {
        decode(&changed(&json!({"user": user})), |note| {
            note.author.host == HostHead::Unknown
        })
    };
    assert!(host(json!({"id": "bob"})));
    assert!(host(json!(null)));
    assert!(host(json!("-")));
    assert!(!host(json!({"id": "bob", "host": null})));
}

#[test]
fn what_rules_can_not_do_without_is_demanded() {
    for change in [
        json!({"id": "-"}),
        json!({"id": 5}),
        json!({"userId": "-"}),
        json!({"userId": null}),
        json!({"visibility": "-"}),
        json!({"visibility": null}),
        json!({"visibility": "Public"}),
        json!({"visibility": "private"}),
        json!({"visibility": {"public": null}}),
        json!({"user": []}),
        json!({"user": {"host": 5}}),
        json!({"user": {"requireSigninToViewContents": "yes"}}),
        json!({"visibleUserIds": "a"}),
        json!({"visibleUserIds": [5]}),
        json!({"channelId": 5}),
        json!({"fileIds": {}}),
        json!({"reply": {"userId": "a"}}),
        json!({"renote": {"id": "x", "userId": "a"}}),
        json!({"renote": ["x"]}),
    ] {
        assert!(refuses(&changed(&change)), "{change}");
    }
    for payload in ["", "null", "5", "[]", "{}", r#""x""#] {
        assert!(NoteHead::decode(payload.as_bytes()).is_err(), "{payload}");
    }
    let twice = r#"{"id":"n","userId":"u","visibility":"public","visibility":"specified"}"#;
    assert!(NoteHead::decode(twice.as_bytes()).is_err());
    let broken = b"{\"id\":\"n\",\"userId\":\"u\",\"visibility\":\"public\",\"text\":\"\xff\"}";
    assert!(NoteHead::decode(broken).is_err());
}

#[test]
fn a_reply_comes_with_its_target() {
    let target = json!({"userId": "a", "visibility": "followers"});
    let whole = changed(&json!({"replyId": "r", "reply": target}));
    let absent = changed(&json!({"replyId": "r"}));
    let null = changed(&json!({"replyId": "r", "reply": null}));
    let quote = |note: &Value| {
        let mut quote = renote(note);
        quote["text"] = json!("look");
        quote
    };
    assert!(!refuses(&whole) && !refuses(&renote(&whole)));
    for lacking in [absent, null] {
        assert!(refuses(&lacking), "{lacking}");
        assert!(refuses(&renote(&lacking)), "the renote of {lacking}");
        // No rule asks what a quoted note replies to, but for hiding what would be there.
        assert!(!refuses(&quote(&lacking)), "a quote of {lacking}");
        assert!(!refuses(&renote(&quote(&lacking))));
    }
}

#[test]
fn a_pure_renote_carries_nothing_of_its_own() {
    let check = |changes: Value, expected| {
        let mut note = renote(&recorded());
        let keys = note.as_object_mut().unwrap();
        for (key, value) in changes.as_object().unwrap() {
            keys.insert(key.clone(), value.clone());
        }
        assert_eq!(
            decode(&note, |note| note.pure_renote),
            expected,
            "{changes}"
        );
    };
    check(json!({}), true);
    check(json!({"poll": null}), true);
    check(json!({"text": "quote"}), false);
    check(json!({"text": ""}), false);
    check(json!({"cw": "warning"}), false);
    let target = json!({"userId": "a", "visibility": "public"});
    check(json!({"replyId": "r", "reply": target}), false);
    check(json!({"poll": {"choices": []}}), false);
    check(json!({"fileIds": ["f"]}), false);
    check(json!({"renoteId": null}), false);
}

#[test]
fn the_chain_of_renotes_is_bounded() {
    let chain = |links: usize| (1..links).fold(recorded(), |note, _| renote(&note));
    for links in 1..=CHAIN_LINKS_MAX {
        assert_eq!(decode(&chain(links), |note| note.chain().count()), links);
    }
    assert!(refuses(&chain(CHAIN_LINKS_MAX + 1)));
}

/// However deep the nesting, a small stack must hold.
#[test]
fn no_nesting_breaks_the_stack() {
    let open = r#"{"id":"n","userId":"u","visibility":"public","renote":"#;
    let links = |links: usize| format!("{}null{}", open.repeat(links), "}".repeat(links));
    std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || {
            for depth in [100, 126, 127, 128, 10_000] {
                assert!(NoteHead::decode(links(depth).as_bytes()).is_err());
            }
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn reactions_say_who_reacted_where_they_cover_all() {
    let look = |changes: Value, user: &str| {
        decode(&changed(&changes), |note| {
            format!("{:?}", note.reactions.of(user))
        })
    };
    let all = json!({
        "reactionCount": 2, "reactions": {"👍": 1, "🥳": 1},
        "reactionAndUserPairCache": ["alice/👍", "carol/:blob@.:"],
    });
    assert_eq!(look(all.clone(), "alice"), r#"Reacted("👍")"#);
    assert_eq!(look(all.clone(), "carol"), r#"Reacted(":blob@.:")"#);
    assert_eq!(look(all.clone(), "bob"), "NotReacted");
    assert_eq!(look(all, "ali"), "NotReacted");
    let some =
        json!({"reactions": {"👍": 2}, "reactionCount": "-", "reactionAndUserPairCache": ["a/👍"]});
    assert_eq!(look(some.clone(), "a"), r#"Reacted("👍")"#);
    assert_eq!(look(some, "b"), "Unknown");
    let uncached =
        json!({"reactions": {"👍": 1}, "reactionCount": 1, "reactionAndUserPairCache": "-"});
    assert_eq!(look(uncached, "a"), "Unknown");
    let counted = json!({"reactions": {}, "reactionCount": 3});
    assert_eq!(look(counted, "a"), "Unknown");
    let none = json!({"reactions": {"👍": 0, "🥳": -1}, "reactionCount": 0.0});
    assert_eq!(look(none, "a"), "NotReacted");
}

/// A quote of a quote, with all that hiding touches, in an order of its own.
fn quotes() -> Value {
    let part = |id: &str| {
        changed(&json!({
            "id": id, "cw": "warning", "fileIds": ["f"], "files": [{"id": "f"}],
            "poll": {"choices": [{"text": "secret"}]}, "visibleUserIds": ["x"], "zzz": 1.5e3,
        }))
    };
    let join = |mut outer: Value, inner: Value| {
        let keys = outer.as_object_mut().unwrap();
        keys.insert("renoteId".to_owned(), inner["id"].clone());
        keys.insert("renote".to_owned(), inner);
        outer
    };
    join(part("a"), join(part("b"), part("c")))
}

/// The links of a chain as JSON, each without the next.
fn links(note: &Value) -> Vec<Value> {
    let mut links = Vec::new();
    let mut rest = Some(note.clone());
    while let Some(mut link) = rest {
        rest = link
            .as_object_mut()
            .unwrap()
            .shift_remove("renote")
            .filter(|next| !next.is_null());
        links.push(link);
    }
    links
}

#[test]
fn hiding_touches_just_the_named_links() {
    let note = quotes();
    for mask in 0..8_u16 {
        let copy: Value =
            serde_json::from_slice(&hide(note.to_string().as_bytes(), mask).unwrap()).unwrap();
        let expected = links(&note)
            .into_iter()
            .enumerate()
            .map(|(depth, mut link)| {
                if mask >> depth & 1 == 1 {
                    let keys = link.as_object_mut().unwrap();
                    keys.shift_remove("poll");
                    keys.shift_remove("visibleUserIds");
                    for (key, value) in [
                        ("text", json!(null)),
                        ("cw", json!(null)),
                        ("fileIds", json!([])),
                        ("files", json!([])),
                        ("isHidden", json!(true)),
                    ] {
                        keys.insert(key.to_owned(), value);
                    }
                }
                link
            });
        let expected: Vec<Value> = expected.collect();
        assert_eq!(links(&copy), expected, "{mask:03b}");
        // The order of keys is part of the copy: `preserve_order` makes it show in the text.
        let text = |links: &[Value]| links.iter().map(Value::to_string).collect::<Vec<_>>();
        assert_eq!(text(&links(&copy)), text(&expected), "{mask:03b}");
    }
}

#[test]
fn hiding_a_reply_touches_nothing_else() {
    let payload =
        r#"{"text":"a","reply":{"text":"b"},"renote":{"reply":{"text":"c","poll":{}},"id":"r"}}"#;
    let check = |mask: u16, expected: &str| {
        let copy = hide(payload.as_bytes(), mask).unwrap();
        assert_eq!(String::from_utf8(copy).unwrap(), expected);
    };
    let hidden = r#"{"text":null,"cw":null,"fileIds":[],"files":[],"isHidden":true}"#;
    let first = r#"{"text":"a","reply":HIDDEN,"renote":{"reply":{"text":"c","poll":{}},"id":"r"}}"#;
    check(0x0100, &first.replace("HIDDEN", hidden));
    let second = r#"{"text":"a","reply":{"text":"b"},"renote":{"reply":HIDDEN,"id":"r"}}"#;
    check(0x0200, &second.replace("HIDDEN", hidden));
    let both = r#"{"text":"a","reply":HIDDEN,"renote":{"reply":HIDDEN,"id":"r"}}"#;
    check(0x0300, &both.replace("HIDDEN", hidden));
}

#[test]
fn hiding_nothing_keeps_the_values_as_they_are_written() {
    let payload =
        r#"{"id":"n","n":1.0,"e":1E3,"s":"\u3042\/","d":1,"d":2,"renote":null,"o":{ "a" : [ ] }}"#;
    let expected =
        r#"{"id":"n","n":1.0,"e":1E3,"s":"\u3042\/","d":2,"renote":null,"o":{ "a" : [ ] }}"#;
    let copy = hide(payload.as_bytes(), 0).unwrap();
    assert_eq!(String::from_utf8(copy).unwrap(), expected);
}

#[test]
fn hiding_adds_what_a_note_lacks() {
    let copy = hide(br#"{"text":"secret","isHidden":false,"id":"n"}"#, 1).unwrap();
    let expected = r#"{"text":null,"isHidden":true,"id":"n","cw":null,"fileIds":[],"files":[]}"#;
    assert_eq!(String::from_utf8(copy).unwrap(), expected);
}

#[test]
fn hiding_a_link_that_is_not_there_fails() {
    let fails = |payload: &str, mask| hide(payload.as_bytes(), mask).unwrap_err().to_string();
    let missing = "cannot rewrite link 1 of the chain of renotes, which ends before it";
    assert_eq!(fails(r#"{"id":"n"}"#, 0b10), missing);
    assert_eq!(fails(r#"{"id":"n","renote":null}"#, 0b11), missing);
    let deeper = "cannot rewrite link 2 of the chain of renotes, which ends before it";
    assert_eq!(fails(r#"{"id":"n","renote":{"id":"r"}}"#, 0b100), deeper);
    assert_eq!(
        fails(r#"{"id":"n","renote":5}"#, 0b10),
        "cannot read note to rewrite"
    );
    assert_eq!(fails("[]", 1), "cannot read note to rewrite");
}

#[test]
fn ones_own_reaction_stands_last_in_the_renote() {
    let check = |payload: &str, reaction: &str, expected: &str| {
        let copy = with_my_reaction(payload.as_bytes(), reaction).unwrap();
        assert_eq!(String::from_utf8(copy).unwrap(), expected);
    };
    check(
        r#"{"id":"n","renote":{"id":"r","clippedCount":0},"z":1}"#,
        "👍",
        r#"{"id":"n","renote":{"id":"r","clippedCount":0,"myReaction":"👍"},"z":1}"#,
    );
    check(
        r#"{"renote":{"myReaction":"x","id":"r"}}"#,
        ":a\"b@.:",
        r#"{"renote":{"id":"r","myReaction":":a\"b@.:"}}"#,
    );
    check(
        r#"{"renote":{}}"#,
        "👍",
        r#"{"renote":{"myReaction":"👍"}}"#,
    );
    assert!(with_my_reaction(br#"{"id":"n"}"#, "👍").is_err());
    assert!(with_my_reaction(br#"{"id":"n","renote":null}"#, "👍").is_err());
    assert!(with_my_reaction(b"5", "👍").is_err());
}
