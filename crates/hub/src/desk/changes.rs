//! Changes of relations, lists, roles and tokens, in the order of the events around them.

use protocol::change::{Change, ListMember, Room};
use protocol::close::CloseReason;
use protocol::id::{AntennaId, ListId, RoleId, RoomId, UserId};
use protocol::record::RoleRecord;
use protocol::text::Text;

use super::loads::ListChange;
use super::relations::Relation;
use super::{Desk, TOKEN_GRACE_MS, Timer};
use crate::publication::{Closing, Event, Tokens};

impl Desk {
    pub(super) fn take_change(&mut self, change: &Change<'_>, now_ms: u64) {
        if let Some((user, relation)) = relation_of(change) {
            self.change_user(user, relation, now_ms);
            return;
        }
        match change {
            Change::ListMemberAdded(member) => self.change_list(member, ListChange::added),
            Change::ListMemberUpdated(member) => self.change_list(member, ListChange::updated),
            Change::ListMemberRemoved(member) => self.change_list(member, ListChange::removed),
            Change::ListDeleted { list } => {
                if let Some(list) = ListId::parse(list) {
                    self.alter_list(&list, ListChange::Deleted);
                }
            }
            Change::Room(room) => self.change_room(room),
            Change::AntennaDeleted { antenna } => {
                if let Some(antenna) = AntennaId::parse(antenna) {
                    self.forget_antenna(&antenna);
                }
            }
            Change::Suspended { user, suspended } if *suspended => {
                self.close_user(user, Tokens::All, CloseReason::UserSuspended);
            }
            Change::Deleted { user, deleted } if *deleted => {
                self.close_user(user, Tokens::All, CloseReason::UserDeleted);
            }
            Change::Suspended { .. } | Change::Deleted { .. } => {}
            Change::TokenRegenerated { user } => self.await_token_end(user, now_ms),
            Change::AppTokenRevoked { user } => self.end_apps(user),
            Change::RoleCreated(_) => self.reload_users(),
            Change::RoleUpdated(role) => {
                let (public, explorable) = (role.public, role.explorable);
                self.change_role(&role.id, Some(RoleRecord { public, explorable }));
                self.reload_users();
            }
            Change::RoleDeleted(role) => {
                self.change_role(&role.id, None);
                self.reload_users();
            }
            Change::RoleAssigned(role) | Change::RoleUnassigned(role) => {
                if let Some(user) = self.ids.user(&role.user_id) {
                    self.reload_user(user);
                }
            }
            Change::Policies => {
                self.reload_site();
                self.reload_users();
            }
            Change::Meta => self.reload_site(),
            Change::Follow(_)
            | Change::FollowUpdated(_)
            | Change::Unfollow(_)
            | Change::Block(_)
            | Change::Unblock(_)
            | Change::Mute(_)
            | Change::Unmute(_)
            | Change::RenoteMute(_)
            | Change::RenoteUnmute(_)
            | Change::FollowChannel(_)
            | Change::UnfollowChannel(_)
            | Change::MuteChannel(_)
            | Change::UnmuteChannel(_)
            | Change::Profile(_) => {}
        }
    }

