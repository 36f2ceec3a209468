//! `chat/messages/react|unreact`.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{NO_MESSAGE_REACTED_TO, NO_MESSAGE_UNREACTED, OWN_MESSAGE, TOO_MANY_REACTIONS};
use super::messages::seen_message;
use super::write;
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::schema::{Field, Params};
use crate::limits::{CHAT_REACTIONS_MAX, REACTION_CHARS_MAX};
use crate::model::chat::{self, Message, To};
use crate::reaction;
use crate::store::{Col, Tx};

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:chat");
    registry.add(write("chat/messages/react"), react);
    registry.add(write("chat/messages/unreact"), unreact);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReactionParams {
    message_id: String,
    reaction: String,
}

impl Params for ReactionParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("messageId").required(),
        Field::string("reaction")
            .required()
            .length(1, REACTION_CHARS_MAX as i64),
    ];
}

async fn react(ctx: Ctx, params: ReactionParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let message = seen_message(tx, &params.message_id, me, NO_MESSAGE_REACTED_TO)?;
        if message.from_id == *me {
            return Err(OWN_MESSAGE.into());
        }
        if chat::reactions(tx, &message.id)?.len() >= CHAT_REACTIONS_MAX {
            return Err(TOO_MANY_REACTIONS.into());
        }
        let reaction = reaction::in_chat(tx, &params.reaction)?;
        let added = tx.execute(
            "INSERT INTO chat_reaction (message_id, user_id, reaction) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
            params![message.id, Col(me), reaction],
        )?;
        if added > 0 {
            tell(tx, &message, me, "react", &reaction)?;
        }
        Ok(NoContent)
    })
    .await
}

async fn unreact(ctx: Ctx, params: ReactionParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let message = seen_message(tx, &params.message_id, me, NO_MESSAGE_UNREACTED)?;
        let reaction = reaction::in_chat(tx, &params.reaction)?;
        let removed = tx.execute(
            "DELETE FROM chat_reaction WHERE message_id = ?1 AND user_id = ?2 AND reaction = ?3",
            params![message.id, Col(me), reaction],
        )?;
        if removed > 0 {
            tell(tx, &message, me, "unreact", &reaction)?;
        }
        Ok(NoContent)
    })
    .await
}

fn tell(
    tx: &mut Tx<'_>,
    message: &Message,
    me: &UserId,
    kind: &str,
    reaction: &str,
) -> Result<(), ApiError> {
    let body = body(tx, message, me, reaction)?;
    Ok(crate::chat::publish(tx, message, kind, &body)?)
}

/// In a chat of two it goes without saying who reacted.
fn body(tx: &Tx<'_>, message: &Message, me: &UserId, reaction: &str) -> rusqlite::Result<Value> {
    Ok(match message.to {
        To::User(_) => json!({ "messageId": message.id, "reaction": reaction }),
        To::Room(_) => json!({
            "messageId": message.id,
            "user": tx.pack().user_lite_by_id(me.as_str())?,
            "reaction": reaction,
        }),
    })
}
