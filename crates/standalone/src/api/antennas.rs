//! Antennas. [`crate::antennas`] has what they catch.

mod notes;

use protocol::id::{AntennaId, ListId, UserId};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, NoParams, Params};
use crate::events;
use crate::limits::{ANTENNA_LINES_MAX, ANTENNA_WORD_MAX, ANTENNA_WORDS_MAX};
use crate::model::{
    antenna::{self, Antenna},
    list,
};
use crate::roles::Policies;
use crate::store::Col;

const TOO_MANY_ANTENNAS: ErrorKind = ErrorKind::client(
    "TOO_MANY_ANTENNAS",
    "faf47050-e8b5-438c-913c-db2b1576fde4",
    "You cannot create antenna any more.",
);
const CREATED_FOR_NO_LIST: ErrorKind = no_such_list("95063e93-a283-4b8b-9aa5-bcdb8df69a7f");
const UPDATED_FOR_NO_LIST: ErrorKind = no_such_list("1c6b35c9-943e-48c2-81e4-2844989407f7");
const CREATED_WITHOUT_WORDS: ErrorKind = empty_keyword("53ee222e-1ddd-4f9a-92e5-9fb82ddb463a");
const UPDATED_WITHOUT_WORDS: ErrorKind = empty_keyword("721aaff6-4e1b-4d88-8de6-877fae9f68c4");
const NOT_SHOWN: ErrorKind = no_such_antenna("c06569fb-b025-4f23-b22d-1fcd20d2816b");
const NOT_UPDATED: ErrorKind = no_such_antenna("10c673ac-8852-48eb-aa1f-f5b67f069290");
const NOT_DELETED: ErrorKind = no_such_antenna("b34dcf9d-348f-44bb-99d0-6c9314cfe2df");

/// There is no such antenna, or it is someone else's. Each endpoint has an id of its own for that.
const fn no_such_antenna(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_ANTENNA", id, "No such antenna.")
}

const fn no_such_list(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_USER_LIST", id, "No such user list.")
}

const fn empty_keyword(id: &'static str) -> ErrorKind {
    ErrorKind::client(
        "EMPTY_KEYWORD",
        id,
        "Either keywords or excludeKeywords is required.",
    )
}

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:account");
    let write = |name| Endpoint::login(name, "write:account");
    registry.add(write("antennas/create"), create);
    registry.add(read("antennas/list"), list);
    registry.add(read("antennas/show"), show);
    registry.add(write("antennas/update"), update);
    registry.add(write("antennas/delete"), delete);
    registry.add(read("antennas/notes"), notes::notes);
}

/// What a client may set. To make an antenna some are required, to change one none are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    name: Option<String>,
    src: Option<String>,
    user_list_id: Option<String>,
    keywords: Option<Vec<Vec<String>>>,
    exclude_keywords: Option<Vec<Vec<String>>>,
    users: Option<Vec<String>>,
    case_sensitive: Option<bool>,
    local_only: Option<bool>,
    exclude_bots: Option<bool>,
    with_replies: Option<bool>,
    with_file: Option<bool>,
    exclude_notes_in_sensitive_channel: Option<bool>,
}

const WORD: Field = Field::string("").length(0, ANTENNA_WORD_MAX as i64);
const LINE: Field = Field::array("", &WORD).items(0, ANTENNA_WORDS_MAX as i64);
const NAME: Field = Field::string("name").length(1, 100);
const SRC: Field =
    Field::string("src").one_of(&["home", "all", "users", "list", "users_blacklist"]);
const USER_LIST_ID: Field = Field::id("userListId").nullable();
const KEYWORDS: Field = Field::array("keywords", &LINE).items(0, ANTENNA_LINES_MAX as i64);
const EXCLUDE_KEYWORDS: Field =
    Field::array("excludeKeywords", &LINE).items(0, ANTENNA_LINES_MAX as i64);
const USERS: Field = Field::array("users", &WORD).items(0, ANTENNA_LINES_MAX as i64);

impl Settings {
    /// Whether the antenna would catch everything: both kinds of words are given, and empty.
    fn has_no_words(&self) -> bool {
        let empty = |lines: &Option<Vec<Vec<String>>>| {
            let lines = lines.as_ref();
            lines.is_some_and(|lines| lines.iter().flatten().all(String::is_empty))
        };
        empty(&self.keywords) && empty(&self.exclude_keywords)
    }

