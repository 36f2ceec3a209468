//! Laws that hold whatever the note, the viewer and the channel are.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary::{
    audience_of, channel, host, misskey_channel, moment, note, stranger, user, viewer,
};
use crate::{
    Author, Channel, Follow, Follows, Hidden, Keys, Moment, Note, Reason, UserKey, Verdict, Viewer,
    Viewpoint, Visibility, decide, decide_capture,
};

/// The hidden parts, or why nothing is delivered.
fn outcome(verdict: Verdict) -> Result<Hidden, Reason> {
    match verdict {
        Verdict::Deliver(cleared) => Ok(cleared.hidden()),
        Verdict::Drop(reason) => Err(reason),
    }
}

/// What the contract says of one piece, told once more in the plainest way.
struct Piece<'a> {
    author: &'a Author,
    visibility: Visibility,
    visible_users: &'a [UserKey],
    mentions: &'a [UserKey],
    replied_to: Option<UserKey>,
    created_ms: Option<u64>,
    pure_renote: bool,
    is_hidden: bool,
}

/// Every link and every replied-to note, with what a verdict says of it; the note comes first.
fn pieces(note: &Note, hidden: Hidden) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut next = Some(note);
    for depth in 0.. {
        let Some(link) = next else { break };
        pieces.push(Piece {
            author: &link.author,
            visibility: link.visibility,
            visible_users: &link.visible_users,
            mentions: &link.mentions,
            replied_to: link.reply.as_ref().map(|reply| reply.author.key),
            created_ms: link.created_ms,
            pure_renote: link.pure_renote,
            is_hidden: hidden.contains(depth),
        });
        pieces.extend(link.reply.iter().map(|reply| Piece {
            author: &reply.author,
            visibility: reply.visibility,
            visible_users: &reply.visible_users,
            mentions: &reply.mentions,
            replied_to: None,
            created_ms: reply.created_ms,
            pure_renote: false,
            is_hidden: hidden.contains_reply(depth),
        }));
        next = link.renote.as_deref();
    }
    pieces
}

impl Piece<'_> {
    fn is_before(&self, limit_s: Option<i64>, moment: &Moment) -> bool {
        match (limit_s, self.created_ms) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(limit_s), Some(created_ms)) => {
                let (created_ms, now_ms) = (i128::from(created_ms), i128::from(moment.now_ms));
                let limit_ms = i128::from(limit_s) * 1000;
                if limit_s > 0 {
                    created_ms < limit_ms
                } else {
                    now_ms - created_ms > -limit_ms
                }
            }
        }
    }

    fn is_visible(&self, viewer: Option<&Viewer>, moment: &Moment) -> bool {
        let me = viewer.map(|viewer| viewer.key);
        if me == Some(self.author.key) {
            return true;
        }
        let narrowed = self.is_before(self.author.followers_only_before_s, moment);
        match (self.visibility, viewer) {
            (Visibility::Public | Visibility::Home, _) if !narrowed => true,
            (_, None) => false,
            (Visibility::Specified, Some(viewer)) => self.visible_users.contains(&viewer.key),
            (Visibility::Public | Visibility::Home | Visibility::Followers, Some(viewer)) => {
                viewer
                    .following
                    .iter()
                    .any(|follow| follow.user == self.author.key)
                    || self.mentions.contains(&viewer.key)
                    || self.replied_to == me
            }
        }
    }

    fn may_be_read(&self, viewer: Option<&Viewer>, moment: &Moment) -> bool {
        let mine = viewer.is_some_and(|viewer| viewer.key == self.author.key);
        let barred = viewer.is_none() && self.author.requires_signin;
        let old = self.is_before(self.author.hidden_before_s, moment);
        mine || !barred && !old && self.is_visible(viewer, moment)
    }
}

/// Someone with or without a login.
fn anyone() -> impl Strategy<Value = Option<Viewer>> {
    proptest::option::weighted(0.8, viewer())
}

