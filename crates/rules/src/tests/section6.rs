//! Which notes each channel carries.

use super::build::*;
use crate::{Channel, Note, Reason, Viewer};

/// The timelines with these params, where Ann is on the list.
fn timelines(with_renotes: bool, with_files: bool) -> [Channel<'static>; 5] {
    let with_replies = false;
    let members = members(&[ANN], false);
    [
        Channel::Home {
            with_renotes,
            with_files,
        },
        Channel::Local {
            with_renotes,
            with_replies,
            with_files,
        },
        Channel::Hybrid {
            with_renotes,
            with_replies,
            with_files,
        },
        Channel::Global {
            with_renotes,
            with_files,
        },
        Channel::UserList {
            members,
            with_renotes,
            with_files,
        },
    ]
}

#[test]
fn with_files() {
    let name = "**withFiles**: drop a note with no `fileIds`";
    let viewer = || me().following(&[ANN]);
    for channel in timelines(true, true) {
        let on = |note| case(name, note).seen_by(viewer()).on(channel);
        on(by(ANN)).drops(Reason::NotOnChannel);
        on(by(ANN).with_files()).delivers();
        on(renote(ANN, by(BOB).with_files())).drops(Reason::NotOnChannel);
    }
}

#[test]
fn with_renotes() {
    let viewer = || me().following(&[ANN]);
    let name = "**withRenotes** false: drop pure renotes";
    for channel in timelines(false, false) {
        let on = |note| case(name, note).seen_by(viewer()).on(channel);
        on(renote(ANN, by(BOB))).drops(Reason::NotOnChannel);
        on(quote(ANN, by(BOB))).delivers();
    }
    for channel in timelines(true, false) {
        case(name, renote(ANN, by(BOB)))
            .seen_by(viewer())
            .on(channel)
            .delivers();
    }
}

#[test]
fn home_timeline() {
    let on_home = |name, note| case(name, note).on(HOME);

    let name = "in a channel: only if I follow the channel";
    let inside = || by(ANN).inside(HERE);
    on_home(name, inside())
        .seen_by(me().following_channel(HERE))
        .delivers();
    on_home(name, inside())
        .seen_by(me().following_channel(ELSEWHERE))
        .drops(Reason::NotOnChannel);
    on_home(name, inside())
        .seen_by(me().following(&[ANN]))
        .drops(Reason::NotOnChannel);
    on_home(name, by(ME).inside(HERE)).drops(Reason::NotOnChannel);
    let name = "else only if it is mine or following(author)";
    on_home(name, by(ME)).delivers();
    on_home(name, by(ANN))
        .seen_by(me().following(&[ANN]))
        .delivers();
    on_home(name, by(ANN)).drops(Reason::NotOnChannel);
    on_home(name, by(ANN).mentioning(ME)).drops(Reason::NotOnChannel);
    let name = "visitors have no home";
    on_home(name, by(ANN))
        .seen_by_visitor()
        .drops(Reason::NotOnChannel);
}

/// Replies, on every channel that judges them as home does: a channel and a viewer who get
/// Ann's replies to others there, and a pair who don't.
#[test]
fn replies_as_in_home() {
    let follows = || me().following(&[ANN]);
    let follows_with = || me().following_with_replies(&[ANN]);
    let joined_with = Channel::Hybrid {
        with_renotes: true,
        with_replies: true,
        with_files: false,
    };
    let members = members(&[ANN, ME], true);
    let list_with = Channel::UserList {
        members,
        with_renotes: true,
        with_files: false,
    };
    for (with, without) in [
        ((HOME, follows_with()), (HOME, follows())),
        ((HYBRID, follows_with()), (HYBRID, follows())),
        ((joined_with, follows()), (HYBRID, me())),
        ((list_with, me()), (list_of(&[ANN, ME]), follows_with())),
    ] {
        replies_with(with.0, &with.1);
        replies_without(without.0, &without.1);
    }
}

fn replies_with(channel: Channel<'static>, viewer: &Viewer) {
    let on = |name, note| case(name, note).seen_by(viewer.clone()).on(channel);
    let closed = || by(BOB).followers();

    let name =
        "if I follow the author *with replies*, drop only when the replied-to note is `followers`";
    on(name, reply(ANN, by(BOB))).delivers();
    on(name, reply(ANN, by(BOB).home())).delivers();
    on(name, reply(ANN, closed())).drops(Reason::NotOnChannel);
    on(name, reply(ANN, closed()).mentioning(ME)).drops(Reason::NotOnChannel);
    let name = "and I neither follow nor am its author";
    on(name, reply(ANN, by(ME).followers())).delivers();
    let follows_bob = Viewer {
        following: viewer.clone().following_with_replies(&[BOB]).following,
        ..viewer.clone()
    };
    case(name, reply(ANN, closed()))
        .seen_by(follows_bob)
        .on(channel)
        .delivers();
    let name = "a `specified` note is not named there; what it says is hidden";
    on(name, reply(ANN, by(BOB).specified(&[ANN]))).hides(1 << 8);
}

