//! Chat messages, rooms and invitations.

use protocol::id::UserId;
use rusqlite::Result;
use serde_json::{Value, json};

use super::{Object, Owner, Packer, object, time};
use crate::model::chat::{self, Message, To};
use crate::model::chat_room::{self, Link, Room};
use crate::model::drive;

impl Packer<'_> {
    /// A message as its chat shows it: without what everyone in the chat knows.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn chat_message_lite(&self, message: &Message) -> Result<Value> {
        let mut packed = self.message_head(message);
        match &message.to {
            To::User(to) => {
                packed.insert("toUserId".into(), to.as_str().into());
            }
            To::Room(to) => {
                packed.insert("fromUser".into(), self.user_or_null(&message.from_id)?);
                packed.insert("toRoomId".into(), to.as_str().into());
            }
        }
        let names_users = matches!(message.to, To::Room(_));
        packed.extend(self.message_tail(message, names_users)?);
        Ok(Value::Object(packed))
    }

    /// A message with everyone and everything that it names, for `me`.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn chat_message(&self, message: &Message, me: &UserId) -> Result<Value> {
        let mut packed = self.message_head(message);
        packed.insert("fromUser".into(), self.user_or_null(&message.from_id)?);
        match &message.to {
            To::User(to) => {
                packed.insert("toUserId".into(), to.as_str().into());
                packed.insert("toUser".into(), self.user_or_null(to)?);
                packed.insert("toRoomId".into(), Value::Null);
            }
            To::Room(to) => {
                packed.insert("toUserId".into(), Value::Null);
                packed.insert("toRoomId".into(), to.as_str().into());
                let room = chat_room::by_id(self.connection, to.as_str())?;
                let room = room.map(|room| self.chat_room(&room, me)).transpose()?;
                packed.insert("toRoom".into(), room.unwrap_or_default());
            }
        }
        packed.extend(self.message_tail(message, true)?);
        Ok(Value::Object(packed))
    }

    /// A room as `me` sees it.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn chat_room(&self, room: &Room, me: &UserId) -> Result<Value> {
        Ok(json!({
            "id": room.id.as_str(),
            "createdAt": time::created_at(room.id.as_str()),
            "name": room.name,
            "description": room.description,
            "ownerId": room.owner_id.as_str(),
            "owner": self.user_or_null(&room.owner_id)?,
            "isMuted": chat_room::is_muted(self.connection, &room.id, me)?,
            "invitationExists": chat_room::is_invited(self.connection, &room.id, me)?,
        }))
    }

    /// An invitation as `me` sees it.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn chat_invitation(&self, invitation: &Link, me: &UserId) -> Result<Value> {
        Ok(json!({
            "id": invitation.id,
            "createdAt": time::created_at(&invitation.id),
            "roomId": invitation.room_id.as_str(),
            "room": self.room_or_null(invitation, me)?,
            "userId": invitation.user_id.as_str(),
            "user": self.user_or_null(&invitation.user_id)?,
        }))
    }

    /// A membership, with its room for a member, with its user for those who look at the room.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn chat_membership(&self, member: &Link, of: MembershipOf<'_>) -> Result<Value> {
        let mut packed = object(json!({
            "id": member.id,
            "createdAt": time::created_at(&member.id),
            "userId": member.user_id.as_str(),
            "roomId": member.room_id.as_str(),
        }));
        match of {
            MembershipOf::Room => {
                packed.insert("user".into(), self.user_or_null(&member.user_id)?);
            }
            MembershipOf::User(me) => {
                packed.insert("room".into(), self.room_or_null(member, me)?);
            }
        }
        Ok(Value::Object(packed))
    }

    fn message_head(&self, message: &Message) -> Object {
        object(json!({
            "id": message.id,
            "createdAt": time::created_at(&message.id),
            "text": message.text,
            "fromUserId": message.from_id.as_str(),
        }))
    }

    fn message_tail(&self, message: &Message, names_users: bool) -> Result<Object> {
        let file = match &message.file_id {
            Some(id) => drive::file(self.connection, id)?,
            None => None,
        };
        let mut reactions = Vec::new();
        for reaction in chat::reactions(self.connection, &message.id)? {
            let mut packed = object(json!({ "reaction": reaction.reaction }));
            if names_users {
                packed.insert("user".into(), self.user_or_null(&reaction.user_id)?);
            }
            reactions.push(packed);
        }
        Ok(object(json!({
            "fileId": message.file_id,
            "file": file.map(|file| self.file(&file, Owner::Left)),
            "reactions": reactions,
        })))
    }

    fn user_or_null(&self, id: &UserId) -> Result<Value> {
        Ok(self.user_lite_by_id(id.as_str())?.unwrap_or_default())
    }

    fn room_or_null(&self, link: &Link, me: &UserId) -> Result<Value> {
        let room = chat_room::by_id(self.connection, link.room_id.as_str())?;
        let room = room.map(|room| self.chat_room(&room, me)).transpose()?;
        Ok(room.unwrap_or_default())
    }
}

/// Whose memberships are shown.
#[derive(Debug, Clone, Copy)]
pub enum MembershipOf<'a> {
    /// Those of one room.
    Room,
    /// Those of one user.
    User(&'a UserId),
}
