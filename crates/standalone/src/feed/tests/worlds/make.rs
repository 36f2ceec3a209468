//! Small worlds, of a few users and what they are to each other, and of a few notes.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use protocol::id::{ChannelId, NoteId, UserId, aidx};
use protocol::record::VisitorScope;
use rusqlite::params;
use serde_json::{Map, json};

use crate::id::created_ms;
use crate::model::note::{self, Note};
use crate::store::{StoreError, Tx};
use crate::testing::World;

/// Users `u0` and on, with tokens `token0` and on; the last two are remote.
pub(super) const USERS: usize = 5;
/// Channels `c0` and `c1`.
const CHANNELS: usize = 2;
/// The time in every world.
pub(super) const NOW_MS: u64 = 1_795_462_686_720;
/// How far apart notes are written.
const STEP_MS: u64 = 10_000;

#[derive(Debug, Clone)]
pub(super) struct Plan {
    people: Vec<PersonPlan>,
    relations: Vec<Relation>,
    notes: Vec<NotePlan>,
    scope: u8,
}

#[derive(Debug, Clone)]
struct PersonPlan {
    require_signin: bool,
    hidden_before: Option<i64>,
    followers_only_before: Option<i64>,
    mutes_far: bool,
}

#[derive(Debug, Clone, Copy)]
struct Relation {
    kind: u8,
    from: usize,
    to: usize,
    flag: bool,
}

#[derive(Debug, Clone)]
struct NotePlan {
    author: usize,
    visibility: u8,
    named: [bool; USERS],
    mentioned: [bool; USERS],
    channel: Option<usize>,
    files: bool,
    text: bool,
    reply: Option<prop::sample::Index>,
    renote: Option<prop::sample::Index>,
}

pub(super) fn plan() -> impl Strategy<Value = Plan> {
    (
        vec(person(), USERS),
        vec(relation(), 0..20),
        vec(note_plan(), 1..14),
        prop_oneof![3 => Just(0_u8), 1 => Just(1), 1 => Just(2)],
    )
        .prop_map(|(people, relations, notes, scope)| Plan {
            people,
            relations,
            notes,
            scope,
        })
}

/// An age in seconds, or a time, that some of the notes pass.
fn limit() -> impl Strategy<Value = Option<i64>> {
    let seconds = i64::try_from(NOW_MS / 1000).unwrap();
    weighted(0.15, prop_oneof![-100..=0_i64, seconds - 100..=seconds])
}

fn person() -> impl Strategy<Value = PersonPlan> {
    (
        weighted(0.2, Just(())),
        limit(),
        limit(),
        weighted(0.2, Just(())),
    )
        .prop_map(
            |(signin, hidden_before, followers_only_before, mutes_far)| PersonPlan {
                require_signin: signin.is_some(),
                hidden_before,
                followers_only_before,
                mutes_far: mutes_far.is_some(),
            },
        )
}

fn relation() -> impl Strategy<Value = Relation> {
    (0..10_u8, 0..USERS, 0..USERS, any::<bool>()).prop_map(|(kind, from, to, flag)| Relation {
        kind,
        from,
        to,
        flag,
    })
}

fn note_plan() -> impl Strategy<Value = NotePlan> {
    (
        (0..USERS, 0..6_u8),
        (
            any::<[bool; USERS]>(),
            any::<[bool; USERS]>(),
            any::<bool>(),
        ),
        weighted(0.2, 0..CHANNELS),
        weighted(0.2, Just(())),
        any::<bool>(),
        weighted(0.4, any::<prop::sample::Index>()),
        weighted(0.5, any::<prop::sample::Index>()),
    )
        .prop_map(
            |(
                (author, visibility),
                (named, mentioned, mentions),
                channel,
                files,
                text,
                reply,
                renote,
            )| NotePlan {
                author,
                visibility,
                named,
                mentioned: if mentions { mentioned } else { [false; USERS] },
                channel,
                files: files.is_some(),
                text,
                reply,
                renote,
            },
        )
}

impl Plan {
    pub(super) fn scope(&self) -> VisitorScope {
        match self.scope {
            0 => VisitorScope::All,
            1 => VisitorScope::Local,
            _ => VisitorScope::Nothing,
        }
    }

    pub(super) async fn make(&self, world: &World) {
        let plan = self.clone();
        world.clock.set(NOW_MS);
        let made = world.app.store().write::<_, StoreError, _>(move |tx| {
            for (index, person) in plan.people.iter().enumerate() {
                person.make(tx, index)?;
            }
            let name = ["all", "local", "none"][usize::from(plan.scope)];
            tx.execute(
                "INSERT INTO meta VALUES ('ugcVisibilityForVisitor', ?1)",
                [json!(name).to_string()],
            )?;
            tx.execute_batch(
                "INSERT INTO channel (id, name) VALUES ('c0', 'c'), ('c1', 'c');
                 INSERT INTO user_list (id, user_id, name) VALUES ('l0', 'u0', 'l');",
            )?;
            for (index, relation) in plan.relations.iter().enumerate() {
                relation.make(tx, index)?;
            }
            let mut notes = Vec::new();
            for note in &plan.notes {
                let note = note.make(&notes, plan.notes.len());
                note::insert(tx, &note)?;
                notes.push(note);
            }
            Ok(())
        });
        made.await.unwrap();
    }
}

