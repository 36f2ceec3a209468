//! *Muted or blocked* of `docs/PROTOCOL.md` section 5.

use crate::channel::Channel;
use crate::key::ChannelKey;
use crate::note::Note;
use crate::viewer::Viewer;

/// Whether the viewer's mutes, or someone's block of them, keep a note off a channel.
///
/// The protocol excepts the replied-to and the renoted author where they are the author
/// themself; the author is asked about anyway, so that exception changes nothing.
pub(crate) fn is_muted(note: &Note, viewer: &Viewer, channel: &Channel<'_>) -> bool {
    note.people()
        .any(|author| viewer.mutes_instance_of(&author.origin) || viewer.shuns(author.key))
        || note.pure_renote && viewer.renote_muting.contains(note.author.key)
        || places(note).any(|place| {
            channel.misskey_channel() != Some(place) && viewer.muting_channels.contains(place)
        })
}

/// The Misskey channel of the note and that of what it renotes.
fn places(note: &Note) -> impl Iterator<Item = ChannelKey> {
    let renoted = note.renote.as_ref().and_then(|renote| renote.channel);
    [note.channel, renoted].into_iter().flatten()
}
