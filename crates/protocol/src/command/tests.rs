use super::*;
use crate::join::TimelineParams;
use crate::limits::{HASHTAG_BYTES_MAX, HASHTAG_GROUP_TAGS_MAX, HASHTAG_GROUPS_MAX};

/// What a message decodes to, in short; `-` where it is ignored.
fn show(text: &str) -> String {
    show_command(decode(text))
}

fn show_command(command: Option<Command>) -> String {
    match command {
        None => "-".to_owned(),
        Some(Command::Connect(connect)) => {
            assert_eq!(connect.join.channel(), connect.channel);
            let pong = if connect.pong { "" } else { " quiet" };
            let (name, join) = (connect.channel.name(), show_join(&connect.join));
            format!("connect {:?} {name}{join}{pong}", connect.id.as_str())
        }
        Some(Command::Bridge(bridge)) => show_bridge(&bridge),
        Some(Command::Disconnect { id }) => format!("disconnect {:?}", id.as_str()),
        Some(Command::Operation { id, kind, body }) => {
            format!("operation {:?} {kind} {}", id.as_str(), body.get())
        }
        Some(Command::Capture { note }) => format!("capture {note}"),
        Some(Command::Release { note }) => format!("release {note}"),
        Some(Command::ReadNotifications) => "read notifications".to_owned(),
    }
}

fn show_bridge(bridge: &BridgeConnect) -> String {
    let params = bridge.params.as_ref().map_or("none", |params| params.get());
    let pong = if bridge.pong { "" } else { " quiet" };
    format!(
        "bridge {:?} {} {params}{pong}",
        bridge.id.as_str(),
        bridge.channel
    )
}

fn show_join(join: &Join) -> String {
    match join {
        Join::HomeTimeline(params)
        | Join::LocalTimeline(params)
        | Join::HybridTimeline(params)
        | Join::GlobalTimeline(params) => show_params(*params),
        Join::UserList { list, params } => format!(" {list}{}", show_params(*params)),
        Join::Hashtag { groups } => format!(" {groups:?}"),
        Join::RoleTimeline { role } => format!(" {role}"),
        Join::Antenna { antenna } => format!(" {antenna}"),
        Join::Channel { channel } => format!(" {channel}"),
        Join::ChatUser { other } | Join::Messaging { other } => format!(" {other}"),
        Join::ChatRoom { room } => format!(" {room}"),
        Join::ReversiGame { game } => format!(" {game}"),
        Join::Main
        | Join::Drive
        | Join::ServerStats
        | Join::QueueStats
        | Join::Admin
        | Join::MessagingIndex
        | Join::Reversi => String::new(),
    }
}

fn show_params(params: TimelineParams) -> String {
    let flags = [
        (params.with_renotes, " renotes"),
        (params.with_replies, " replies"),
        (params.with_files, " files"),
    ];
    flags
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, name)| *name)
        .collect()
}

fn check(text: &str, expected: &str) {
    assert_eq!(show(text), expected, "{text}");
}

