//! Misskey channels: making, changing and following them.
//!
//! [`lists`] finds channels, [`mute`] silences them.

mod lists;
mod mute;
mod timeline;

use protocol::id::{ChannelId, UserId};
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind, ROLE_PERMISSION_DENIED};
use super::schema::{Field, Params, given};
use crate::events;
use crate::limits::CHANNEL_PINS_MAX;
use crate::model::channel::{self, Channel};
use crate::pack::For;
use crate::roles::Policies;
use crate::store::Col;

const NOT_SHOWN: ErrorKind = no_such_channel("6f6c314b-7486-4897-8966-c04a66a02923");
const NOT_UPDATED: ErrorKind = no_such_channel("f9c5467f-d492-4c3c-9a8d-a70dacc86512");
const NOT_FOLLOWED: ErrorKind = no_such_channel("c0031718-d573-4e85-928e-10039f1fbb68");
const NOT_UNFOLLOWED: ErrorKind = no_such_channel("19959ee9-0153-4c51-bbd9-a98c49dc59d6");
const CREATED_WITH_NO_FILE: ErrorKind = no_such_file("cd1e9f3e-5a12-4ab4-96f6-5d0a2cc32050");
const UPDATED_WITH_NO_FILE: ErrorKind = no_such_file("e86c14a4-0da2-4032-8df3-e737a04c7f3b");
const ANOTHERS: ErrorKind = ErrorKind::client(
    "ACCESS_DENIED",
    "1fb7cb09-d46a-4fff-b8df-057708cce513",
    "You do not have edit privilege of the channel.",
);

/// There is no such channel. Each endpoint has an id of its own for that.
const fn no_such_channel(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_CHANNEL", id, "No such channel.")
}

const fn no_such_file(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_FILE", id, "No such file.")
}

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:channels");
    registry.add(write("channels/create"), create);
    registry.add(Endpoint::open("channels/show"), show);
    registry.add(write("channels/update"), update);
    registry.add(write("channels/follow"), follow);
    registry.add(write("channels/unfollow"), unfollow);
    registry.add(Endpoint::open("channels/timeline"), timeline::timeline);
    lists::register(registry);
    mute::register(registry);
}

/// What a client may set. To make a channel its name is required.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    banner_id: Option<Option<String>>,
    color: Option<String>,
    is_sensitive: Option<bool>,
    allow_renote_to_external: Option<bool>,
    is_archived: Option<bool>,
    pinned_note_ids: Option<Vec<String>>,
}

const NAME: Field = Field::string("name").length(1, 128);
const DESCRIPTION: Field = Field::string("description").nullable().length(1, 2048);
const BANNER_ID: Field = Field::id("bannerId").nullable();
const COLOR: Field = Field::string("color").length(1, 16);
const IS_SENSITIVE: Field = Field::boolean("isSensitive").nullable();
const ALLOW_RENOTE: Field = Field::boolean("allowRenoteToExternal").nullable();

impl Settings {
    /// Puts them on a channel of `owner`'s, whose banner must be a file of `owner`'s.
    fn apply(
        self,
        connection: &Connection,
        channel: &mut Channel,
        owner: &UserId,
        no_such_file: ErrorKind,
    ) -> Result<(), ApiError> {
        if let Some(Some(id)) = &self.banner_id
            && !owns_file(connection, owner, id)?
        {
            return Err(no_such_file.into());
        }
        set(&mut channel.name, self.name);
        set(&mut channel.description, self.description);
        set(&mut channel.banner_id, self.banner_id);
        set(&mut channel.color, self.color);
        set(&mut channel.is_sensitive, self.is_sensitive);
        set(
            &mut channel.allow_renote_to_external,
            self.allow_renote_to_external,
        );
        set(&mut channel.is_archived, self.is_archived);
        set(&mut channel.pinned_note_ids, self.pinned_note_ids);
        Ok(())
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn owns_file(connection: &Connection, owner: &UserId, id: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM drive_file WHERE id = ?1 AND user_id = ?2")?
        .exists(params![id, Col(owner)])
}

#[derive(Deserialize)]
struct CreateParams(Settings);

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        NAME.required(),
        DESCRIPTION,
        BANNER_ID,
        COLOR,
        IS_SENSITIVE,
        ALLOW_RENOTE,
    ];
}

