//! In random worlds, a timeline over REST has exactly the notes that the rules of the stream
//! deliver on its channel, with the same parts hidden. Neither can drift away from the other.

mod make;

use backend::Backend;
use proptest::prelude::*;
use protocol::id::{ListId, UserId};
use protocol::note::NoteHead;
use protocol::record::VisitorScope;
use rules::{Channel, Follows, Hidden, Moment, Verdict, Viewer, Viewpoint, decide};
use serde_json::{Value, json};

use super::oracle;
use crate::model::note;
use crate::pack::For;
use crate::store::StoreError;
use crate::testing::{Person, World};
use make::{NOW_MS, Plan, USERS};

/// What a client may choose of a timeline.
#[derive(Debug, Clone, Copy)]
struct Wishes {
    with_renotes: bool,
    with_replies: bool,
    with_files: bool,
}

const WISHES: [Wishes; 4] = [
    Wishes {
        with_renotes: true,
        with_replies: false,
        with_files: false,
    },
    Wishes {
        with_renotes: true,
        with_replies: true,
        with_files: false,
    },
    Wishes {
        with_renotes: false,
        with_replies: false,
        with_files: false,
    },
    Wishes {
        with_renotes: true,
        with_replies: false,
        with_files: true,
    },
];

/// The notes of a world, the newest first: as published, and as the rules see them.
struct Published(Vec<(Value, rules::Note)>);

impl Published {
    async fn read(world: &World) -> Self {
        let packed = world.app.store().read::<_, StoreError, _>(|view| {
            let notes: Vec<note::Note> = view
                .prepare("SELECT * FROM note ORDER BY id DESC")?
                .query_map([], note::Note::from_row)?
                .collect::<Result<_, _>>()?;
            Ok(view.pack().notes(&notes, For::Stream)?)
        });
        let read = |packed: Value| {
            let text = packed.to_string();
            let note = oracle::note(&NoteHead::decode(text.as_bytes()).unwrap());
            (packed, note)
        };
        Self(packed.await.unwrap().into_iter().map(read).collect())
    }

    /// What the stream delivers on a channel: the ids, each with its hidden parts.
    fn delivered(
        &self,
        viewpoint: Viewpoint<'_>,
        channel: &Channel<'_>,
        visitors_see: VisitorScope,
    ) -> Vec<(String, Hidden)> {
        let moment = Moment {
            now_ms: NOW_MS,
            visitors_see,
        };
        let deliver = |(packed, note): &(Value, rules::Note)| {
            let Verdict::Deliver(cleared) = decide(note, viewpoint, channel, &moment) else {
                return None;
            };
            let id = packed["id"].as_str().unwrap().to_owned();
            Some((id, cleared.hidden()))
        };
        self.0.iter().filter_map(deliver).collect()
    }
}

fn channels<'a>(members: &'a Follows, wishes: Wishes) -> [(&'static str, Channel<'a>); 5] {
    let Wishes {
        with_renotes,
        with_replies,
        with_files,
    } = wishes;
    [
        (
            "notes/timeline",
            Channel::Home {
                with_renotes,
                with_files,
            },
        ),
        (
            "notes/local-timeline",
            Channel::Local {
                with_renotes,
                with_replies,
                with_files,
            },
        ),
        (
            "notes/hybrid-timeline",
            Channel::Hybrid {
                with_renotes,
                with_replies,
                with_files,
            },
        ),
        (
            "notes/global-timeline",
            Channel::Global {
                with_renotes,
                with_files,
            },
        ),
        (
            "notes/user-list-timeline",
            Channel::UserList {
                members,
                with_renotes,
                with_files,
            },
        ),
    ]
}

fn check(
    endpoint: &str,
    notes: &Value,
    expected: &[(String, Hidden)],
    me: Option<&str>,
) -> Result<(), TestCaseError> {
    let notes = notes.as_array().unwrap();
    let ids: Vec<&str> = notes
        .iter()
        .map(|note| note["id"].as_str().unwrap())
        .collect();
    let wanted: Vec<&str> = expected.iter().map(|(id, _)| id.as_str()).collect();
    prop_assert_eq!(ids, wanted, "{} for {:?}", endpoint, me);
    for (note, (id, hidden)) in notes.iter().zip(expected) {
        let mut link = note;
        for depth in 0.. {
            let says = |part: &Value| part["isHidden"] == true;
            prop_assert_eq!(says(link), hidden.contains(depth), "{} {}", endpoint, id);
            if let Some(reply) = link.get("reply") {
                // The stream can't tell that a replied-to note replies to the viewer.
                let known_better = !says(reply) && hidden.contains_reply(depth);
                prop_assert!(
                    says(reply) == hidden.contains_reply(depth)
                        || known_better && reply["replyId"].is_string(),
                    "{} {}: {}",
                    endpoint,
                    id,
                    reply
                );
            }
            match link.get("renote") {
                Some(renote) => link = renote,
                None => break,
            }
        }
    }
    Ok(())
}

async fn agrees(plan: Plan) -> Result<(), TestCaseError> {
    let world = World::new();
    plan.make(&world).await;
    let published = Published::read(&world).await;
    let ids: Vec<UserId> = (0..USERS)
        .map(|index| UserId::parse(&format!("u{index}")).unwrap())
        .collect();
    let records = world.app.viewers(&ids).await.unwrap();
    let list = ListId::parse("l0").unwrap();
    let list = world.app.list(&list).await.unwrap().unwrap();
    let members = oracle::follows(&list.members);
    let viewers: Vec<Viewer> = records
        .iter()
        .map(|record| oracle::viewer(record, NOW_MS))
        .collect();
    for wishes in WISHES {
        let body = json!({
            "limit": 100, "withRenotes": wishes.with_renotes,
            "withReplies": wishes.with_replies, "withFiles": wishes.with_files, "listId": "l0",
        });
        for (endpoint, channel) in channels(&members, wishes) {
            for viewer in viewers.iter().map(Some).chain([None]) {
                let person = viewer.map(|viewer| Person {
                    id: format!("u{}", viewer.key.0),
                    token: format!("token{}", viewer.key.0),
                });
                let needs_login = !["local", "global"]
                    .iter()
                    .any(|open| endpoint.contains(open));
                let is_owner = viewer.is_some_and(|viewer| viewer.key.0 == 0);
                let (status, answer) = world.post(endpoint, person.as_ref(), body.clone()).await;
                if needs_login && viewer.is_none() {
                    prop_assert_eq!(status, 401);
                } else if endpoint.contains("list") && !is_owner {
                    prop_assert_eq!(status, 400);
                } else {
                    prop_assert_eq!(status, 200);
                    let viewpoint = viewer.map_or(Viewpoint::Visitor, Viewpoint::User);
                    let expected = published.delivered(viewpoint, &channel, plan.scope());
                    let me = person.as_ref().map(|person| person.id.as_str());
                    check(endpoint, &answer, &expected, me)?;
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn rest_and_stream_show_the_same(plan in make::plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(agrees(plan))?;
    }
}