/// A `connect` with these params, answered.
fn check_params(channel: &str, params: &str, expected: &str) {
    let text = format!(
        r#"{{"type":"connect","body":{{"channel":"{channel}","id":"c","params":{params},"pong":true}}}}"#
    );
    let expected = if expected == "-" {
        "-".to_owned()
    } else {
        format!(r#"connect "c" {expected}"#)
    };
    check(&text, &expected);
}

#[test]
fn what_is_not_a_message_is_ignored() {
    for text in [
        "",
        "h",
        "ping",
        "{",
        "null",
        "123",
        r#""str""#,
        "[]",
        "true",
        "{}",
        "\u{feff}{}",
        "{}{}",
        r#"{"type":"nope","body":{}}"#,
        r#"{"type":null}"#,
        r#"{"type":5,"body":{}}"#,
        r#"{"type":["s"],"body":{"id":"n"}}"#,
        r#"{"type":{"s":null},"body":{"id":"n"}}"#,
        r#"["s",{"id":"n"}]"#,
        r#"{"body":{"id":"n"}}"#,
        r#"{"type":"Connect","body":{"channel":"main","id":"c"}}"#,
        r#"{"type":"connected","body":{"id":"c"}}"#,
        r#"{"type":"noteUpdated","body":{"id":"n"}}"#,
        r#"{"type":"s","body":{"id":"n"}"#,
        r#"{"type":"s","body":{"id":"n"}}x"#,
        r#"{"type":"s","body":{"id":"n",}}"#,
        "{\"type\":\"s\",\"body\":{\"id\":\"n\nn\"}}",
        r#"{"type":"s","body":{"id":"\ud800"}}"#,
    ] {
        check(text, "-");
    }
}

#[test]
fn beside_an_upstream_only_its_own_channels_are_left_to_it() {
    let check = |body: &str, expected: &str| {
        let text = format!(r#"{{"type":"connect","body":{{{body}}}}}"#);
        assert_eq!(
            show_command(decode_beside_upstream(&text)),
            expected,
            "{body}"
        );
    };
    check(r#""channel":"main","id":"a""#, r#"connect "a" main quiet"#);
    check(r#""channel":"userList","id":"a","params":{}"#, "-");
    check(
        r#""channel":"reversiGame","id":"a","params":{"gameId":"g"}"#,
        r#"connect "a" reversiGame g quiet"#,
    );
    for name in ["serverStats", "queueStats", "nope", "", "あ"] {
        check(
            &format!(r#""channel":"{name}","id":"a","pong":true"#),
            &format!(r#"bridge "a" {name} none"#),
        );
    }
    check(
        r#""channel":"fork","id":"","params": { "b":[1.0] }"#,
        r#"bridge "" fork { "b":[1.0] } quiet"#,
    );
    for params in ["null", "[]", "1", "\"{}\""] {
        check(
            &format!(r#""channel":"fork","id":"a","params":{params}"#),
            "-",
        );
    }
    let long = "x".repeat(CHANNEL_NAME_BYTES_MAX + 1);
    check(&format!(r#""channel":"{long}","id":"a""#), "-");
    let long = "x".repeat(PARAMS_BYTES_MAX);
    check(
        &format!(r#""channel":"fork","id":"a","params":{{"x":"{long}"}}"#),
        "-",
    );
    check(r#""channel":"fork","id":5"#, "-");
    // The rest of the messages is the same.
    assert_eq!(
        show_command(decode_beside_upstream(r#"{"type":"s","body":{"id":"n"}}"#)),
        "capture n"
    );
}

#[test]
fn captures_have_aliases() {
    check(
        r#"{"type":"subNote","body":{"id":"atx8g4sdpt4i002c"}}"#,
        "capture atx8g4sdpt4i002c",
    );
    check(
        r#"{"type":"s","body":{"id":"atx8g4sdpt4i002c"}}"#,
        "capture atx8g4sdpt4i002c",
    );
    check(r#"{"type":"sr","body":{"id":"n"}}"#, "capture n");
    check(
        r#"{"type":"unsubNote","body":{"id":"notsubscribed"}}"#,
        "release notsubscribed",
    );
    check(r#"{"type":"un","body":{"id":"n"}}"#, "release n");
    check(
        r#"{"type":"subNote","body":{"id":"__proto__"}}"#,
        "capture __proto__",
    );
    check(
        r#"{"body":{"x":[1],"id":"\u006e"},"more":{},"type":"\u0073"}"#,
        "capture n",
    );
    for text in [
        r#"{"type":"subNote"}"#,
        r#"{"type":"subNote","body":{}}"#,
        r#"{"type":"subNote","body":null}"#,
        r#"{"type":"subNote","body":"n"}"#,
        r#"{"type":"subNote","body":["n"]}"#,
        r#"{"type":"subNote","body":{"id":5}}"#,
        r#"{"type":"subNote","body":{"id":null}}"#,
        r#"{"type":"subNote","body":{"id":""}}"#,
        r#"{"type":"un","body":{"id":["n"]}}"#,
    ] {
        check(text, "-");
    }
    check(
        &format!(r#"{{"type":"s","body":{{"id":"{}"}}}}"#, "n".repeat(65)),
        "-",
    );
}

#[test]
fn channels_are_left_under_the_clients_id() {
    check(
        r#"{"type":"disconnect","body":{"id":"nope"}}"#,
        r#"disconnect "nope""#,
    );
    check(
        r#"{"type":"disconnect","body":{"id":""}}"#,
        r#"disconnect """#,
    );
    check(
        r#"{"type":"disconnect","body":{"id":"a\"\n😀"}}"#,
        r#"disconnect "a\"\n😀""#,
    );
    check(r#"{"type":"disconnect","body":{"id":5}}"#, "-");
    check(r#"{"type":"disconnect","body":{}}"#, "-");
    check(r#"{"type":"disconnect"}"#, "-");
    let id = "i".repeat(CLIENT_ID_BYTES_MAX);
    check(
        &format!(r#"{{"type":"disconnect","body":{{"id":"{id}"}}}}"#),
        &format!("disconnect {id:?}"),
    );
    check(
        &format!(r#"{{"type":"disconnect","body":{{"id":"{id}i"}}}}"#),
        "-",
    );
}

#[test]
fn notifications_are_read_whatever_the_body() {
    for text in [
        r#"{"type":"readNotification"}"#,
        r#"{"type":"readNotification","body":{}}"#,
        r#"{"type":"readNotification","body":null}"#,
        r#"{"type":"readNotification","body":[5]}"#,
    ] {
        check(text, "read notifications");
    }
}

#[test]
fn operations_need_a_body() {
    check(
        r#"{"type":"ch","body":{"id":"ss","type":"requestLog","body":{"id":"req1","length":3}}}"#,
        r#"operation "ss" requestLog {"id":"req1","length":3}"#,
    );
    check(
        r#"{"type":"channel","body":{"id":"ss","type":"requestLog","body":{"id":12345,"length":2}}}"#,
        r#"operation "ss" requestLog {"id":12345,"length":2}"#,
    );
    check(
        r#"{"type":"channel","body":{"id":"room","type":"read","body":null}}"#,
        r#"operation "room" read null"#,
    );
    check(
        r#"{"type":"ch","body":{"id":"chat","type":"read","body":{}}}"#,
        r#"operation "chat" read {}"#,
    );
    check(
        r#"{"type":"ch","body":{"id":"game","type":"ready","body":true}}"#,
        r#"operation "game" ready true"#,
    );
    check(
        r#"{"type":"ch","body":{"id":"game","type":"putStone","body":{"pos":"17","id":"b-str"}}}"#,
        r#"operation "game" putStone {"pos":"17","id":"b-str"}"#,
    );
    check(
        r#"{"type":"ch","body":{"id":"game","type":"reaction","body":"🎉"}}"#,
        r#"operation "game" reaction "🎉""#,
    );
    check(
        r#"{"type":"ch","body":{"id":"nope","type":"x","body":{}}}"#,
        r#"operation "nope" x {}"#,
    );
    check(r#"{"type":"ch","body":{"id":"nope"}}"#, "-");
    check(r#"{"type":"ch","body":{"id":"chat","type":"read"}}"#, "-");
    check(r#"{"type":"ch","body":{"id":"chat","body":{}}}"#, "-");
    check(r#"{"type":"ch","body":{"type":"read","body":{}}}"#, "-");
    check(
        r#"{"type":"ch","body":{"id":5,"type":"read","body":{}}}"#,
        "-",
    );
    check(
        r#"{"type":"ch","body":{"id":"chat","type":5,"body":{}}}"#,
        "-",
    );
    check(r#"{"type":"ch"}"#, "-");
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| {
        let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"type":"ch","body":{{"id":"c","type":"t","body":{body}}}}}"#)
    };
    assert!(matches!(
        decode(&nested(JSON_DEPTH_MAX - 2)),
        Some(Command::Operation { .. })
    ));
    check(&nested(JSON_DEPTH_MAX - 1), "-");
    check(&"[".repeat(60_000), "-");
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    check_params("main", &nested(JSON_DEPTH_MAX - 3), "main");
    check_params("main", &nested(JSON_DEPTH_MAX - 2), "-");
}

#[test]
fn a_connect_names_a_channel_and_an_id() {
    check(
        r#"{"type":"connect","body":{"channel":"main","id":"main","pong":true}}"#,
        r#"connect "main" main"#,
    );
    check(
        r#"{"type":"connect","body":{"channel":"localTimeline","id":"","params":{},"pong":true}}"#,
        r#"connect "" localTimeline renotes"#,
    );
    for body in [
        r#"null"#,
        r#""x""#,
        r#"[]"#,
        r#"{}"#,
        r#"{"channel":"nopeTimeline","id":"u1","params":{},"pong":true}"#,
        r#"{"channel":"__proto__","id":"u1","params":{},"pong":true}"#,
        r#"{"channel":"constructor","id":"u1","params":{},"pong":true}"#,
        r#"{"channel":"messaging","id":"an","params":{},"pong":true}"#,
        r#"{"channel":"bubbleTimeline","id":"np","pong":true}"#,
        r#"{"channel":"localTimeline","id":5,"params":{},"pong":true}"#,
        r#"{"channel":"localTimeline","id":null,"params":{},"pong":true}"#,
        r#"{"channel":"localTimeline","params":{},"pong":true}"#,
        r#"{"channel":5,"id":"x","params":{},"pong":true}"#,
        r#"{"id":"x","params":{},"pong":true}"#,
    ] {
        check(&format!(r#"{{"type":"connect","body":{body}}}"#), "-");
    }
    check(r#"{"type":"connect"}"#, "-");
}

#[test]
fn pong_is_a_boolean_null_or_absent() {
    let check_pong = |pong: &str, expected: &str| {
        let text = format!(r#"{{"type":"connect","body":{{"channel":"drive","id":"d"{pong}}}}}"#);
        check(&text, expected);
    };
    check_pong(r#","pong":true"#, r#"connect "d" drive"#);
    check_pong(r#","pong":false"#, r#"connect "d" drive quiet"#);
    check_pong(r#","pong":null"#, r#"connect "d" drive quiet"#);
    check_pong("", r#"connect "d" drive quiet"#);
    check_pong(r#","pong":"yes""#, "-");
    check_pong(r#","pong":1"#, "-");
    check_pong(r#","pong":[]"#, "-");
}

#[test]
fn params_are_an_object_or_absent() {
    check_params("localTimeline", "null", "-");
    check_params("localTimeline", "true", "-");
    check_params("localTimeline", "[1]", "-");
    check_params("localTimeline", "[]", "-");
    check_params("localTimeline", r#""x""#, "-");
    check_params("main", "null", "-");
    check_params("main", r#"{"anything":[{}]}"#, "main");
    let wide = |bytes: usize| format!(r#"{{"pad":"{}"}}"#, "x".repeat(bytes));
    check_params("main", &wide(1000), "main");
    check_params("main", &wide(PARAMS_BYTES_MAX), "-");
}

#[test]
fn flags_are_read_as_javascript_does() {
    for (value, on) in [
        ("true", true),
        ("false", false),
        ("1", true),
        ("0", false),
        ("-0", false),
        ("0.0", false),
        ("0e5", false),
        ("-1", true),
        ("0.1", true),
        (r#""x""#, true),
        (r#""false""#, true),
        (r#""0""#, true),
        (r#""""#, false),
        ("[]", true),
        ("{}", true),
    ] {
        let only = |name: &'static str| if on { name } else { "" };
        check_params(
            "localTimeline",
            &format!(r#"{{"withRenotes":{value}}}"#),
            &format!("localTimeline{}", only(" renotes")),
        );
        check_params(
            "localTimeline",
            &format!(r#"{{"withReplies":{value}}}"#),
            &format!("localTimeline renotes{}", only(" replies")),
        );
        check_params(
            "localTimeline",
            &format!(r#"{{"withFiles":{value}}}"#),
            &format!("localTimeline renotes{}", only(" files")),
        );
    }
    check_params(
        "localTimeline",
        r#"{"withRenotes":null,"withReplies":null,"withFiles":null}"#,
        "localTimeline renotes",
    );
    check_params(
        "localTimeline",
        r#"{"withFiles":true,"withFiles":false}"#,
        "localTimeline renotes",
    );
}

#[test]
fn each_timeline_takes_its_own_flags() {
    let all = r#"{"withRenotes":false,"withReplies":true,"withFiles":true,"listId":"l"}"#;
    check_params("homeTimeline", all, "homeTimeline files");
    check_params("localTimeline", all, "localTimeline replies files");
    check_params("hybridTimeline", all, "hybridTimeline replies files");
    check_params("globalTimeline", all, "globalTimeline files");
    check_params("userList", all, "userList l files");
    check_params("homeTimeline", r#"{"withRenotes":false}"#, "homeTimeline");
    check_params(
        "homeTimeline",
        r#"{"withFiles":true}"#,
        "homeTimeline renotes files",
    );
    check_params(
        "hybridTimeline",
        r#"{"withReplies":true}"#,
        "hybridTimeline renotes replies",
    );
    check_params("globalTimeline", "{}", "globalTimeline renotes");
}

#[test]
fn ids_of_params_are_strings() {
    let all = r#"{"listId":"l1","antennaId":"a1","otherId":"u1","roomId":"r1","channelId":"c1","roleId":"o1","gameId":"g1"}"#;
    for (channel, key, expected) in [
        ("userList", "listId", "userList l1 renotes"),
        ("antenna", "antennaId", "antenna a1"),
        ("chatUser", "otherId", "chatUser u1"),
        ("chatRoom", "roomId", "chatRoom r1"),
        ("channel", "channelId", "channel c1"),
        ("roleTimeline", "roleId", "roleTimeline o1"),
        ("reversiGame", "gameId", "reversiGame g1"),
    ] {
        check_params(channel, all, expected);
        for value in ["5", "null", "true", r#"["x"]"#, r#"{}"#, r#""""#] {
            check_params(channel, &format!(r#"{{"{key}":{value}}}"#), "-");
        }
        check_params(
            channel,
            &format!(r#"{{"{key}":"{}"}}"#, "i".repeat(65)),
            "-",
        );
        check_params(channel, "{}", "-");
        check(
            &format!(
                r#"{{"type":"connect","body":{{"channel":"{channel}","id":"np","pong":true}}}}"#
            ),
            "-",
        );
    }
    for channel in [
        "main",
        "drive",
        "serverStats",
        "queueStats",
        "admin",
        "reversi",
    ] {
        check_params(channel, all, channel);
    }
}

#[test]
fn hashtags_are_an_or_of_ands() {
    let check_q = |q: &str, expected: &str| {
        let expected = if expected == "-" {
            "-".to_owned()
        } else {
            format!("hashtag {expected}")
        };
        check_params("hashtag", &format!(r#"{{"q":{q}}}"#), &expected);
    };
    check_q(r#"[["tagone"]]"#, r#"[["tagone"]]"#);
    check_q(r#"[["tagone","tagtwo"]]"#, r#"[["tagone", "tagtwo"]]"#);
    check_q(r#"[["tagone"],["tagtwo"]]"#, r#"[["tagone"], ["tagtwo"]]"#);
    check_q(r#"[["TagOne"]]"#, r#"[["tagone"]]"#);
    check_q(r#"[["ＴａｇOne","ﾐｽｷｰ"]]"#, r#"[["tagone", "ミスキー"]]"#);
    check_q("[]", "[]");
    for q in [
        "[[]]",
        r#"[["a"],[]]"#,
        r#""str""#,
        r#"["str"]"#,
        "[[5]]",
        r#"[["a",null]]"#,
        "{}",
        "null",
        r#"{"0":["a"]}"#,
        "true",
    ] {
        check_q(q, "-");
    }
    check_params("hashtag", "{}", "-");
    check(
        r#"{"type":"connect","body":{"channel":"hashtag","id":"np","pong":true}}"#,
        "-",
    );
}

#[test]
fn hashtags_are_bounded() {
    let joins = |groups: usize, tags: usize, bytes: usize| {
        let group = format!(
            "[{}]",
            vec![format!(r#""{}""#, "t".repeat(bytes)); tags].join(",")
        );
        let params = format!(r#"{{"q":[{}]}}"#, vec![group; groups].join(","));
        Join::decode(Channel::Hashtag, Some(&params)).is_some()
    };
    assert!(joins(HASHTAG_GROUPS_MAX, 1, 1));
    assert!(!joins(HASHTAG_GROUPS_MAX + 1, 1, 1));
    assert!(joins(1, HASHTAG_GROUP_TAGS_MAX, 1));
    assert!(!joins(1, HASHTAG_GROUP_TAGS_MAX + 1, 1));
    assert!(joins(1, 1, HASHTAG_BYTES_MAX));
    assert!(!joins(1, 1, HASHTAG_BYTES_MAX + 1));
}
