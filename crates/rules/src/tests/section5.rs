//! Who may see a note. The cases use the channel that asks the least, unless a sentence is
//! about another.

use protocol::limits::CHAIN_LINKS_MAX;
use protocol::record::VisitorScope;

use super::build::*;
use crate::Reason;

#[test]
fn visible() {
    let name = "my own note: yes";
    case(name, by(ME)).delivers();
    case(name, by(ME).followers()).delivers();
    case(name, by(ME).specified(&[])).delivers();

    let name = "`public`, `home`: yes";
    case(name, by(ANN)).delivers();
    case(name, by(ANN).home()).delivers();
    case(name, by(ANN).home()).seen_by_visitor().delivers();

    let name = "`followers`: I follow the author";
    case(name, by(ANN).followers())
        .seen_by(me().following(&[ANN]))
        .delivers();
    case(name, by(ANN).followers())
        .seen_by(me().following(&[BOB]))
        .drops(Reason::NotVisible);
    let name = "`followers`: or it replies to my note";
    case(name, reply(ANN, by(ME)).followers()).delivers();
    case(name, reply(ANN, by(BOB)).followers()).drops(Reason::NotVisible);
    let name = "`followers`: or it mentions me";
    case(name, by(ANN).followers().mentioning(ME)).delivers();
    case(name, by(ANN).followers().mentioning(BOB)).drops(Reason::NotVisible);
    let name = "`followers`: visitors: no";
    case(name, by(ANN).followers())
        .seen_by_visitor()
        .drops(Reason::NotVisible);

    let name = "`specified`: I am in `visibleUserIds`";
    case(name, by(ANN).specified(&[BOB, ME])).delivers();
    case(name, by(ANN).specified(&[BOB])).drops(Reason::NotVisible);
    let name = "`specified`: nothing else lets me in";
    let note = reply(ANN, by(ME)).specified(&[BOB]).mentioning(ME);
    case(name, note)
        .seen_by(me().following(&[ANN]))
        .drops(Reason::NotVisible);
    let name = "`specified`: visitors: no";
    case(name, by(ANN).specified(&[ME]))
        .seen_by_visitor()
        .drops(Reason::NotVisible);
}

#[test]
fn visible_is_checked_on_every_timeline_list_hashtag_channel_and_antenna() {
    let name = "a `followers` note of someone I don't follow";
    let viewer = || me().following_channel(HERE);
    for channel in [HOME, HYBRID, MISSKEY_CHANNEL] {
        let note = by(ANN).followers().inside(HERE);
        case(name, note)
            .seen_by(viewer())
            .on(channel)
            .drops(Reason::NotVisible);
    }
    for channel in [
        LOCAL,
        GLOBAL,
        ROLE,
        list_of(&[ANN]),
        any_note(),
        crate::Channel::Antenna,
    ] {
        case(name, by(ANN).followers())
            .on(channel)
            .drops(Reason::NotVisible);
    }
}

#[test]
fn muted_instances() {
    let viewer = || me().muting_instance("bad.example");
    let bad = |author| by(author).at_host("bad.example");

    let name = "the author's host is in my `mutedInstances`";
    case(name, bad(ANN)).seen_by(viewer()).drops(Reason::Muted);
    case(name, by(ANN).at_host("good.example"))
        .seen_by(viewer())
        .delivers();
    case(name, bad(ANN)).delivers();
    let name = "the replied-to author's host is";
    case(name, reply(ANN, bad(BOB)))
        .seen_by(viewer())
        .drops(Reason::Muted);
    let name = "the renoted author's host is";
    case(name, renote(ANN, bad(BOB)))
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, quote(ANN, bad(BOB)))
        .seen_by(viewer())
        .drops(Reason::Muted);
    let name = "it counts for what I renote myself";
    case(name, quote(ME, bad(BOB)))
        .seen_by(viewer())
        .drops(Reason::Muted);

    let name = "an unknown host may be any that I mute";
    case(name, by(ANN).at_no_host())
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, reply(ANN, by(BOB).at_no_host()))
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, by(ANN).at_no_host()).delivers();
}

#[test]
fn muted_and_blocking_users() {
    for viewer in [me().muting(ANN), me().blocked_by(ANN)] {
        let name = "I mute, or am blocked by, the author";
        case(name, by(ANN))
            .seen_by(viewer.clone())
            .drops(Reason::Muted);
        case(name, by(BOB)).seen_by(viewer.clone()).delivers();
        case(name, by(ANN).specified(&[ME]))
            .seen_by(viewer.clone())
            .drops(Reason::Muted);
        let name = "or the author of the note it replies to";
        case(name, reply(BOB, by(ANN)))
            .seen_by(viewer.clone())
            .drops(Reason::Muted);
        case(name, reply(ME, by(ANN)))
            .seen_by(viewer.clone())
            .drops(Reason::Muted);
        let name = "or renotes";
        case(name, renote(BOB, by(ANN)))
            .seen_by(viewer.clone())
            .drops(Reason::Muted);
        case(name, quote(BOB, by(ANN)))
            .seen_by(viewer.clone())
            .drops(Reason::Muted);
        let name = "no further: neither what a renoted note renotes nor a mention";
        case(name, quote(BOB, quote(EVE, by(ANN))))
            .seen_by(viewer.clone())
            .delivers();
        case(name, by(BOB).mentioning(ANN))
            .seen_by(viewer)
            .delivers();
    }
    let name = "those two only where they are not the author themself";
    case(name, reply(ANN, by(ANN)))
        .seen_by(me().muting(BOB))
        .delivers();
    case(name, reply(ANN, by(ANN)))
        .seen_by(me().muting(ANN))
        .drops(Reason::Muted);
    case(name, quote(ME, by(ME)))
        .seen_by(me().muting(BOB))
        .delivers();
}

