//! Notifications in groups: reactions to one note that follow one another, and renotes of one.

use protocol::id::NoteId;
use rusqlite::Result;
use serde_json::{Value, json};

use crate::model::note;
use crate::model::notification::Notification;
use crate::pack::{For, time};
use crate::store::View;

/// What notifications have in common that may form a group.
#[derive(Debug, PartialEq, Eq)]
enum Bond {
    /// They are reactions to this note.
    Reaction(NoteId),
    /// They are renotes of this note.
    Renote(NoteId),
}

/// Packs them in order. One alone is packed as it is.
pub(super) fn pack(view: &View<'_>, notifications: &[Notification]) -> Result<Vec<Value>> {
    let mut bonded = Vec::with_capacity(notifications.len());
    for notification in notifications {
        bonded.push((notification, bond(view, notification)?));
    }
    bonded
        .chunk_by(|(_, one), (_, other)| one.is_some() && one == other)
        .map(|group| match group {
            [(first, Some(bond)), _, ..] => {
                let members: Vec<&Notification> = group.iter().map(|member| member.0).collect();
                pack_group(view, first, bond, &members)
            }
            _ => view.pack().notification(group[0].0),
        })
        .collect()
}

fn bond(view: &View<'_>, notification: &Notification) -> Result<Option<Bond>> {
    let Some(id) = &notification.note_id else {
        return Ok(None);
    };
    match notification.kind.as_str() {
        "reaction" => Ok(Some(Bond::Reaction(id.clone()))),
        "renote" => {
            let renote = note::by_id(view, id.as_str())?;
            Ok(renote.and_then(|renote| renote.renote_id).map(Bond::Renote))
        }
        _ => Ok(None),
    }
}

/// The group has the moment of its first member, and the id of its last: a client reads on from
/// there.
fn pack_group(
    view: &View<'_>,
    first: &Notification,
    bond: &Bond,
    members: &[&Notification],
) -> Result<Value> {
    let (kind, key) = match bond {
        Bond::Reaction(_) => ("reaction:grouped", "reactions"),
        Bond::Renote(_) => ("renote:grouped", "users"),
    };
    let mut list = Vec::with_capacity(members.len());
    for member in members {
        let user = match &member.notifier_id {
            Some(id) => view.pack().user_lite_by_id(id.as_str())?,
            None => None,
        };
        list.push(match bond {
            Bond::Reaction(_) => json!({ "user": user, "reaction": member.payload["reaction"] }),
            Bond::Renote(_) => user.unwrap_or_default(),
        });
    }
    let note = match &first.note_id {
        Some(id) => note::by_id(view, id.as_str())?,
        None => None,
    };
    let note = match note {
        Some(note) => view.pack().note(&note, For::User(&first.user_id))?,
        None => Value::Null,
    };
    let last = members.last().unwrap_or(&first);
    let mut packed = json!({
        "id": last.id,
        "createdAt": time::created_at(&first.id),
        "type": kind,
        "note": note,
    });
    packed[key] = list.into();
    Ok(packed)
}