    fn change_list(
        &mut self,
        member: &ListMember<'_>,
        change: impl FnOnce(&ListMember<'_>) -> ListChange,
    ) {
        if let Some(list) = ListId::parse(&member.list_id) {
            self.alter_list(&list, change(member));
        }
    }

    fn change_room(&mut self, room: &Room<'_>) {
        if let Some(id) = RoomId::parse(&room.room_id) {
            let members = room.user_ids.iter().filter_map(|user| UserId::parse(user));
            let members = members.collect();
            self.alter_room(&id, members);
        }
    }

    fn change_role(&mut self, role: &str, record: Option<RoleRecord>) {
        if let Some(role) = RoleId::parse(role) {
            self.alter_role(&role, record);
        }
    }

    /// Leaves a user's connections with the old token a moment to hear of the new one.
    fn await_token_end(&mut self, user: &str, now_ms: u64) {
        // Without a connection there is none to end, and the next one has the new token.
        let key = self.ids.user(user);
        let watched = key.is_some_and(|user| self.users.contains(&user));
        if let Some(user) = UserId::parse(user).filter(|_| watched) {
            let due_ms = now_ms.saturating_add(TOKEN_GRACE_MS);
            self.timers.insert((due_ms, Timer::TokenEnds(user)));
        }
    }

    /// Passes on that a user has a new token, and then ends the connections with the old one.
    /// The event that says so to clients comes right behind the one for servers.
    pub(super) fn told_of_token(&mut self, user: &str) {
        let before = self.timers.len();
        self.timers.retain(
            |(_, timer)| !matches!(timer, Timer::TokenEnds(whose) if whose.as_str() == user),
        );
        if self.timers.len() < before {
            self.close_user(user, Tokens::Native, CloseReason::TokenRevoked);
        }
    }

    /// Ends the connections with a user's old token, told or not.
    pub(super) fn end_token(&mut self, user: &UserId) {
        self.close_user(user.as_str(), Tokens::Native, CloseReason::TokenRevoked);
    }

    /// Ends the connections of a user's apps: whichever still may comes again.
    pub(super) fn end_apps(&mut self, user: &str) {
        self.close_user(user, Tokens::App, CloseReason::AppRevoked);
    }

    fn close_user(&mut self, user: &str, tokens: Tokens, reason: CloseReason) {
        // Whoever is not watched has no connections.
        if let Some(user) = self.ids.user(user).filter(|user| self.users.contains(user)) {
            let closing = Closing {
                user,
                tokens,
                reason,
            };
            self.publish(Event::Close(closing), 0);
        }
    }
}

/// Whose relations a change is of, and how they change.
fn relation_of<'a>(change: &'a Change<'_>) -> Option<(&'a str, Relation)> {
    use Relation as R;
    let own = |text: &Text<'_>| Box::from(text.as_str());
    Some(match change {
        Change::Follow(it) => (&it.follower_id, R::follows(it)),
        Change::FollowUpdated(it) => (&it.follower_id, R::follows_anew(it)),
        Change::Unfollow(it) => (&it.follower_id, R::Unfollows(own(&it.followee_id))),
        Change::Block(it) => (&it.blockee_id, R::IsBlockedBy(own(&it.blocker_id))),
        Change::Unblock(it) => (&it.blockee_id, R::IsUnblockedBy(own(&it.blocker_id))),
        Change::Mute(it) => (&it.muter_id, R::mutes(it)),
        Change::Unmute(it) => (&it.muter_id, R::Unmutes(own(&it.mutee_id))),
        Change::RenoteMute(it) => (&it.muter_id, R::MutesRenotes(own(&it.mutee_id))),
        Change::RenoteUnmute(it) => (&it.muter_id, R::UnmutesRenotes(own(&it.mutee_id))),
        Change::FollowChannel(it) => (&it.user_id, R::FollowsChannel(own(&it.channel_id))),
        Change::UnfollowChannel(it) => (&it.user_id, R::UnfollowsChannel(own(&it.channel_id))),
        Change::MuteChannel(it) => (&it.user_id, R::mutes_channel(it)),
        Change::UnmuteChannel(it) => (&it.user_id, R::UnmutesChannel(own(&it.channel_id))),
        Change::Profile(it) => {
            let hosts = it.muted_instances.as_ref()?.iter().map(own);
            (&it.user_id, R::MutesInstances(hosts.collect()))
        }
        Change::ListMemberAdded(_)
        | Change::ListMemberUpdated(_)
        | Change::ListMemberRemoved(_)
        | Change::ListDeleted { .. }
        | Change::Room(_)
        | Change::AntennaDeleted { .. }
        | Change::Suspended { .. }
        | Change::Deleted { .. }
        | Change::TokenRegenerated { .. }
        | Change::AppTokenRevoked { .. }
        | Change::RoleCreated(_)
        | Change::RoleUpdated(_)
        | Change::RoleDeleted(_)
        | Change::RoleAssigned(_)
        | Change::RoleUnassigned(_)
        | Change::Policies
        | Change::Meta => return None,
    })
}
