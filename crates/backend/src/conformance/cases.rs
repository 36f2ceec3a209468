//! The cases. Each takes a fresh stage and panics where the backend is wrong.

use std::slice::from_ref;

use protocol::id::{AntennaId, ListId, NoteId, UserId};

use super::{Relation, Stage, next_on, record};
use crate::{FollowRecord, Grant};

/// The stream has one taker.
pub async fn events_are_taken_once(stage: &dyn Stage) {
    let mut events = stage.backend().events().expect("nobody has taken them");
    assert!(stage.backend().events().is_none());
    let alice = stage.user("alice").await;
    stage.note(&alice, "public", &[]).await;
    next_on(&mut events, "notesStream").await;
}

/// Native tokens and app tokens are told apart; unknown ones are nobody's.
pub async fn tokens_tell_who_is_asking(stage: &dyn Stage) {
    let backend = stage.backend();
    let alice = stage.user("alice").await;

    let account = backend
        .authenticate(&alice.token)
        .await
        .expect("the store answers");
    let account = account.expect("a native token is known");
    assert_eq!((account.user, account.suspended), (alice.id.clone(), false));
    assert_eq!(account.grant, Grant::Native);

    let app = stage
        .app_token(&alice, &["read:account", "read:chat"])
        .await;
    let account = backend.authenticate(&app).await.expect("the store answers");
    let account = account.expect("an app token is known");
    assert_eq!(account.user, alice.id);
    let permissions = vec!["read:account".to_owned(), "read:chat".to_owned()];
    assert_eq!(account.grant, Grant::App { permissions });

    for wrong in [
        "",
        "0123456789abcdef",
        "null",
        "' OR 1=1 --",
        &alice.token[1..],
    ] {
        let account = backend
            .authenticate(wrong)
            .await
            .expect("the store answers");
        assert_eq!(account, None, "of a wrong token");
    }
}

/// Many users in one call; those who don't exist are left out.
pub async fn viewers_come_in_batches(stage: &dyn Stage) {
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let nobody = UserId::parse("nobodyatall00000").expect("an id");
    let users = [bob.id.clone(), nobody, alice.id.clone()];
    let records = stage
        .backend()
        .viewers(&users)
        .await
        .expect("the store answers");
    let mut found: Vec<&UserId> = records.iter().map(|record| &record.user).collect();
    found.sort();
    let mut expected = [&alice.id, &bob.id];
    expected.sort();
    assert_eq!(found, expected);
    assert!(records.iter().all(|record| record.policies.local_timeline));
}

/// Every relation appears in the right record and goes away again.
pub async fn relations_show_in_records(stage: &dyn Stage) {
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let follow = Relation::Follow { with_replies: true };

    stage.relate(&alice, &bob, follow).await;
    stage.relate(&alice, &bob, Relation::Mute).await;
    stage.relate(&alice, &bob, Relation::RenoteMute).await;
    let shown = record(stage, &alice).await;
    let followed = FollowRecord {
        user: bob.id.clone(),
        with_replies: true,
    };
    assert_eq!(shown.following, [followed]);
    assert_eq!(
        shown
            .muting
            .iter()
            .map(|mute| &mute.target)
            .collect::<Vec<_>>(),
        [&bob.id]
    );
    assert_eq!(shown.renote_muting, from_ref(&bob.id));
    assert_eq!(
        record(stage, &bob).await.following,
        [],
        "a follow has a direction"
    );

    for relation in [follow, Relation::Mute, Relation::RenoteMute] {
        stage.unrelate(&alice, &bob, relation).await;
    }
    let shown = record(stage, &alice).await;
    assert_eq!(
        (shown.following, shown.muting.len(), shown.renote_muting),
        (vec![], 0, vec![])
    );

    stage.relate(&alice, &bob, Relation::Block).await;
    assert_eq!(record(stage, &bob).await.blocked_by, from_ref(&alice.id));
    assert_eq!(record(stage, &alice).await.blocked_by, []);
    stage.unrelate(&alice, &bob, Relation::Block).await;
    assert_eq!(record(stage, &bob).await.blocked_by, []);
}

/// What is read after a change was announced shows the change.
pub async fn a_record_is_not_older_than_the_event(stage: &dyn Stage) {
    let mut events = stage.backend().events().expect("nobody has taken them");
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    stage
        .relate(
            &alice,
            &bob,
            Relation::Follow {
                with_replies: false,
            },
        )
        .await;
    loop {
        let change = next_on(&mut events, "internal").await;
        if change["type"] == "follow" {
            assert_eq!(change["body"]["followerId"], alice.id.as_str());
            assert_eq!(change["body"]["followeeId"], bob.id.as_str());
            break;
        }
    }
    assert_eq!(record(stage, &alice).await.following.len(), 1);
}

/// Followed channels and muted hosts.
pub async fn channels_and_hosts_show_in_records(stage: &dyn Stage) {
    let alice = stage.user("alice").await;
    let channel = stage.channel(&alice).await;
    stage.follow_channel(&alice, &channel, true).await;
    stage.mute_hosts(&alice, &["remote.example"]).await;
    let shown = record(stage, &alice).await;
    assert_eq!(shown.following_channels, from_ref(&channel));
    assert_eq!(shown.muted_instances, ["remote.example"]);
    stage.follow_channel(&alice, &channel, false).await;
    assert_eq!(record(stage, &alice).await.following_channels, []);
}