#[test]
fn muted_renotes() {
    let viewer = || me().muting_renotes_of(ANN);
    let name = "it is a pure renote and I mute the author's renotes";
    case(name, renote(ANN, by(BOB)))
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, quote(ANN, by(BOB))).seen_by(viewer()).delivers();
    case(name, by(ANN)).seen_by(viewer()).delivers();
    case(name, renote(BOB, by(ANN)))
        .seen_by(viewer())
        .delivers();
}

#[test]
fn muted_channels() {
    let viewer = || me().muting_channel(HERE);
    let name = "I mute the channel it belongs to";
    case(name, by(ANN).inside(HERE))
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, by(ANN).inside(ELSEWHERE))
        .seen_by(viewer())
        .delivers();
    let both = || viewer().following_channel(HERE);
    case(name, by(ANN).inside(HERE))
        .seen_by(both())
        .on(HOME)
        .drops(Reason::Muted);
    let name = "or the channel of the note it renotes";
    case(name, renote(ANN, by(BOB).inside(HERE)))
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, quote(ANN, by(BOB).inside(HERE)))
        .seen_by(viewer())
        .drops(Reason::Muted);
    case(name, quote(ANN, by(BOB).inside(ELSEWHERE)))
        .seen_by(viewer())
        .delivers();
}

#[test]
fn hidden_parts() {
    let name = "its author has `requireSigninToViewContents` and I am a visitor";
    case(name, quote(ANN, quote(BOB, by(EVE).behind_signin())))
        .seen_by_visitor()
        .hides(0b100);
    case(name, quote(ANN, by(BOB).behind_signin())).delivers();

    let name =
        "its age passes the author's `makeNotesHiddenBefore` (≤ 0: older than that many seconds)";
    case(name, by(ANN).hidden_before(-9)).hides(0b1);
    case(name, by(ANN).hidden_before(-10)).delivers();
    case(name, by(ANN).hidden_before(0))
        .seen_by_visitor()
        .hides(0b1);
    let name = "(> 0: created before that Unix time)";
    case(name, by(ANN).hidden_before(999_991)).hides(0b1);
    case(name, by(ANN).hidden_before(999_990)).delivers();
    let name = "an unknown age passes";
    case(name, by(ANN).hidden_before(-100).of_unknown_age()).hides(0b1);
    case(name, by(ANN).of_unknown_age()).delivers();

    let name = "or it isn't Visible to me";
    case(name, quote(ANN, by(BOB).followers())).hides(0b10);
    case(name, quote(ANN, by(BOB).followers()))
        .seen_by(me().following(&[BOB]))
        .delivers();
    case(name, quote(ANN, by(BOB).specified(&[ANN]))).hides(0b10);
    case(name, quote(ANN, by(BOB).specified(&[ANN, ME]))).delivers();

    let name = "a link that is mine is never hidden";
    case(name, by(ME).hidden_before(0)).delivers();
    case(name, quote(ANN, by(ME).specified(&[]).hidden_before(0))).delivers();
    case(name, quote(ME, by(BOB).followers())).hides(0b10);

    let name = "walk the note and its chain of renotes";
    let middle = quote(BOB, by(EVE).followers()).hidden_before(0);
    case(name, quote(ANN, middle)).hides(0b110);
}

#[test]
fn hidden_parts_of_replied_to_notes() {
    let name = "what a note replies to travels inside it and is hidden like a link";
    case(name, reply(ANN, by(BOB).followers())).hides(1 << 8);
    case(name, reply(ANN, by(BOB).followers()))
        .seen_by(me().following(&[BOB]))
        .delivers();
    case(name, reply(ANN, by(BOB).followers().mentioning(ME))).delivers();
    case(name, reply(ANN, by(BOB).specified(&[ANN]))).hides(1 << 8);
    case(name, reply(ANN, by(BOB).specified(&[ANN, ME]))).delivers();
    case(name, reply(ANN, by(BOB).hidden_before(0))).hides(1 << 8);
    case(name, reply(ANN, by(ME).specified(&[]).hidden_before(0))).delivers();
    case(name, quote(EVE, reply(ANN, by(BOB).followers()))).hides(1 << 9);
    case(
        name,
        quote(EVE, reply(ANN, by(BOB).followers()).hidden_before(0)),
    )
    .hides(1 << 9 | 0b10);
    let name = "and doesn't keep a pure renote back";
    case(name, renote(EVE, reply(ANN, by(BOB).followers()))).hides(1 << 9);
}

