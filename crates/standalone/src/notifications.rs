//! Telling users what happened to them.
//!
//! ```ignore
//! notifications::notify(tx, &followee, Notice::new("follow").from(&follower))?;
//! notifications::notify(tx, &author, Notice::new("reaction").from(&me).about(&note).with("reaction", "👍"))?;
//! ```

mod wanted;

use protocol::id::UserId;
use serde_json::{Map, Value};

use crate::events;
use crate::limits::{NOTIFICATIONS_MAX, UNREAD_DELAY_MS};
use crate::model::notification::{self, Notification};
use crate::model::{note::Note, user};
use crate::store::{Col, StoreError, Tx};

pub(crate) use wanted::is_muted;

/// What to tell a user.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    kind: &'static str,
    from: Option<&'a UserId>,
    note: Option<&'a Note>,
    fields: Map<String, Value>,
}

impl<'a> Notice<'a> {
    /// A notification of Misskey's type `kind`, such as `follow`.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self {
            kind,
            from: None,
            note: None,
            fields: Map::new(),
        }
    }

    /// Who caused it.
    #[must_use]
    pub fn from(mut self, user: &'a UserId) -> Self {
        self.from = Some(user);
        self
    }

    /// The note that it is about.
    #[must_use]
    pub fn about(mut self, note: &'a Note) -> Self {
        self.note = Some(note);
        self
    }

    /// Another key, such as `reaction`; they stand last in the order given.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }
}

/// Notifies a user of this server, unless they caused it themself, mute or block who did, mute
/// their server or the conversation, or set that they want none of this kind from them.
/// Publishes `notification`; where it is still unread two seconds later, `unreadNotification`
/// follows.
///
/// # Errors
///
/// If the database refuses.
pub fn notify(tx: &mut Tx<'_>, to: &UserId, notice: Notice<'_>) -> Result<(), StoreError> {
    if !wanted::is_wanted(tx, to, &notice)? {
        return Ok(());
    }
    let notification = Notification {
        id: tx.new_id(),
        user_id: to.clone(),
        kind: notice.kind.to_owned(),
        notifier_id: notice.from.cloned(),
        note_id: notice.note.map(|note| note.id.clone()),
        payload: notice.fields,
        is_read: false,
    };
    notification::insert(tx, &notification, NOTIFICATIONS_MAX)?;
    let packed = tx.pack().notification(&notification)?;
    events::main(tx, to, "notification", &packed)?;
    if notification.kind == IMPATIENT {
        return events::main(tx, to, "unreadNotification", &packed);
    }
    tx.set_alarm(tx.now_ms() + UNREAD_DELAY_MS);
    Ok(())
}

/// The type whose `unreadNotification` comes at once.
pub(crate) const IMPATIENT: &str = "test";

/// Publishes `unreadNotification` of one that is still unread, unless its user mutes or blocks who
/// caused it meanwhile.
pub(crate) fn remind(tx: &mut Tx<'_>, notification: &Notification) -> Result<(), StoreError> {
    if notification.is_read || notification.kind == IMPATIENT {
        return Ok(());
    }
    let to = &notification.user_id;
    if let Some(from) = &notification.notifier_id
        && let Some(to) = user::by_id(tx, to.as_str())?
        && is_muted(tx, tx.now_ms(), &to, from)?
    {
        return Ok(());
    }
    let packed = tx.pack().notification(notification)?;
    events::main(tx, to, "unreadNotification", &packed)
}

/// Marks everything as read; `false`: everything was. Publishes `readAllNotifications` where there
/// was something, or `always`.
///
/// # Errors
///
/// If the database refuses.
pub fn read_all(tx: &mut Tx<'_>, user: &UserId, always: bool) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE notification SET is_read = 1 WHERE user_id = ?1 AND is_read = 0",
        [Col(user)],
    )?;
    if changed > 0 || always {
        events::main(tx, user, "readAllNotifications", &Value::Null)?;
    }
    Ok(changed > 0)
}