/// A list has an owner and members; an unknown one is none.
pub async fn lists_tell_owner_and_members(stage: &dyn Stage) {
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let list = stage.list(&alice, &[&bob]).await;
    let found = stage
        .backend()
        .list(&list)
        .await
        .expect("the store answers");
    let found = found.expect("the list is there");
    assert_eq!(found.owner, alice.id);
    let member = FollowRecord {
        user: bob.id.clone(),
        with_replies: false,
    };
    assert_eq!(found.members, [member]);
    let unknown = ListId::parse("nosuchlist").expect("an id");
    assert_eq!(
        stage
            .backend()
            .list(&unknown)
            .await
            .expect("the store answers"),
        None
    );
}

/// An antenna has an owner; an unknown one has none.
pub async fn antennas_tell_their_owner(stage: &dyn Stage) {
    let alice = stage.user("alice").await;
    let antenna = stage.antenna(&alice).await;
    let backend = stage.backend();
    let owner = backend
        .antenna_owner(&antenna)
        .await
        .expect("the store answers");
    assert_eq!(owner, Some(alice.id.clone()));
    let unknown = AntennaId::parse("nosuchantenna").expect("an id");
    let owner = backend
        .antenna_owner(&unknown)
        .await
        .expect("the store answers");
    assert_eq!(owner, None);
}

/// Notes are published once each, in the order in which they were written.
pub async fn notes_come_in_order(stage: &dyn Stage) {
    let mut events = stage.backend().events().expect("nobody has taken them");
    let alice = stage.user("alice").await;
    for _ in 0..20 {
        let written = stage.note(&alice, "public", &[]).await;
        let published = next_on(&mut events, "notesStream").await;
        assert_eq!(published["id"], written.as_str());
        assert_eq!(published["userId"], alice.id.as_str());
    }
}

/// The audience of a note of each visibility.
pub async fn audiences_say_who_may_see(stage: &dyn Stage) {
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    for visibility in ["public", "home", "followers", "specified"] {
        let note = stage.note(&alice, visibility, &[&bob]).await;
        let found = stage
            .backend()
            .audience(&note)
            .await
            .expect("the store answers");
        let found = found.expect("the note is there");
        assert_eq!((&found.author, found.local), (&alice.id, true));
        assert_eq!(found.visibility, visibility);
        let named = if visibility == "specified" {
            vec![bob.id.clone()]
        } else {
            vec![]
        };
        assert_eq!(found.visible_users, named);
    }
    let unknown = NoteId::parse("nosuchnote").expect("an id");
    let found = stage
        .backend()
        .audience(&unknown)
        .await
        .expect("the store answers");
    assert_eq!(found, None);
}

/// Those who may not see a note get nothing of it.
pub async fn notes_are_packed_for_those_who_may_see(stage: &dyn Stage) {
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let eve = stage.user("eve").await;
    let note = stage.note(&alice, "specified", &[&bob]).await;
    let backend = stage.backend();
    for viewer in [&alice, &bob] {
        let packed = backend
            .pack_note(&note, &viewer.id)
            .await
            .expect("the store answers");
        let packed = packed.expect("the viewer may see it");
        let packed: serde_json::Value = serde_json::from_slice(&packed).expect("JSON");
        assert_eq!(packed["id"], note.as_str());
        assert_eq!(packed["user"]["username"], "alice");
    }
    let packed = backend
        .pack_note(&note, &eve.id)
        .await
        .expect("the store answers");
    assert!(
        packed.is_none_or(|packed| {
            let packed: serde_json::Value = serde_json::from_slice(&packed).expect("JSON");
            packed["text"].is_null() && packed["isHidden"] == true
        }),
        "a stranger got a direct note"
    );
}

/// Reactions of the users asked about, and of nobody else.
pub async fn reactions_are_found(stage: &dyn Stage) {
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let eve = stage.user("eve").await;
    let note = stage.note(&alice, "public", &[]).await;
    stage.react(&bob, &note, "👍").await;
    stage.react(&eve, &note, "🎉").await;
    let users = [alice.id.clone(), bob.id.clone()];
    let found = stage
        .backend()
        .my_reactions(&note, &users)
        .await
        .expect("the store answers");
    assert_eq!(found, [(bob.id.clone(), "👍".to_owned())]);
}

/// Reading notifications is told on the user's main stream, but only when some were unread.
pub async fn notifications_are_read_once(stage: &dyn Stage) {
    let mut events = stage.backend().events().expect("nobody has taken them");
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let note = stage.note(&alice, "public", &[]).await;
    stage.react(&bob, &note, "👍").await;
    let main = format!("mainStream:{}", alice.id);
    assert_eq!(next_on(&mut events, &main).await["type"], "notification");

    let backend = stage.backend();
    backend
        .read_notifications(&alice.id)
        .await
        .expect("the store answers");
    assert_eq!(
        next_on(&mut events, &main).await["type"],
        "readAllNotifications"
    );

    backend
        .read_notifications(&alice.id)
        .await
        .expect("the store answers");
    stage.react(&alice, &note, "🎉").await;
    stage
        .relate(
            &bob,
            &alice,
            Relation::Follow {
                with_replies: false,
            },
        )
        .await;
    assert_eq!(
        next_on(&mut events, &main).await["type"],
        "followed",
        "nothing was unread"
    );
}
