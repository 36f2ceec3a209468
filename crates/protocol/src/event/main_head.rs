//! What the rules of `docs/PROTOCOL.md` section 7 need of an event of `main`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{self, Object};
use crate::note::HostHead;
use crate::text::Text;

/// What the two rules of `main` need of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainHead<'a> {
    /// What kind of event it is to the rules.
    pub kind: MainKind,
    /// Who caused it: the notifier, or the author of a mention, reply or renote. `None`: nobody,
    /// such as in a notification of an achievement.
    pub user: Option<MainUser<'a>>,
    /// The note it shows.
    pub note: Option<MainNote<'a>>,
}

/// What kind of event it is to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MainKind {
    /// `notification`.
    Notification,
    /// `unreadNotification`: the same, once more.
    UnreadNotification,
    /// `mention`; the body is a note.
    Mention,
    /// `reply`; the body is a note.
    Reply,
    /// `renote`; the body is a note.
    Renote,
    /// Anything else; it carries no user and no note for the rules.
    Other,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainUser<'a> {
    /// The user.
    pub id: Text<'a>,
    /// Where they are from.
    pub host: HostHead<'a>,
}

/// The note that an event shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainNote<'a> {
    /// The note.
    pub id: Text<'a>,
    /// Who wrote it.
    pub author: MainUser<'a>,
    /// `isHidden`: parts are missing; it must be packed for its receiver.
    pub hidden: bool,
}

impl<'a> MainHead<'a> {
    pub(super) fn decode(
        kind: &str,
        body: Option<&'a RawValue>,
    ) -> Result<Self, serde_json::Error> {
        let kind = match kind {
            "notification" => MainKind::Notification,
            "unreadNotification" => MainKind::UnreadNotification,
            "mention" => MainKind::Mention,
            "reply" => MainKind::Reply,
            "renote" => MainKind::Renote,
            _ => MainKind::Other,
        };
        match kind {
            MainKind::Notification | MainKind::UnreadNotification => {
                let Notification {
                    user_id,
                    user,
                    note,
                } = json::body(body)?;
                let user = user_id.map(|id| MainUser {
                    id,
                    host: host(user),
                });
                Ok(Self {
                    kind,
                    user,
                    note: note.map(|note| note.0.into()),
                })
            }
            MainKind::Mention | MainKind::Reply | MainKind::Renote => {
                let note: MainNote<'_> = json::body::<Note<'_>>(body)?.into();
                Ok(Self {
                    kind,
                    user: Some(note.author.clone()),
                    note: Some(note),
                })
            }
            MainKind::Other => Ok(Self {
                kind,
                user: None,
                note: None,
            }),
        }
    }
}

/// The fields of a notification.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification<'a> {
    #[serde(borrow, default)]
    user_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    user: Option<Object<User<'a>>>,
    #[serde(borrow, default)]
    note: Option<Object<Note<'a>>>,
}

/// The fields of a note.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow, default)]
    user: Option<Object<User<'a>>>,
    #[serde(default)]
    is_hidden: Option<bool>,
}

/// The fields of a user.
#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow, default)]
    host: HostHead<'a>,
}

fn host(user: Option<Object<User<'_>>>) -> HostHead<'_> {
    user.map_or(HostHead::Unknown, |user| user.0.host)
}

impl<'a> From<Note<'a>> for MainNote<'a> {
    fn from(note: Note<'a>) -> Self {
        let author = MainUser {
            id: note.user_id,
            host: host(note.user),
        };
        Self {
            id: note.id,
            author,
            hidden: note.is_hidden.unwrap_or(false),
        }
    }
}