fn host(user: usize) -> Option<String> {
    (user >= USERS - 2).then(|| format!("far{user}.example"))
}

fn id(user: usize) -> UserId {
    UserId::parse(&format!("u{user}")).unwrap()
}

impl PersonPlan {
    fn make(&self, tx: &Tx<'_>, index: usize) -> rusqlite::Result<()> {
        let hosts = if self.mutes_far {
            json!(["FAR4.example"])
        } else {
            json!([])
        };
        tx.execute(
            "INSERT INTO user (id, username, username_lower, host, token, require_signin,
                 hidden_before, followers_only_before, muted_instances)
             VALUES (?1, ?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id(index).as_str(),
                host(index),
                format!("token{index}"),
                self.require_signin,
                self.hidden_before,
                self.followers_only_before,
                hosts.to_string(),
            ],
        )?;
        Ok(())
    }
}

impl Relation {
    fn make(self, tx: &Tx<'_>, index: usize) -> rusqlite::Result<()> {
        let (from, to) = (format!("u{}", self.from), format!("u{}", self.to));
        let channel = format!("c{}", self.to % CHANNELS);
        // A mute that has ended, or one without an end.
        let end = self.flag.then_some(NOW_MS - 1);
        let row = format!("r{index}");
        if self.kind < 7 && self.from == self.to {
            return Ok(());
        }
        let sql = match self.kind {
            0..=2 => {
                "INSERT OR IGNORE INTO follow (id, follower_id, followee_id, with_replies)
                 VALUES (?1, ?2, ?3, ?5)"
            }
            3 | 4 => "INSERT OR IGNORE INTO mute VALUES (?1, ?2, ?3, ?6)",
            5 => "INSERT OR IGNORE INTO renote_mute VALUES (?1, ?2, ?3)",
            6 => "INSERT OR IGNORE INTO block VALUES (?1, ?2, ?3)",
            7 => "INSERT OR IGNORE INTO channel_follow VALUES (?1, ?2, ?4)",
            8 => "INSERT OR IGNORE INTO channel_mute VALUES (?1, ?2, ?4, ?6)",
            _ => "INSERT OR IGNORE INTO user_list_member VALUES (?1, 'l0', ?3, ?5)",
        };
        let mut statement = tx.prepare(sql)?;
        let values = params![row, from, to, channel, self.flag, end];
        for (at, value) in (1..=statement.parameter_count()).zip(values) {
            statement.raw_bind_parameter(at, value)?;
        }
        statement.raw_execute()?;
        Ok(())
    }
}

impl NotePlan {
    fn make(&self, before: &[Note], count: usize) -> Note {
        let age = u64::try_from(count - before.len()).unwrap() * STEP_MS;
        let pick = |index: &Option<prop::sample::Index>| {
            let index = index.as_ref().filter(|_| !before.is_empty())?;
            Some(&before[index.index(before.len())])
        };
        // The rules know chains of 8 links; a note of those is 8 deep at most by its own.
        let renote = pick(&self.renote).filter(|renote| depth(renote, before) < 7);
        let reply = pick(&self.reply);
        let (visibility, named) = match self.visibility {
            0..=2 => ("public", false),
            3 => ("home", false),
            4 => ("followers", false),
            _ => ("specified", true),
        };
        let has_content = self.text || self.files || (renote.is_none() && reply.is_none());
        let names = |on: &[bool; USERS]| -> Vec<String> {
            let on = on.iter().enumerate().filter(|(_, on)| **on);
            on.map(|(user, _)| format!("u{user}")).collect()
        };
        Note {
            id: NoteId::parse(&aidx(NOW_MS - age, *b"test", 0)).unwrap(),
            user_id: id(self.author),
            user_host: host(self.author),
            text: (has_content && !self.files || reply.is_some()).then(|| "text".to_owned()),
            cw: None,
            visibility: visibility.to_owned(),
            visible_user_ids: if named {
                names(&self.named)
            } else {
                Vec::new()
            },
            mentions: names(&self.mentioned),
            tags: Vec::new(),
            emojis: Vec::new(),
            file_ids: self.files.then(|| "f".to_owned()).into_iter().collect(),
            reply_id: reply.map(|note| note.id.clone()),
            reply_user_id: reply.map(|note| note.user_id.clone()),
            reply_user_host: reply.and_then(|note| note.user_host.clone()),
            renote_id: renote.map(|note| note.id.clone()),
            renote_user_id: renote.map(|note| note.user_id.clone()),
            renote_user_host: renote.and_then(|note| note.user_host.clone()),
            channel_id: self
                .channel
                .and_then(|index| ChannelId::parse(&format!("c{index}"))),
            thread_id: None,
            has_poll: false,
            local_only: false,
            reaction_acceptance: None,
            renote_count: 0,
            replies_count: 0,
            clipped_count: 0,
            reactions: Map::new(),
            reaction_pairs: Vec::new(),
        }
    }
}

/// How many links of renotes hang on a note.
fn depth(note: &Note, all: &[Note]) -> usize {
    let renote = note.renote_id.as_ref();
    let renote = renote.and_then(|id| all.iter().find(|other| other.id == *id));
    renote.map_or(0, |renote| 1 + depth(renote, all))
}

#[test]
fn notes_of_a_world_are_of_its_time() {
    let age = created_ms(&aidx(NOW_MS - STEP_MS, *b"test", 0));
    assert_eq!(age, Some(NOW_MS - STEP_MS));
}