fn replies_without(channel: Channel<'static>, viewer: &Viewer) {
    let on = |name, note| case(name, note).seen_by(viewer.clone()).on(channel);

    let name = "otherwise keep it only if it replies to me";
    on(name, reply(ANN, by(ME))).delivers();
    on(name, reply(ANN, by(BOB))).drops(Reason::NotOnChannel);
    on(name, reply(ANN, by(BOB)).mentioning(ME)).drops(Reason::NotOnChannel);
    let name = "is mine";
    on(name, reply(ME, by(BOB))).delivers();
    let name = "or is the author replying to themself";
    on(name, reply(ANN, by(ANN))).delivers();
}

/// Pure renotes, on the channels that judge them as home does.
#[test]
fn renotes_as_in_home() {
    let name =
        "a pure renote of a reply to a `followers` note whose author I neither follow nor am: drop";
    let reply_to = |author| reply(EVE, by(author).followers());
    for channel in [HOME, HYBRID] {
        let on = |note| case(name, note).seen_by(me().following(&[ANN])).on(channel);
        on(renote(ANN, reply_to(BOB))).drops(Reason::NotOnChannel);
        on(renote(ANN, reply_to(ANN))).delivers();
        on(renote(ANN, reply_to(ME))).delivers();
        on(renote(ANN, reply(EVE, by(BOB)))).delivers();
        on(quote(ANN, reply_to(BOB))).hides(1 << 9);
    }
    let name = "a list has no such rule; what the replied-to note says is hidden";
    case(name, renote(ANN, reply_to(BOB)))
        .on(list_of(&[ANN]))
        .hides(1 << 9);
}

#[test]
fn local_timeline() {
    let on_local = |name, note| case(name, note).on(LOCAL);

    let name = "local author (`user.host` null; absent is not local)";
    on_local(name, by(ANN)).delivers();
    on_local(name, by(ANN).at_host("far.example")).drops(Reason::NotOnChannel);
    on_local(name, by(ANN).at_no_host()).drops(Reason::NotOnChannel);
    let name = "`public`";
    on_local(name, by(ANN).home()).drops(Reason::NotOnChannel);
    on_local(name, by(ME).home()).drops(Reason::NotOnChannel);
    on_local(name, by(ANN).followers().mentioning(ME)).drops(Reason::NotOnChannel);
    on_local(name, by(ANN).specified(&[ME])).drops(Reason::NotOnChannel);
    let name = "no channel";
    let viewer = me().following_channel(HERE);
    on_local(name, by(ANN).inside(HERE))
        .seen_by(viewer)
        .drops(Reason::NotOnChannel);

    let name =
        "a reply, for a logged-in viewer: only if it replies to me, is mine, or is to themself";
    on_local(name, reply(ANN, by(BOB))).drops(Reason::NotOnChannel);
    on_local(name, reply(ANN, by(ME))).delivers();
    on_local(name, reply(ME, by(BOB))).delivers();
    on_local(name, reply(ANN, by(ANN))).delivers();
    let name = "who neither asked `withReplies`";
    let asked = Channel::Local {
        with_renotes: true,
        with_replies: true,
        with_files: false,
    };
    on_local(name, reply(ANN, by(BOB))).on(asked).delivers();
    let name = "nor follows the author with replies";
    let viewer = me().following(&[ANN]);
    on_local(name, reply(ANN, by(BOB)))
        .seen_by(viewer)
        .drops(Reason::NotOnChannel);
    let viewer = me().following_with_replies(&[ANN]);
    on_local(name, reply(ANN, by(BOB)))
        .seen_by(viewer)
        .delivers();
    let name = "for a visitor, any reply";
    on_local(name, reply(ANN, by(BOB)))
        .seen_by_visitor()
        .delivers();
}

