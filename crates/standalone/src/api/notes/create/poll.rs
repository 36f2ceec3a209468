//! The poll of a new note.

use protocol::id::NoteId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::errors::CANNOT_CREATE_ALREADY_EXPIRED_POLL;
use crate::api::error::ApiError;
use crate::api::schema::Field;
use crate::limits::{POLL_CHOICE_CHARS_MAX, POLL_CHOICES_MAX};
use crate::store::{Col, Tx};

/// The greatest moment of JavaScript, in Unix milliseconds.
const MOMENT_MAX: i64 = 8_640_000_000_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PollParams {
    pub(super) choices: Vec<String>,
    #[serde(default)]
    multiple: bool,
    expires_at: Option<f64>,
    expired_after: Option<f64>,
}

pub(super) const SCHEMA: &[Field] = &[
    Field::array(
        "choices",
        &Field::string("").length(1, POLL_CHOICE_CHARS_MAX as i64),
    )
    .required()
    .unique()
    .items(2, POLL_CHOICES_MAX as i64),
    Field::boolean("multiple"),
    Field::integer("expiresAt")
        .nullable()
        .range(i64::MIN, MOMENT_MAX),
    Field::integer("expiredAfter")
        .nullable()
        .range(1, MOMENT_MAX),
];

/// A poll that can be written.
pub(super) struct Poll {
    choices: Vec<String>,
    multiple: bool,
    expires_at: Option<u64>,
}

impl Poll {
    pub(super) fn new(params: PollParams, now_ms: u64) -> Result<Self, ApiError> {
        let expires_at = match (params.expires_at, params.expired_after) {
            (Some(moment), _) => Some(whole(moment)),
            (None, Some(wait)) => Some(now_ms.saturating_add(whole(wait))),
            (None, None) => None,
        };
        if expires_at.is_some_and(|moment| moment < now_ms) {
            return Err(CANNOT_CREATE_ALREADY_EXPIRED_POLL.into());
        }
        Ok(Self {
            choices: params.choices,
            multiple: params.multiple,
            expires_at,
        })
    }

    /// Writes the poll of a note that is written already.
    pub(super) fn insert(&self, tx: &mut Tx<'_>, note: &NoteId) -> rusqlite::Result<()> {
        tx.execute(
            "INSERT INTO poll (note_id, multiple, expires_at, choices, votes)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                Col(note),
                self.multiple,
                self.expires_at,
                Value::from(self.choices.as_slice()).to_string(),
                Value::from(vec![0; self.choices.len()]).to_string(),
            ],
        )?;
        if let Some(moment) = self.expires_at {
            tx.set_alarm(moment);
        }
        Ok(())
    }
}

/// A whole number that JSON may write as `1.0` or `1e3`; what is below zero is zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the schema bounds it far below 2^53; a cast saturates at zero"
)]
fn whole(number: f64) -> u64 {
    number as u64
}