    fn apply(self, antenna: &mut Antenna) {
        set(&mut antenna.name, self.name);
        set(&mut antenna.src, self.src);
        set(&mut antenna.keywords, self.keywords);
        set(&mut antenna.exclude_keywords, self.exclude_keywords);
        set(&mut antenna.users, self.users);
        set(&mut antenna.case_sensitive, self.case_sensitive);
        set(&mut antenna.local_only, self.local_only);
        set(&mut antenna.exclude_bots, self.exclude_bots);
        set(&mut antenna.with_replies, self.with_replies);
        set(&mut antenna.with_file, self.with_file);
        set(
            &mut antenna.exclude_sensitive_channels,
            self.exclude_notes_in_sensitive_channel,
        );
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

/// The list that an antenna is to watch, if it is `owner`'s.
fn find_list(
    connection: &Connection,
    id: Option<&str>,
    owner: &UserId,
    missing: ErrorKind,
) -> Result<Option<ListId>, ApiError> {
    let Some(id) = id else { return Ok(None) };
    let list = list::of_owner(connection, id, owner)?.ok_or(missing)?;
    Ok(Some(list.id))
}

#[derive(Deserialize)]
struct CreateParams(Settings);

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        NAME.required(),
        SRC.required(),
        USER_LIST_ID,
        KEYWORDS.required(),
        EXCLUDE_KEYWORDS.required(),
        USERS.required(),
        Field::boolean("caseSensitive").required(),
        Field::boolean("localOnly"),
        Field::boolean("excludeBots"),
        Field::boolean("withReplies").required(),
        Field::boolean("withFile").required(),
        Field::boolean("excludeNotesInSensitiveChannel"),
    ];
}

async fn create(ctx: Ctx, CreateParams(settings): CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    if settings.has_no_words() {
        return Err(CREATED_WITHOUT_WORDS.into());
    }
    ctx.write(move |tx| {
        if antenna::all_of(tx, &me)?.len() >= Policies::of_id(tx, Some(&me))?.count("antennaLimit")
        {
            return Err(TOO_MANY_ANTENNAS.into());
        }
        let list_id = settings.user_list_id.as_deref();
        let list_id = find_list(tx, list_id, &me, CREATED_FOR_NO_LIST)?;
        let id = AntennaId::parse(&tx.new_id()).expect("a new id is a valid one");
        let mut antenna = blank(id, me, list_id, tx.now_ms());
        settings.apply(&mut antenna);
        antenna::save(tx, &antenna)?;
        events::antenna_changed(tx, "antennaCreated", &antenna.as_event(tx.now_ms()))?;
        Ok(tx.pack().antenna(&antenna))
    })
    .await
}

fn blank(id: AntennaId, user_id: UserId, list_id: Option<ListId>, now_ms: u64) -> Antenna {
    Antenna {
        id,
        user_id,
        name: String::new(),
        src: String::new(),
        list_id,
        users: Vec::new(),
        keywords: Vec::new(),
        exclude_keywords: Vec::new(),
        case_sensitive: false,
        local_only: false,
        exclude_bots: false,
        exclude_sensitive_channels: false,
        with_replies: false,
        with_file: false,
        has_unread: false,
        last_used_at: now_ms,
    }
}

async fn list(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let antennas = antenna::all_of(view, &me)?;
        let pack = view.pack();
        Ok(antennas
            .iter()
            .map(|antenna| pack.antenna(antenna))
            .collect())
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AntennaParams {
    antenna_id: String,
}

impl Params for AntennaParams {
    const SCHEMA: &'static [Field] = &[Field::id("antennaId").required()];
}

async fn show(ctx: Ctx, params: AntennaParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let antenna = antenna::of_owner(view, &params.antenna_id, &me)?.ok_or(NOT_SHOWN)?;
        Ok(view.pack().antenna(&antenna))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    antenna_id: String,
    #[serde(flatten)]
    settings: Settings,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("antennaId").required(),
        NAME,
        SRC,
        USER_LIST_ID,
        KEYWORDS,
        EXCLUDE_KEYWORDS,
        USERS,
        Field::boolean("caseSensitive"),
        Field::boolean("localOnly"),
        Field::boolean("excludeBots"),
        Field::boolean("withReplies"),
        Field::boolean("withFile"),
        Field::boolean("excludeNotesInSensitiveChannel"),
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    let settings = params.settings;
    if settings.has_no_words() {
        return Err(UPDATED_WITHOUT_WORDS.into());
    }
    ctx.write(move |tx| {
        let mut antenna = antenna::of_owner(tx, &params.antenna_id, &me)?.ok_or(NOT_UPDATED)?;
        let list_id = settings.user_list_id.as_deref();
        if let Some(list_id) = find_list(tx, list_id, &me, UPDATED_FOR_NO_LIST)? {
            antenna.list_id = Some(list_id);
        }
        settings.apply(&mut antenna);
        antenna.last_used_at = tx.now_ms();
        antenna::save(tx, &antenna)?;
        events::antenna_changed(tx, "antennaUpdated", &antenna.as_event(tx.now_ms()))?;
        Ok(tx.pack().antenna(&antenna))
    })
    .await
}

async fn delete(ctx: Ctx, params: AntennaParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let antenna = antenna::of_owner(tx, &params.antenna_id, &me)?.ok_or(NOT_DELETED)?;
        tx.execute("DELETE FROM antenna WHERE id = ?1", [Col(&antenna.id)])?;
        events::antenna_changed(tx, "antennaDeleted", &antenna.as_event(tx.now_ms()))?;
        Ok(NoContent)
    })
    .await
}

#[cfg(test)]
mod tests;