#[test]
fn hybrid_timeline() {
    let on_hybrid = |name, note| case(name, note).on(HYBRID);
    let far = |author| by(author).at_host("far.example");

    let name = "no channel and mine";
    on_hybrid(name, by(ME).specified(&[])).delivers();
    on_hybrid(name, by(ME).inside(HERE)).drops(Reason::NotOnChannel);
    let name = "no channel and following(author)";
    on_hybrid(name, far(ANN).home())
        .seen_by(me().following(&[ANN]))
        .delivers();
    on_hybrid(name, by(ANN).followers())
        .seen_by(me().following(&[ANN]))
        .delivers();
    let viewer = me().following(&[ANN]);
    on_hybrid(name, by(ANN).inside(HERE))
        .seen_by(viewer)
        .drops(Reason::NotOnChannel);
    let name = "no channel, local author and `public`";
    on_hybrid(name, by(ANN)).delivers();
    on_hybrid(name, by(ANN).home()).drops(Reason::NotOnChannel);
    on_hybrid(name, far(ANN)).drops(Reason::NotOnChannel);
    on_hybrid(name, by(ANN).at_no_host()).drops(Reason::NotOnChannel);
    on_hybrid(name, by(ANN).inside(HERE)).drops(Reason::NotOnChannel);
    let name = "a channel I follow";
    on_hybrid(name, far(ANN).home().inside(HERE))
        .seen_by(me().following_channel(HERE))
        .delivers();
    let name = "visitors have none";
    on_hybrid(name, by(ANN))
        .seen_by_visitor()
        .drops(Reason::NotOnChannel);
}

#[test]
fn global_timeline() {
    let on_global = |name, note| case(name, note).on(GLOBAL);
    let name = "`public`";
    on_global(name, by(ANN).at_host("far.example")).delivers();
    on_global(name, by(ANN).home()).drops(Reason::NotOnChannel);
    on_global(name, by(ME).followers()).drops(Reason::NotOnChannel);
    let name = "no channel";
    on_global(name, by(ANN).inside(HERE)).drops(Reason::NotOnChannel);
    let name = "replies are no matter";
    on_global(name, reply(ANN, by(BOB))).delivers();
}

#[test]
fn user_list() {
    let on_list = |name, note| case(name, note).on(list_of(&[ANN]));
    let name = "no channel";
    let viewer = me().following_channel(HERE);
    on_list(name, by(ANN).inside(HERE))
        .seen_by(viewer)
        .drops(Reason::NotOnChannel);
    let name = "author on the list";
    on_list(name, by(ANN).home()).delivers();
    on_list(name, by(BOB)).drops(Reason::NotOnChannel);
    on_list(name, by(ME)).drops(Reason::NotOnChannel);
    let name = "Visible";
    on_list(name, by(ANN).followers()).drops(Reason::NotVisible);
    on_list(name, by(ANN).followers())
        .seen_by(me().following(&[ANN]))
        .delivers();
    let name = "with the *membership's* `withReplies`, not the follow's";
    let viewer = me().following_with_replies(&[ANN]);
    on_list(name, reply(ANN, by(BOB)))
        .seen_by(viewer)
        .drops(Reason::NotOnChannel);
    let name = "visitors have none";
    on_list(name, by(ANN))
        .seen_by_visitor()
        .drops(Reason::NotOnChannel);
}

#[test]
fn hashtag_channel() {
    let name = "some AND-group whose every tag is among the note's";
    let channel = hashtag(&[&["a", "b"], &["c"]]);
    let on = |note| case(name, note).on(channel);
    on(by(ANN).tagged(&["b", "x", "a"])).delivers();
    on(by(ANN).tagged(&["c"])).delivers();
    on(by(ANN).tagged(&["a"])).drops(Reason::NotOnChannel);
    on(by(ANN).tagged(&["ab"])).drops(Reason::NotOnChannel);
    on(by(ANN).tagged(&[])).drops(Reason::NotOnChannel);
    on(by(ANN).home().tagged(&["c"])).delivers();
    let name = "an empty AND-group, or none, asks for nothing and gets nothing";
    case(name, by(ANN))
        .on(hashtag(&[&[]]))
        .drops(Reason::NotOnChannel);
    case(name, by(ANN))
        .on(hashtag(&[]))
        .drops(Reason::NotOnChannel);
    case(name, by(ANN)).on(hashtag(&[&[], &["tag"]])).delivers();
}

