//! The events of a new note, in the order of a real server: antennas, the note stream, `mention`,
//! `reply`, `renote`; and once the note is counted the notifications.

use protocol::id::UserId;

use crate::antennas;
use crate::events;
use crate::model::{
    note::{self, Note},
    relation,
    user::{self, User},
};
use crate::notifications::{self, Notice};
use crate::pack::For;
use crate::roles;
use crate::store::{Col, StoreError, Tx};

/// Whom to notify of what.
pub(super) type Notices = Vec<(UserId, &'static str)>;

/// Publishes the note, and says whom to notify of it.
pub(super) fn publish(tx: &mut Tx<'_>, note: &Note, me: &User) -> Result<Notices, StoreError> {
    let packed = tx.pack().note(note, For::Stream)?;
    for antenna in antennas::caught_by(tx, note, me)? {
        events::antenna(tx, &antenna, &packed)?;
    }
    events::note(tx, &packed)?;
    roles::add_note(tx, me, note, &packed)?;
    let mut notices = Notices::new();
    for id in &note.mentions {
        let Some(user) = hearer(tx, note, id)? else {
            continue;
        };
        let packed = tx.pack().note(note, For::User(&user))?;
        events::main(tx, &user, "mention", &packed)?;
        push(&mut notices, user, "mention");
    }
    if let Some(id) = &note.reply_user_id
        && let Some(user) = hearer(tx, note, id.as_str())?
    {
        tell(tx, note, &user, "reply")?;
        push(&mut notices, user, "reply");
    }
    if let Some(id) = &note.renote_user_id
        && *id != me.id
        && let Some(user) = hearer(tx, note, id.as_str())?
    {
        tell(tx, note, &user, "renote")?;
        let kind = if note.is_pure_renote() {
            "renote"
        } else {
            "quote"
        };
        push(&mut notices, user, kind);
    }
    Ok(notices)
}

/// Notifies whom the note concerns, and those who asked to be told of the author's notes.
pub(super) fn notify(tx: &mut Tx<'_>, note: &Note, notices: Notices) -> Result<(), StoreError> {
    for (user, kind) in &notices {
        let notice = Notice::new(kind).from(&note.user_id).about(note);
        notifications::notify(tx, user, notice)?;
    }
    if note.reply_id.is_some() || note.visibility == "specified" {
        return Ok(());
    }
    for user in subscribers(tx, &note.user_id)? {
        if !notices.iter().any(|(notified, _)| *notified == user) {
            let notice = Notice::new("note").from(&note.user_id).about(note);
            notifications::notify(tx, &user, notice)?;
        }
    }
    Ok(())
}

/// One notification for each user: the last reason counts.
fn push(notices: &mut Notices, user: UserId, kind: &'static str) {
    match notices.iter_mut().find(|(known, _)| *known == user) {
        Some(known) => known.1 = kind,
        None => notices.push((user, kind)),
    }
}

/// The user of this server with this id, if they may see the note and don't mute its conversation.
fn hearer(tx: &Tx<'_>, note: &Note, id: &str) -> Result<Option<UserId>, StoreError> {
    let Some(user) = user::by_id(tx, id)?.filter(User::is_local) else {
        return Ok(None);
    };
    let hears = tx.pack().is_visible(note, For::User(&user.id))?
        && !relation::mutes_thread(tx, id, note.thread())?;
    Ok(hears.then_some(user.id))
}

/// Publishes `reply` or `renote`: the note as it is on the note stream, but packed for the user
/// where some part of it isn't theirs to see.
fn tell(tx: &mut Tx<'_>, note: &Note, user: &UserId, kind: &str) -> Result<(), StoreError> {
    let to = For::User(user);
    let to = if is_wholly_visible(tx, note, to)? {
        For::Stream
    } else {
        to
    };
    let packed = tx.pack().note(note, to)?;
    events::main(tx, user, kind, &packed)
}

fn is_wholly_visible(tx: &Tx<'_>, note: &Note, to: For<'_>) -> Result<bool, StoreError> {
    let mut link = Some(note.clone());
    while let Some(note) = link {
        if !tx.pack().is_visible(&note, to)? {
            return Ok(false);
        }
        if let Some(id) = &note.reply_id
            && let Some(reply) = note::by_id(tx, id.as_str())?
            && !tx.pack().is_visible(&reply, to)?
        {
            return Ok(false);
        }
        link = match &note.renote_id {
            Some(id) => note::by_id(tx, id.as_str())?,
            None => None,
        };
    }
    Ok(true)
}

/// Who asked to be notified of each note of this user.
fn subscribers(tx: &Tx<'_>, author: &UserId) -> Result<Vec<UserId>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT follower_id FROM follow WHERE followee_id = ?1 AND notify = 'normal' ORDER BY id",
    )?;
    let users = statement.query_map([Col(author)], |row| Ok(row.get::<_, Col<UserId>>(0)?.0))?;
    Ok(users.collect::<Result<_, _>>()?)
}