fn viewpoint(viewer: Option<&Viewer>) -> Viewpoint<'_> {
    viewer.map_or(Viewpoint::Visitor, Viewpoint::User)
}

/// A change of a viewer's mutes, or a block of them.
#[derive(Debug, Clone)]
enum Shun {
    Mute(UserKey),
    BlockedBy(UserKey),
    MuteRenotes(UserKey),
    MuteInstance(Box<str>),
    MuteChannel(crate::ChannelKey),
}

fn shun() -> impl Strategy<Value = Shun> {
    prop_oneof![
        user().prop_map(Shun::Mute),
        user().prop_map(Shun::BlockedBy),
        user().prop_map(Shun::MuteRenotes),
        host().prop_map(Shun::MuteInstance),
        misskey_channel().prop_map(Shun::MuteChannel),
    ]
}

fn and<K: Ord + Copy>(keys: &Keys<K>, one: K) -> Keys<K> {
    keys.iter().copied().chain([one]).collect()
}

fn after(shun: Shun, mut viewer: Viewer) -> Viewer {
    match shun {
        Shun::Mute(user) => viewer.muting = and(&viewer.muting, user),
        Shun::BlockedBy(user) => viewer.blocked_by = and(&viewer.blocked_by, user),
        Shun::MuteRenotes(user) => viewer.renote_muting = and(&viewer.renote_muting, user),
        Shun::MuteInstance(host) => drop(viewer.muted_instances.insert(host)),
        Shun::MuteChannel(channel) => {
            viewer.muting_channels = and(&viewer.muting_channels, channel);
        }
    }
    viewer
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_is_delivered_that_may_not_be_read(
        note in note(), viewer in anyone(), channel in channel(), moment in moment(),
    ) {
        let verdict = decide(&note, viewpoint(viewer.as_ref()), &channel.as_channel(), &moment);
        let Ok(hidden) = outcome(verdict) else { return Ok(()) };
        let pieces = pieces(&note, hidden);
        prop_assert!(pieces[0].is_visible(viewer.as_ref(), &moment), "the note is not Visible");
        for piece in &pieces {
            let may_be_read = piece.may_be_read(viewer.as_ref(), &moment);
            prop_assert!(piece.is_hidden || may_be_read);
            // Visitors may be denied a piece for where it is from as well.
            prop_assert!(!piece.is_hidden || !may_be_read || viewer.is_none());
        }
    }

    #[test]
    fn a_pure_renote_never_travels_with_a_hidden_link(
        note in note(), viewer in anyone(), channel in channel(), moment in moment(),
    ) {
        let verdict = decide(&note, viewpoint(viewer.as_ref()), &channel.as_channel(), &moment);
        let Ok(hidden) = outcome(verdict) else { return Ok(()) };
        let any_pure = pieces(&note, hidden).iter().any(|piece| piece.pure_renote);
        prop_assert!(!any_pure || hidden.0 & 0xff == 0);
    }

    #[test]
    fn visibility_never_hides_a_note_from_its_author(
        note in note(), viewer in viewer(), channel in channel(), moment in moment(),
    ) {
        let viewer = Viewer { key: note.author.key, ..viewer };
        let verdict = decide(&note, Viewpoint::User(&viewer), &channel.as_channel(), &moment);
        match outcome(verdict) {
            Err(Reason::HiddenInRenote) => {
                let is_mine = |piece: &Piece<'_>| piece.author.key == viewer.key;
                prop_assert!(!pieces(&note, Hidden::default()).iter().all(is_mine));
            }
            Err(reason) => {
                prop_assert_ne!(reason, Reason::NotVisible);
                prop_assert_ne!(reason, Reason::NotForVisitors);
            }
            Ok(hidden) => {
                for piece in pieces(&note, hidden) {
                    prop_assert!(piece.author.key != viewer.key || !piece.is_hidden);
                }
            }
        }
    }

    #[test]
    fn a_mute_or_block_never_reveals(
        note in note(), viewer in viewer(), channel in channel(), moment in moment(), shun in shun(),
    ) {
        let judge = |viewer: &Viewer| {
            outcome(decide(&note, Viewpoint::User(viewer), &channel.as_channel(), &moment))
        };
        let before = judge(&viewer);
        let after = judge(&after(shun, viewer));
        prop_assert!(after == before || after == Err(Reason::Muted), "{before:?}, then {after:?}");
        prop_assert!(before.is_ok() || after.is_err());
    }

    /// But for one rule: a visitor of the local timeline gets replies without asking for them.
    #[test]
    fn what_visitors_see_a_stranger_with_a_login_sees(
        note in note(), channel in channel(), moment in moment(),
    ) {
        let channel = match channel.as_channel() {
            Channel::Local { with_renotes, with_files, .. } => {
                Channel::Local { with_renotes, with_replies: true, with_files }
            }
            other @ (Channel::Home { .. }
            | Channel::Hybrid { .. }
            | Channel::Global { .. }
            | Channel::UserList { .. }
            | Channel::Hashtag { .. }
            | Channel::Role { .. }
            | Channel::Antenna
            | Channel::MisskeyChannel { .. }) => other,
        };
        let judge = |viewpoint| outcome(decide(&note, viewpoint, &channel, &moment));
        let Ok(visitors) = judge(Viewpoint::Visitor) else { return Ok(()) };
        let strangers = judge(Viewpoint::User(&stranger()));
        prop_assert!(strangers.is_ok_and(|hidden| hidden.0 & !visitors.0 == 0), "{strangers:?}");
    }

    /// Captures go by the visibility that was chosen, so the law is about authors who ask for
    /// nothing more; and those who see a `followers` note for being mentioned or replied to in
    /// it hear nothing of it, since the event doesn't say so.
    #[test]
    fn captures_and_delivery_agree_on_who_sees_a_note(
        mut note in note(), viewer in anyone(), moment in moment(),
    ) {
        note.author.followers_only_before_s = None;
        let verdict = decide_capture(&audience_of(&note), viewpoint(viewer.as_ref()), &moment);
        let hears = outcome(verdict);
        let piece = &pieces(&note, Hidden::default())[0];
        let sees = piece.is_visible(viewer.as_ref(), &moment);
        let by_the_way = note.visibility == Visibility::Followers;
        prop_assert!(hears.is_err() || sees);
        prop_assert!(hears.is_ok() || !sees || by_the_way || viewer.is_none());
    }

    #[test]
    fn the_same_facts_give_the_same_verdict(
        note in note(), viewer in anyone(), channel in channel(), moment in moment(),
    ) {
        let (note_again, viewer_again, channel_again) = (note.clone(), viewer.clone(), channel.clone());
        let verdict = decide(&note, viewpoint(viewer.as_ref()), &channel.as_channel(), &moment);
        let again = viewpoint(viewer_again.as_ref());
        prop_assert_eq!(verdict, decide(&note_again, again, &channel_again.as_channel(), &moment));
    }

    #[test]
    fn sets_hold_what_went_in(keys in vec(0..20_u32, 0..20), asked in 0..20_u32) {
        let set: Keys<u32> = keys.iter().copied().collect();
        prop_assert_eq!(set.contains(asked), keys.contains(&asked));
        let follow = |user| Follow { user: UserKey(user), with_replies: user % 2 == 0 };
        let follows = Follows::new(keys.iter().copied().map(follow));
        let expected = keys.contains(&asked).then(|| follow(asked));
        prop_assert_eq!(follows.find(UserKey(asked)), expected);
    }

    #[test]
    fn of_two_follows_of_a_user_the_later_counts(flags in vec(any::<bool>(), 1..5)) {
        let user = UserKey(7);
        let follows = flags.iter().map(|&with_replies| Follow { user, with_replies });
        let found = Follows::new(follows).find(user).map(|follow| follow.with_replies);
        prop_assert_eq!(found, flags.last().copied());
    }
}