#[test]
fn misskey_channel() {
    let on_channel = |name, note| case(name, note).on(MISSKEY_CHANNEL);
    let name = "`channelId` equal";
    on_channel(name, by(ANN).inside(HERE)).delivers();
    on_channel(name, by(ANN).inside(ELSEWHERE)).drops(Reason::NotOnChannel);
    on_channel(name, by(ANN)).drops(Reason::NotOnChannel);
    let name = "Visible";
    on_channel(name, by(ANN).inside(HERE).specified(&[BOB])).drops(Reason::NotVisible);
    let name = "a mute of this very channel doesn't count here (I am looking at it)";
    let viewer = || me().muting_channel(HERE);
    on_channel(name, by(ANN).inside(HERE))
        .seen_by(viewer())
        .delivers();
    on_channel(name, quote(ANN, by(BOB).inside(HERE)).inside(HERE))
        .seen_by(viewer())
        .delivers();
    let name = "a renote of a note of another muted channel is dropped";
    let viewer = || me().muting_channel(ELSEWHERE);
    let note = renote(ANN, by(BOB).inside(ELSEWHERE)).inside(HERE);
    on_channel(name, note)
        .seen_by(viewer())
        .drops(Reason::Muted);
    let note = quote(ANN, by(BOB).inside(ELSEWHERE)).inside(HERE);
    on_channel(name, note)
        .seen_by(viewer())
        .drops(Reason::Muted);
}

#[test]
fn role_timeline() {
    let name = "`public`";
    case(name, by(ANN)).on(ROLE).delivers();
    case(name, by(ANN).home())
        .on(ROLE)
        .drops(Reason::NotOnChannel);
    case(name, by(ME).followers())
        .on(ROLE)
        .drops(Reason::NotOnChannel);
    let name = "the role still explorable";
    let closed = Channel::Role { explorable: false };
    case(name, by(ANN)).on(closed).drops(Reason::NotOnChannel);
}

#[test]
fn antenna() {
    let name = "Visible";
    let on_antenna = |note| case(name, note).on(Channel::Antenna);
    on_antenna(by(ANN).home()).delivers();
    on_antenna(by(ANN).followers()).drops(Reason::NotVisible);
    on_antenna(by(ANN).followers())
        .seen_by(me().following(&[ANN]))
        .delivers();
    on_antenna(by(ANN))
        .seen_by_visitor()
        .drops(Reason::NotOnChannel);
}

#[test]
fn the_sign_in_rule() {
    for channel in [LOCAL, GLOBAL, any_note(), MISSKEY_CHANNEL, ROLE] {
        let place = match channel {
            Channel::MisskeyChannel { channel } => Some(channel),
            Channel::Home { .. }
            | Channel::Local { .. }
            | Channel::Hybrid { .. }
            | Channel::Global { .. }
            | Channel::UserList { .. }
            | Channel::Hashtag { .. }
            | Channel::Role { .. }
            | Channel::Antenna => None,
        };
        let on = |name, note| {
            case(
                name,
                Note {
                    channel: place,
                    ..note
                },
            )
            .on(channel)
        };
        let secret = |author| by(author).behind_signin();

        let name = "author not `requireSigninToViewContents` for visitors";
        on(name, secret(ANN))
            .seen_by_visitor()
            .drops(Reason::NotForVisitors);
        on(name, by(ANN)).seen_by_visitor().delivers();
        on(name, secret(ANN)).delivers();
        let name = "and renoted";
        on(name, renote(ANN, secret(BOB)))
            .seen_by_visitor()
            .drops(Reason::NotForVisitors);
        on(name, quote(ANN, secret(BOB)))
            .seen_by_visitor()
            .drops(Reason::NotForVisitors);
        on(name, quote(ANN, secret(BOB))).delivers();
        let name = "replied-to author";
        on(name, reply(ANN, secret(BOB)))
            .seen_by_visitor()
            .drops(Reason::NotForVisitors);
        on(name, reply(ANN, secret(ANN)))
            .seen_by_visitor()
            .drops(Reason::NotForVisitors);
        on(name, reply(ANN, secret(ME))).delivers();
    }
}

#[test]
fn all_end_with_muted_or_blocked_and_hidden_parts() {
    let viewer = || me().following(&[ANN]);
    for channel in [
        HOME,
        LOCAL,
        HYBRID,
        GLOBAL,
        list_of(&[ANN]),
        any_note(),
        ROLE,
        Channel::Antenna,
    ] {
        let name = "Muted or blocked";
        let seen = viewer().muting(ANN);
        case(name, by(ANN))
            .seen_by(seen)
            .on(channel)
            .drops(Reason::Muted);
        let name = "Hidden parts";
        let note = quote(ANN, by(BOB).followers());
        case(name, note).seen_by(viewer()).on(channel).hides(0b10);
    }
}