async fn create(ctx: Ctx, CreateParams(settings): CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    let settings = Settings {
        is_archived: None,
        pinned_note_ids: None,
        ..settings
    };
    ctx.write(move |tx| {
        if !Policies::of_id(tx, Some(&me))?.allow("canCreateChannel") {
            return Err(ROLE_PERMISSION_DENIED.into());
        }
        let mut channel = Channel {
            id: ChannelId::parse(&tx.new_id()).expect("a new id is a valid one"),
            user_id: Some(me.clone()),
            name: String::new(),
            description: None,
            banner_id: None,
            color: "#86b300".to_owned(),
            pinned_note_ids: Vec::new(),
            is_archived: false,
            is_sensitive: false,
            allow_renote_to_external: true,
            notes_count: 0,
            users_count: 0,
            last_noted_at: None,
        };
        settings.apply(tx, &mut channel, &me, CREATED_WITH_NO_FILE)?;
        channel::save(tx, &channel)?;
        Ok(tx.pack().channel(&channel, For::User(&me))?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelParams {
    channel_id: String,
}

impl Params for ChannelParams {
    const SCHEMA: &'static [Field] = &[Field::id("channelId").required()];
}

async fn show(ctx: Ctx, params: ChannelParams) -> Result<Value, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let channel = channel::by_id(view, &params.channel_id)?.ok_or(NOT_SHOWN)?;
        let to = For::viewer(viewer.as_ref());
        Ok(view.pack().channel_detailed(&channel, to)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    channel_id: String,
    #[serde(flatten)]
    settings: Settings,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("channelId").required(),
        NAME,
        DESCRIPTION,
        BANNER_ID,
        COLOR,
        IS_SENSITIVE,
        ALLOW_RENOTE,
        Field::boolean("isArchived").nullable(),
        Field::array("pinnedNoteIds", &Field::id("")).items(0, CHANNEL_PINS_MAX as i64),
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let (me, moderates) = (ctx.my_id()?, ctx.me()?.staff.moderator);
    ctx.write(move |tx| {
        let mut channel = channel::by_id(tx, &params.channel_id)?.ok_or(NOT_UPDATED)?;
        if channel.user_id.as_ref() != Some(&me) && !moderates {
            return Err(ANOTHERS.into());
        }
        params
            .settings
            .apply(tx, &mut channel, &me, UPDATED_WITH_NO_FILE)?;
        channel::save(tx, &channel)?;
        Ok(tx.pack().channel(&channel, For::User(&me))?)
    })
    .await
}

async fn follow(ctx: Ctx, params: ChannelParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let channel = channel::by_id(tx, &params.channel_id)?.ok_or(NOT_FOLLOWED)?;
        let followed = tx.execute(
            "INSERT OR IGNORE INTO channel_follow VALUES (?1, ?2, ?3)",
            params![tx.new_id(), Col(&me), Col(&channel.id)],
        )?;
        if followed > 0 {
            events::channel_followed(tx, &me, &channel.id)?;
        }
        Ok(NoContent)
    })
    .await
}

async fn unfollow(ctx: Ctx, params: ChannelParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let channel = channel::by_id(tx, &params.channel_id)?.ok_or(NOT_UNFOLLOWED)?;
        let unfollowed = tx.execute(
            "DELETE FROM channel_follow WHERE user_id = ?1 AND channel_id = ?2",
            params![Col(&me), Col(&channel.id)],
        )?;
        if unfollowed > 0 {
            events::channel_unfollowed(tx, &me, &channel.id)?;
        }
        Ok(NoContent)
    })
    .await
}

#[cfg(test)]
mod tests;
