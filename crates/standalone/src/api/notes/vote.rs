//! `notes/polls/vote`.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::NoContent;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::model::note::{self, Note};
use crate::model::relation;
use crate::pack::For;
use crate::store::{Col, Tx, json_col};

const NO_SUCH_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "ecafbd2e-c283-4d6d-aecb-1a0a33b75396",
    "No such note.",
);
const NO_POLL: ErrorKind = ErrorKind::client(
    "NO_POLL",
    "5f979967-52d9-4314-a911-1c673727f92f",
    "The note does not attach a poll.",
);
const INVALID_CHOICE: ErrorKind = ErrorKind::client(
    "INVALID_CHOICE",
    "e0cc9a04-f2e8-41e4-a5f1-4127293260cc",
    "Choice ID is invalid.",
);
const ALREADY_VOTED: ErrorKind = ErrorKind::client(
    "ALREADY_VOTED",
    "0963fc77-efac-419b-9424-b391608dc6d8",
    "You have already voted.",
);
const ALREADY_EXPIRED: ErrorKind = ErrorKind::client(
    "ALREADY_EXPIRED",
    "1022a357-b085-4054-9083-8f8de358337e",
    "The poll is already expired.",
);
const YOU_HAVE_BEEN_BLOCKED: ErrorKind = ErrorKind::client(
    "YOU_HAVE_BEEN_BLOCKED",
    "85a5377e-b1e9-4617-b0b9-5bea73331e49",
    "You cannot vote this poll because you have been blocked by this user.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VoteParams {
    note_id: String,
    choice: f64,
}

impl Params for VoteParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("noteId").required(),
        Field::integer("choice").required(),
    ];
}

pub(super) async fn vote(ctx: Ctx, params: VoteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let note = note::by_id(tx, &params.note_id)?.ok_or(NO_SUCH_NOTE)?;
        if !tx.pack().is_visible(&note, For::User(&me))? {
            return Err(NO_SUCH_NOTE.into());
        }
        if !note.has_poll {
            return Err(NO_POLL.into());
        }
        if relation::blocks(tx, note.user_id.as_str(), me.as_str())? {
            return Err(YOU_HAVE_BEEN_BLOCKED.into());
        }
        let poll = Poll::read(tx, &note)?;
        if poll.expires_at.is_some_and(|moment| moment < tx.now_ms()) {
            return Err(ALREADY_EXPIRED.into());
        }
        let choice = poll.choice(params.choice).ok_or(INVALID_CHOICE)?;
        let mine = votes_of(tx, &note, &me)?;
        if mine.contains(&choice) || !(poll.multiple || mine.is_empty()) {
            return Err(ALREADY_VOTED.into());
        }
        poll.count(tx, &note, &me, choice)?;
        let body = json!({ "choice": choice, "userId": me.as_str() });
        events::captured(tx, note.audience(), "pollVoted", &body)?;
        Ok(NoContent)
    })
    .await
}

struct Poll {
    multiple: bool,
    expires_at: Option<u64>,
    votes: Vec<u64>,
}

impl Poll {
    fn read(tx: &Tx<'_>, note: &Note) -> rusqlite::Result<Self> {
        tx.prepare_cached("SELECT multiple, expires_at, votes FROM poll WHERE note_id = ?1")?
            .query_row([Col(&note.id)], |row| {
                Ok(Self {
                    multiple: row.get("multiple")?,
                    expires_at: row.get("expires_at")?,
                    votes: json_col(row, "votes")?,
                })
            })
    }

    /// The place of a choice, if there is such a choice. JSON may write it as `1.0`.
    fn choice(&self, asked: f64) -> Option<usize> {
        let count = u32::try_from(self.votes.len()).ok()?;
        let place = (0..count).find(|place| f64::from(*place) == asked)?;
        usize::try_from(place).ok()
    }

    fn count(
        mut self,
        tx: &Tx<'_>,
        note: &Note,
        me: &UserId,
        choice: usize,
    ) -> rusqlite::Result<()> {
        self.votes[choice] += 1;
        tx.execute(
            "UPDATE poll SET votes = ?2 WHERE note_id = ?1",
            params![Col(&note.id), Value::from(self.votes).to_string()],
        )?;
        tx.execute(
            "INSERT INTO poll_vote (id, note_id, user_id, choice) VALUES (?1, ?2, ?3, ?4)",
            params![tx.new_id(), Col(&note.id), Col(me), choice],
        )?;
        Ok(())
    }
}

/// What a user voted for already.
fn votes_of(tx: &Tx<'_>, note: &Note, user: &UserId) -> rusqlite::Result<Vec<usize>> {
    tx.prepare_cached("SELECT choice FROM poll_vote WHERE note_id = ?1 AND user_id = ?2")?
        .query_map([note.id.as_str(), user.as_str()], |row| row.get(0))?
        .collect()
}
