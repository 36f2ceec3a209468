//! What servers before 2025 told of chats of two, for `--compat legacy`: `messaging`,
//! `messagingIndex`, and `messagingMessage` and its like on `main`.

use protocol::id::UserId;
use serde_json::{Value, json};

use crate::events;
use crate::model::chat::{self, Message, To};
use crate::store::{StoreError, Tx};

type Told = Result<(), StoreError>;

/// A message was sent; `readers` are those who want to hear of it.
pub(super) fn sent(tx: &mut Tx<'_>, message: &Message, readers: &[UserId]) -> Told {
    let Some(to) = recipient(tx, message) else {
        return Ok(());
    };
    let from = message.from_id.clone();
    let packed = tx.pack().messaging_message(message)?;
    events::messaging(tx, &from, &to, "message", &packed)?;
    events::messaging(tx, &to, &from, "message", &packed)?;
    for user in [&from].into_iter().chain(readers) {
        events::messaging_index(tx, user, "message", &packed)?;
        events::main(tx, user, "messagingMessage", &packed)?;
    }
    Ok(())
}

/// A message is still unread.
pub(super) fn unread(tx: &mut Tx<'_>, message: &Message, reader: &UserId) -> Told {
    if recipient(tx, message).is_none() {
        return Ok(());
    }
    let packed = tx.pack().messaging_message(message)?;
    events::main(tx, reader, "unreadMessagingMessage", &packed)
}

/// A message is gone.
pub(super) fn deleted(tx: &mut Tx<'_>, message: &Message) -> Told {
    let Some(to) = recipient(tx, message) else {
        return Ok(());
    };
    let (from, id) = (message.from_id.clone(), Value::from(message.id.as_str()));
    events::messaging(tx, &from, &to, "deleted", &id)?;
    events::messaging(tx, &to, &from, "deleted", &id)
}

/// A user has read these messages of another, oldest first.
pub(super) fn read(tx: &mut Tx<'_>, me: &UserId, seen: &[Message]) -> Told {
    let Some(first) = seen.first().filter(|_| tx.legacy()) else {
        return Ok(());
    };
    let ids = json!(seen.iter().map(|message| &message.id).collect::<Vec<_>>());
    // Whoever wrote them hears that they were read.
    events::messaging(tx, &first.from_id, me, "read", &ids)?;
    events::messaging_index(tx, me, "read", &ids)?;
    all_read(tx, me)
}

/// Perhaps nothing is unread any more.
pub(super) fn all_read(tx: &mut Tx<'_>, me: &UserId) -> Told {
    if tx.legacy() && !chat::has_unread(tx, me)? {
        events::main(tx, me, "readAllMessagingMessages", &Value::Null)?;
    }
    Ok(())
}

fn recipient(tx: &Tx<'_>, message: &Message) -> Option<UserId> {
    match &message.to {
        To::User(to) if tx.legacy() => Some(to.clone()),
        To::User(_) | To::Room(_) => None,
    }
}
