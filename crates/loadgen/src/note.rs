//! Notes by formula, and how they are known again.

use protocol::command::ClientId;
use protocol::frame;

/// The id under which a measured channel is joined.
pub(crate) const CHANNEL_ID: &str = "a";

/// What comes before the number of a note in a frame.
const MARK: &[u8] = br#""body":{"id":"n"#;

/// How many digits the number of a note has.
const DIGITS: usize = 10;

/// A public note of a local user, as it is published. With `frame_bytes` its frame on a channel
/// under [`CHANNEL_ID`] has a payload of that size, if the note isn't longer without a text.
pub(crate) fn note(number: u64, author: &str, frame_bytes: usize) -> String {
    let around = r#"","cw":null,"visibility":"public","localOnly":false,"fileIds":[],"files":[],"replyId":null,"renoteId":null,"reactionAcceptance":null,"reactions":{},"reactionCount":0,"repliesCount":0,"renoteCount":0,"emojis":{},"reactionEmojis":{},"reactionAndUserPairCache":[],"tags":[],"mentions":[]}"#;
    let mut note = format!(
        r#"{{"id":"n{number:0DIGITS$}","createdAt":"2026-11-23T19:38:19.267Z","userId":"{author}","user":{{"id":"{author}","username":"{author}","name":null,"host":null,"avatarUrl":"https://example.com/identicon/{author}","isBot":false,"isCat":false,"emojis":{{}},"onlineStatus":"online","badgeRoles":[]}},"text":""#
    );
    let id = ClientId::parse(CHANNEL_ID).expect("a short id is one");
    let frame = frame::channel_head(&id).len() + frame::channel_rest("note", Some(b"")).len();
    let text = frame_bytes.saturating_sub(frame + note.len() + around.len());
    note.extend("seseragi ".chars().cycle().take(text));
    note.push_str(around);
    note
}

/// The number of the note in a frame's payload.
pub(crate) fn number(payload: &[u8]) -> Option<u64> {
    let at = payload
        .windows(MARK.len())
        .position(|window| window == MARK)?;
    let digits = payload.get(at + MARK.len()..)?.get(..DIGITS)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// How many bytes a frame of the server takes with a payload of this size.
pub(crate) fn frame_bytes(payload: usize) -> usize {
    let head = match payload {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    };
    head + payload
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_fills_its_frame_and_is_known_again() {
        let id = ClientId::parse(CHANNEL_ID).unwrap();
        for bytes in [2_048, 5_000] {
            let note = note(42, "author", bytes);
            let mut frame = frame::channel_head(&id).into_vec();
            frame.extend(frame::channel_rest("note", Some(note.as_bytes())));
            assert_eq!(frame.len(), bytes);
            assert_eq!(number(&frame), Some(42));
            let head = protocol::note::NoteHead::decode(note.as_bytes()).unwrap();
            assert_eq!(&*head.id, "n0000000042");
        }
        assert_eq!(number(b"{}"), None);
    }
}