#[test]
fn hidden_parts_of_pure_renotes() {
    let name = "something to hide, and any link of the chain is a pure renote: don't deliver";
    case(name, renote(ANN, by(BOB).followers())).drops(Reason::HiddenInRenote);
    case(name, renote(ANN, by(BOB)).hidden_before(0)).drops(Reason::HiddenInRenote);
    case(name, quote(ANN, renote(BOB, by(EVE))).hidden_before(0)).drops(Reason::HiddenInRenote);
    let name = "nothing to hide: deliver as it is";
    case(name, renote(ANN, by(BOB))).delivers();
    case(name, renote(ANN, by(BOB).followers()))
        .seen_by(me().following(&[BOB]))
        .delivers();
    case(name, renote(ANN, by(ME).followers())).delivers();
}

#[test]
fn notes_that_turn_into_followers_notes() {
    let name = "`makeNotesFollowersOnlyBefore` turns a `public` or `home` note into `followers`";
    let old = |author| by(author).followers_only_before(-9);
    case(name, old(ANN)).drops(Reason::NotVisible);
    case(name, old(ANN).home()).drops(Reason::NotVisible);
    case(name, old(ANN))
        .seen_by_visitor()
        .drops(Reason::NotVisible);
    case(name, old(ANN))
        .seen_by(me().following(&[ANN]))
        .delivers();
    case(name, old(ANN).mentioning(ME)).delivers();
    case(name, old(ANN).specified(&[ME])).delivers();
    case(name, by(ANN).followers_only_before(-10)).delivers();
    case(name, by(ANN).followers_only_before(999_991)).drops(Reason::NotVisible);
    case(name, by(ANN).followers_only_before(999_990)).delivers();
    case(name, by(ANN).followers_only_before(-100).of_unknown_age()).drops(Reason::NotVisible);
    let name = "in every link of the chain";
    case(name, quote(ANN, old(BOB))).hides(0b10);
    case(name, quote(ANN, old(BOB)))
        .seen_by(me().following(&[BOB]))
        .delivers();
    case(name, renote(ANN, old(BOB))).drops(Reason::HiddenInRenote);
    case(name, reply(ANN, old(BOB))).hides(1 << 8);
    let name = "but for the author";
    case(name, old(ME)).delivers();
    let name = "what a channel carries goes by the visibility that was chosen";
    case(name, old(ANN))
        .seen_by(me().following(&[ANN]))
        .on(LOCAL)
        .delivers();
}

#[test]
fn visitors() {
    let remote = |author| by(author).at_host("far.example");

    let name = "where `ugcVisibilityForVisitor` is `none`, nothing";
    case(name, by(ANN))
        .where_visitors_see(VisitorScope::Nothing)
        .drops(Reason::NotForVisitors);
    let name = "where it is `local`, only notes of local users";
    case(name, by(ANN))
        .where_visitors_see(VisitorScope::Local)
        .delivers();
    case(name, remote(ANN))
        .where_visitors_see(VisitorScope::Local)
        .drops(Reason::NotForVisitors);
    let note = by(ANN).at_no_host();
    case(name, note)
        .where_visitors_see(VisitorScope::Local)
        .drops(Reason::NotForVisitors);
    let name = "also inside a local user's note";
    let note = renote(ANN, remote(BOB));
    case(name, note)
        .where_visitors_see(VisitorScope::Local)
        .drops(Reason::HiddenInRenote);
    case(name, quote(ANN, remote(BOB)))
        .where_visitors_see(VisitorScope::Local)
        .hides(0b10);
    case(name, reply(ANN, remote(BOB)))
        .where_visitors_see(VisitorScope::Local)
        .hides(1 << 8);
    let name = "where it is `all`, any";
    case(name, remote(ANN))
        .where_visitors_see(VisitorScope::All)
        .delivers();
    case(name, by(ANN).at_no_host())
        .where_visitors_see(VisitorScope::All)
        .delivers();
}

#[test]
fn traps() {
    let name = "a visitor who joined `hashtag` with `q: [[]]` got every note";
    case(name, by(ANN))
        .on(hashtag(&[&[]]))
        .seen_by_visitor()
        .drops(Reason::NotOnChannel);
    let note = by(ANN).specified(&[BOB]);
    case(name, note)
        .on(hashtag(&[&[]]))
        .seen_by_visitor()
        .drops(Reason::NotVisible);

    let name = "a chain longer than its hidden parts can be named is dropped";
    let chain = |links| (1..links).fold(by(BOB), |chain, _| quote(ANN, chain));
    case(name, chain(CHAIN_LINKS_MAX)).delivers();
    case(name, chain(CHAIN_LINKS_MAX + 1)).drops(Reason::TooDeep);
    let name = "its last link can be hidden";
    let chain = (1..CHAIN_LINKS_MAX).fold(by(BOB).followers(), |chain, _| quote(ANN, chain));
    case(name, chain).hides(1 << (CHAIN_LINKS_MAX - 1));

    let name = "a pure renote without the renoted note says nothing that could be judged";
    let mut note = renote(ANN, by(BOB));
    note.renote = None;
    case(name, note).drops(Reason::Incomplete);
}
