use super::*;

/// What a message decodes to, in short.
fn show(topic: &str, payload: &str) -> String {
    let raw = |body: Option<&RawValue>| body.map_or("absent", RawValue::get).to_owned();
    match decode(topic, payload.as_bytes()) {
        Err(_) => "error".to_owned(),
        Ok(Event::Note(note)) => format!("note {}", note.id),
        Ok(Event::RoleNote { role, note, body }) => {
            format!("note {} of role {role}: {}", note.id, body.get())
        }
        Ok(Event::AntennaNote { antenna, note }) => format!("note {note} of antenna {antenna}"),
        Ok(Event::Main {
            user,
            kind,
            body,
            head,
        }) => {
            format!("main {user} {kind} {} {:?}", raw(body), head.kind)
        }
        Ok(Event::Topic { topic, kind, body }) => format!("{topic} {kind} {}", raw(body)),
        Ok(Event::NoteUpdated {
            note,
            id,
            kind,
            audience,
            body,
        }) => {
            let audience = audience.map_or_else(|| "unknown".to_owned(), show_audience);
            format!(
                "update of {note} as {id}: {kind} {} for {audience}",
                raw(body)
            )
        }
        Ok(Event::Broadcast { kind, body }) => format!("broadcast {kind} {}", raw(body)),
        Ok(Event::Change(change)) => format!("{change:?}"),
        Ok(Event::Unknown) => "unknown".to_owned(),
    }
}

fn show_audience(audience: AudienceHead<'_>) -> String {
    let AudienceHead {
        author,
        host,
        visibility,
        visible_user_ids,
    } = audience;
    let host = match host {
        HostHead::Local => " from here".to_owned(),
        HostHead::Remote(host) => format!(" from {host}"),
        HostHead::Unknown => String::new(),
    };
    format!("{author}{host} {visibility:?} {visible_user_ids:?}")
}

fn check(topic: &str, payload: &str, expected: &str) {
    assert_eq!(show(topic, payload), expected, "{topic} {payload}");
}

const NOTE: &str = r#"{"id":"n1","userId":"bob","user":{"host":null},"visibility":"public"}"#;

#[test]
fn our_own_updates_say_where_the_author_is_from() {
    for (host, shown) in [
        ("null", "x from here"),
        (r#""b.example""#, "x from b.example"),
    ] {
        let payload = format!(
            r#"{{"type":"reacted","body":{{"id":"n","userId":"x","userHost":{host},"visibility":"public","body":{{}}}}}}"#
        );
        let expected = format!("update of n as n: reacted {{}} for {shown} Public []");
        check("noteStream:n", &payload, &expected);
    }
}

#[test]
fn notes_come_bare_and_of_roles_and_antennas() {
    check("notesStream", NOTE, "note n1");
    check("notesStream", r#"{"id":"n1","userId":"bob"}"#, "error");
    check("notesStream", "null", "error");
    check("notesStream", "not json", "error");
    let message = format!(r#"{{"type":"note","body":{NOTE}}}"#);
    check(
        "roleTimelineStream:r1",
        &message,
        &format!("note n1 of role r1: {NOTE}"),
    );
    check(
        "roleTimelineStream:r1",
        r#"{"type":"note","body":{"id":"x"}}"#,
        "error",
    );
    check(
        "roleTimelineStream:r1",
        r#"{"type":"other","body":{"id":"x"}}"#,
        "unknown",
    );
    check("roleTimelineStream:r1", r#"{"type":"note"}"#, "unknown");
    check("antennaStream:a1", &message, "note n1 of antenna a1");
    check(
        "antennaStream:a1",
        r#"{"type":"note","body":{"id":"doesnotexist"}}"#,
        "note doesnotexist of antenna a1",
    );
    check("antennaStream:a1", r#"{"type":"note","body":{}}"#, "error");
    check(
        "antennaStream:a1",
        r#"{"type":"other","body":{"id":"x"}}"#,
        "unknown",
    );
}

#[test]
fn an_update_of_a_note_says_whose_it_is_on_newer_servers() {
    let topic = "noteStream:n1";
    check(
        topic,
        r#"{"type":"reacted","body":{"id":"n1","body":{"reaction":"👍","emoji":null,"userId":"al"}}}"#,
        r#"update of n1 as n1: reacted {"reaction":"👍","emoji":null,"userId":"al"} for unknown"#,
    );
    check(
        topic,
        r#"{"type":"deleted","body":{"id":"n1","userId":"bob","visibility":"specified","visibleUserIds":["al"],"body":{"deletedAt":"x"}}}"#,
        r#"update of n1 as n1: deleted {"deletedAt":"x"} for bob Specified ["al"]"#,
    );
    check(
        topic,
        r#"{"type":"t","body":{"id":"n1","userId":"bob","visibility":"followers","visibleUserIds":null,"body":1}}"#,
        "update of n1 as n1: t 1 for bob Followers []",
    );
    check(
        topic,
        r#"{"type":"unknownType","body":{"id":"otherid","body":[1]}}"#,
        "update of n1 as otherid: unknownType [1] for unknown",
    );
    check(
        topic,
        r#"{"type":"t","body":{"id":"n1","userId":"bob"}}"#,
        "update of n1 as n1: t absent for unknown",
    );
    check(
        topic,
        r#"{"type":"t","body":{"id":"n1","userId":"bob","visibility":"odd","body":1}}"#,
        "error",
    );
    check(topic, r#"{"type":"t","body":{"body":1}}"#, "error");
    check(topic, r#"{"type":"t"}"#, "error");
    check(topic, r#"{"body":{"id":"n1","body":1}}"#, "error");
}

#[test]
fn other_topics_pass_on_what_comes() {
    for topic in [
        "driveStream:u1",
        "adminStream:u1",
        "userListStream:l1",
        "reversiStream:u1",
        "reversiGameStream:g1",
        "chatRoomStream:r1",
        "chatUserStream:u1-u2",
    ] {
        check(
            topic,
            r#"{"type":"weird3","body":"string"}"#,
            &format!(r#"{topic} weird3 "string""#),
        );
        check(
            topic,
            r#"{"type":"t","body":null}"#,
            &format!("{topic} t null"),
        );
        check(topic, r#"{"type":"t"}"#, &format!("{topic} t absent"));
        check(topic, r#"{"body":1}"#, "error");
        check(topic, r#"["t",1]"#, "error");
    }
    check(
        "broadcast",
        r#"{"type":"customBroadcast","body":{"hello":1}}"#,
        r#"broadcast customBroadcast {"hello":1}"#,
    );
    check(
        "broadcast",
        r#"{"type":"nullBroadcast","body":null}"#,
        "broadcast nullBroadcast null",
    );
    check("nope", r#"{"type":"x","body":1}"#, "unknown");
    check(
        "channelStream:c1",
        r#"{"type":"typing","body":"x"}"#,
        "unknown",
    );
    check("nope", "not json", "unknown");
}

#[test]
fn main_passes_every_type_on() {
    let main = "mainStream:u1";
    check(
        main,
        r#"{"type":"readAllNotifications","body":null}"#,
        "main u1 readAllNotifications null Other",
    );
    check(
        main,
        r#"{"type":"weird","body":null}"#,
        "main u1 weird null Other",
    );
    check(main, r#"{"type":"weird2"}"#, "main u1 weird2 absent Other");
    check(
        main,
        r#"{"type":"unreadMention","body":"n1"}"#,
        r#"main u1 unreadMention "n1" Other"#,
    );
    check(main, r#"{"type":"mention","body":"n1"}"#, "error");
    check(main, r#"{"type":"notification"}"#, "error");
}

fn head(kind: &str, body: &str) -> String {
    let payload = format!(r#"{{"type":"{kind}","body":{body}}}"#);
    let Ok(Event::Main { head, .. }) = decode("mainStream:u1", payload.as_bytes()) else {
        panic!("not an event of main: {payload}");
    };
    let host = |host: &HostHead<'_>| match host {
        HostHead::Local => "local".to_owned(),
        HostHead::Remote(host) => host.to_string(),
        HostHead::Unknown => "unknown".to_owned(),
    };
    let user = head
        .user
        .map(|user| format!("{} {}", user.id, host(&user.host)));
    let note = head.note.map(|note| {
        let hidden = if note.hidden { " hidden" } else { "" };
        format!(
            "{} by {} {}{hidden}",
            note.id,
            note.author.id,
            host(&note.author.host)
        )
    });
    format!(
        "{:?}: {}, {}",
        head.kind,
        user.as_deref().unwrap_or("-"),
        note.as_deref().unwrap_or("-")
    )
}

#[test]
fn the_rules_of_main_get_what_they_need() {
    let check =
        |kind: &str, body: &str, expected: &str| assert_eq!(head(kind, body), expected, "{body}");
    let note =
        r#"{"id":"n1","userId":"bob","user":{"host":"h.example"},"isHidden":true,"text":null}"#;
    let full = format!(
        r#"{{"id":"x","type":"reply","userId":"eve","user":{{"host":null}},"note":{note}}}"#
    );
    check(
        "notification",
        &full,
        "Notification: eve local, n1 by bob h.example hidden",
    );
    check(
        "unreadNotification",
        &full,
        "UnreadNotification: eve local, n1 by bob h.example hidden",
    );
    check(
        "notification",
        r#"{"id":"x","type":"achievementEarned","achievement":"a"}"#,
        "Notification: -, -",
    );
    check(
        "notification",
        r#"{"id":"x","type":"follow","userId":"eve"}"#,
        "Notification: eve unknown, -",
    );
    check(
        "mention",
        note,
        "Mention: bob h.example, n1 by bob h.example hidden",
    );
    check(
        "reply",
        r#"{"id":"n1","userId":"bob","user":{"host":null}}"#,
        "Reply: bob local, n1 by bob local",
    );
    check(
        "renote",
        r#"{"id":"n1","userId":"bob"}"#,
        "Renote: bob unknown, n1 by bob unknown",
    );
    check("meUpdated", r#"{"id":"u1","user":5}"#, "Other: -, -");
}

/// A message of the topic `internal`.
fn check_change(kind: &str, body: &str, expected: &str) {
    check(
        "internal",
        &format!(r#"{{"type":"{kind}","body":{body}}}"#),
        expected,
    );
}

#[test]
fn changes_are_read() {
    let follow = r#"{"followerId":"a","followeeId":"b"}"#;
    let plain = r#"Follow { follower_id: "a", followee_id: "b", with_replies: None }"#;
    check_change("follow", follow, &format!("Follow({plain})"));
    check_change("unfollow", follow, &format!("Unfollow({plain})"));
    let replies = r#"{"followerId":"a","followeeId":"b","withReplies":true}"#;
    let with = plain.replace("None", "Some(true)");
    check_change("follow", replies, &format!("Follow({with})"));
    check_change("followUpdated", replies, &format!("FollowUpdated({with})"));

    let block = r#"{"blockerId":"a","blockeeId":"b"}"#;
    check_change(
        "blockingCreated",
        block,
        r#"Block(Block { blocker_id: "a", blockee_id: "b" })"#,
    );
    check_change(
        "blockingDeleted",
        block,
        r#"Unblock(Block { blocker_id: "a", blockee_id: "b" })"#,
    );

    let mute = r#"{"muterId":"a","muteeId":"b","expiresAt":null}"#;
    let plain = r#"Mute { muter_id: "a", mutee_id: "b", expires_at: None }"#;
    check_change("mute", mute, &format!("Mute({plain})"));
    check_change(
        "unmute",
        r#"{"muterId":"a","muteeId":"b"}"#,
        &format!("Unmute({plain})"),
    );
    check_change("renoteMute", mute, &format!("RenoteMute({plain})"));
    check_change("renoteUnmute", mute, &format!("RenoteUnmute({plain})"));
    let timed = plain.replace("None", "Some(1795462699267)");
    check_change(
        "mute",
        r#"{"muterId":"a","muteeId":"b","expiresAt":1795462699267}"#,
        &format!("Mute({timed})"),
    );
    check_change(
        "mute",
        r#"{"muterId":"a","muteeId":"b","expiresAt":"2026-11-23T19:38:19.267Z"}"#,
        &format!("Mute({timed})"),
    );
}

#[test]
fn changes_of_channels_lists_and_antennas_are_read() {
    let channel = r#"{"userId":"a","channelId":"c"}"#;
    for (kind, name) in [
        ("followChannel", "FollowChannel"),
        ("unfollowChannel", "UnfollowChannel"),
        ("muteChannel", "MuteChannel"),
        ("unmuteChannel", "UnmuteChannel"),
    ] {
        check_change(
            kind,
            channel,
            &format!(
                r#"{name}(ChannelRelation {{ user_id: "a", channel_id: "c", expires_at: None }})"#
            ),
        );
    }

    let member = r#"{"userListId":"l","memberId":"a"}"#;
    for (kind, name) in [
        ("userListMemberAdded", "ListMemberAdded"),
        ("userListMemberUpdated", "ListMemberUpdated"),
        ("userListMemberRemoved", "ListMemberRemoved"),
    ] {
        check_change(
            kind,
            member,
            &format!(
                r#"{name}(ListMember {{ list_id: "l", member_id: "a", with_replies: None }})"#
            ),
        );
    }
    check_change(
        "userListDeleted",
        r#"{"userListId":"l"}"#,
        r#"ListDeleted { list: "l" }"#,
    );
    check_change(
        "antennaDeleted",
        r#"{"id":"x","userId":"a"}"#,
        r#"AntennaDeleted { antenna: "x" }"#,
    );
}

#[test]
fn changes_of_users_and_settings_are_read() {
    check_change(
        "updateUserProfile",
        r#"{"userId":"a","mutedInstances":["h.example"],"fields":[]}"#,
        r#"Profile(Profile { user_id: "a", muted_instances: Some(["h.example"]) })"#,
    );
    check_change(
        "updateUserProfile",
        r#"{"userId":"a"}"#,
        r#"Profile(Profile { user_id: "a", muted_instances: None })"#,
    );
    check_change(
        "userChangeSuspendedState",
        r#"{"id":"a","isSuspended":true}"#,
        r#"Suspended { user: "a", suspended: true }"#,
    );
    check_change(
        "userChangeDeletedState",
        r#"{"id":"a","isDeleted":true}"#,
        r#"Deleted { user: "a", deleted: true }"#,
    );
    check_change(
        "userTokenRegenerated",
        r#"{"id":"a","oldToken":"secret-1","newToken":"secret-2"}"#,
        r#"TokenRegenerated { user: "a" }"#,
    );
    check_change(
        "accessTokenRevoked",
        r#"{"id":"a"}"#,
        r#"AppTokenRevoked { user: "a" }"#,
    );
    let role = r#"Role { id: "r", public: true, explorable: false }"#;
    let body = r#"{"id":"r","isPublic":true,"isExplorable":false,"policies":{}}"#;
    check_change("roleCreated", body, &format!("RoleCreated({role})"));
    check_change("roleUpdated", body, &format!("RoleUpdated({role})"));
    check_change(
        "roleDeleted",
        r#"{"id":"r"}"#,
        r#"RoleDeleted(Role { id: "r", public: false, explorable: false })"#,
    );
    let assignment = r#"{"id":"x","userId":"a","roleId":"r","expiresAt":null}"#;
    check_change(
        "userRoleAssigned",
        assignment,
        r#"RoleAssigned(RoleAssignment { user_id: "a", role_id: "r" })"#,
    );
    check_change(
        "userRoleUnassigned",
        assignment,
        r#"RoleUnassigned(RoleAssignment { user_id: "a", role_id: "r" })"#,
    );
    check_change("policiesUpdated", r#"{"rateLimitFactor":0}"#, "Policies");
    check_change("metaUpdated", r#"{"before":{},"after":{}}"#, "Meta");
    check_change("localUserUpdated", r#"{"id":"a"}"#, "unknown");
    check_change("antennaCreated", r#"{"id":"x"}"#, "unknown");
    check_change("follow", r#"{"followerId":"a"}"#, "error");
    check_change("follow", r#"["a","b"]"#, "error");
    check_change(
        "mute",
        r#"{"muterId":"a","muteeId":"b","expiresAt":"soon"}"#,
        "error",
    );
    check_change("userChangeSuspendedState", r#"{"id":"a"}"#, "error");
}

#[test]
fn errors_name_the_topic_without_its_id() {
    let error = decode("mainStream:u1", b"{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot decode event on topic `mainStream`"
    );
    assert_eq!(
        error.source.to_string(),
        "payload is not what the topic carries"
    );
    let error = decode("broadcast", b"{\"type\":\"\xff\"}").unwrap_err();
    assert_eq!(error.source.to_string(), "payload is not UTF-8");
}
