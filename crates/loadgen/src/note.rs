//! Notes by formula, and how they are known again.

use std::fmt::Write;

use fastrand::Rng;
use protocol::command::ClientId;
use protocol::frame;

/// The id under which a measured channel is joined.
pub(crate) const CHANNEL_ID: &str = "a";

/// What comes before the number of a note in a frame, be it the note or something about it.
const MARK: &[u8] = br#""body":{"id":"n"#;

/// What comes before the number of a reaction in a frame.
const REACTION_MARK: &[u8] = br#""userId":"reactor"#;

/// How many digits such a number has.
const DIGITS: usize = 10;

/// From this size on a note renotes another one, which has files.
const RICH_BYTES: usize = 4_096;

/// How many words there are. Few of them are in most of a text, as in any language.
const WORDS: f64 = 4_096.0;

/// A public note of a local user, as it is published. With `frame_bytes` its frame on a channel
/// under [`CHANNEL_ID`] has a payload of that size, if the note isn't longer without a text.
pub(crate) fn note(number: u64, author: &str, frame_bytes: usize) -> String {
    let mut rng = Rng::with_seed(number);
    let rich = (frame_bytes >= RICH_BYTES).then(|| renote(number, &mut rng));
    let around = tail(rich.as_deref());
    let mut note = head(&note_id(number), author, &mut rng);
    let id = ClientId::parse(CHANNEL_ID).expect("a short id is one");
    let frame = frame::channel_head(&id).len() + frame::channel_rest("note", Some(b"")).len();
    let text = frame_bytes.saturating_sub(frame + note.len() + around.len());
    write_text(&mut note, text, &mut rng);
    note.push_str(&around);
    note
}

/// A renote, as it is published, of a note with so many reactions that it names only some of those
/// who reacted.
pub(crate) fn popular_renote(number: u64, author: &str, renoted: &str, reactions: usize) -> String {
    let mut rng = Rng::with_seed(number);
    let mut shown = head(renoted, "painter", &mut rng);
    write_text(&mut shown, 300, &mut rng);
    let none = r#""reactionCount":0,"reactions":{}"#;
    let many = format!(r#""reactionCount":{reactions},"reactions":{{"👍":{reactions}}}"#);
    shown.push_str(&tail(None).replace(none, &many));
    let mut note = head(&note_id(number), author, &mut rng);
    note.truncate(note.len() - 1);
    note.push_str("null");
    let around = tail(None).replace(
        r#""renoteId":null"#,
        &format!(r#""renoteId":"{renoted}","renote":{shown}"#),
    );
    note.push_str(around.trim_start_matches('"'));
    note
}

/// The id of a note.
pub(crate) fn note_id(number: u64) -> String {
    format!("n{number:0DIGITS$}")
}

/// A reaction to a note, as it is published.
pub(crate) fn reaction(note: u64, number: u64) -> String {
    let id = note_id(note);
    format!(
        r#"{{"type":"reacted","body":{{"id":"{id}","userId":"author","userHost":null,"visibility":"public","body":{{"reaction":"👍","emoji":null,"userId":"reactor{number:0DIGITS$}"}}}}}}"#
    )
}

/// The number of the note in a frame's payload.
pub(crate) fn number(payload: &[u8]) -> Option<u64> {
    number_after(MARK, payload)
}

/// The number of the reaction in a frame's payload.
pub(crate) fn reaction_number(payload: &[u8]) -> Option<u64> {
    number_after(REACTION_MARK, payload)
}

fn number_after(mark: &[u8], payload: &[u8]) -> Option<u64> {
    let at = payload
        .windows(mark.len())
        .position(|window| window == mark)?;
    let digits = payload.get(at + mark.len()..)?.get(..DIGITS)?;
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

/// A note up to its text.
fn head(id: &str, author: &str, rng: &mut Rng) -> String {
    let blurhash: String = std::iter::repeat_with(|| rng.alphanumeric())
        .take(28)
        .collect();
    format!(
        r#"{{"id":"{id}","createdAt":"2026-11-23T19:38:19.267Z","userId":"{author}","user":{{"id":"{author}","name":null,"username":"{author}","host":null,"avatarUrl":"https://example.com/identicon/{author}","avatarBlurhash":"{blurhash}","avatarDecorations":[],"isBot":false,"isCat":false,"emojis":{{}},"onlineStatus":"online","badgeRoles":[]}},"text":""#
    )
}

/// A note from the end of its text on.
fn tail(renote: Option<&str>) -> String {
    let shown = match renote {
        None => r#""renoteId":null"#.to_owned(),
        Some(note) => format!(r#""renoteId":"renoted","renote":{note}"#),
    };
    format!(
        r#"","cw":null,"visibility":"public","localOnly":false,"reactionAcceptance":null,"renoteCount":0,"repliesCount":0,"reactionCount":0,"reactions":{{}},"reactionEmojis":{{}},"emojis":{{}},"reactionAndUserPairCache":[],"tags":[],"fileIds":[],"files":[],"mentions":[],"replyId":null,{shown}}}"#
    )
}

/// The note that a rich one shows: by a user of another server, with some text, reactions and
/// five files.
fn renote(number: u64, rng: &mut Rng) -> String {
    let mut note = head("renoted", "painter", rng);
    note = note.replace(
        r#""emojis":{}"#,
        r##""instance":{"name":"Painters","softwareName":"misskey","softwareVersion":"2025.10.2","iconUrl":"https://painters.example/client-assets/icon.png","faviconUrl":"https://painters.example/favicon.ico","themeColor":"#86b300"},"emojis":{}"##,
    );
    write_text(&mut note, 300, rng);
    note.push_str(r#"","cw":null,"visibility":"public","localOnly":false,"reactionAcceptance":null,"renoteCount":1,"repliesCount":0,"reactionCount":9,"reactions":{"👍":4,":blobcat@painters.example:":3,":sparkling@drawers.example:":2},"reactionEmojis":{"blobcat@painters.example":"https://painters.example/emoji/blobcat.webp","sparkling@drawers.example":"https://drawers.example/emoji/sparkling.webp"},"reactionAndUserPairCache":[],"fileIds":[],"files":["#);
    for file in 0..5 {
        let (name, width, height) = (rng.u128(..), rng.u16(400..4_000), rng.u16(400..4_000));
        let (md5, size) = (rng.u128(..), rng.u32(20_000..4_000_000));
        let comma = if file == 0 { "" } else { "," };
        write!(
            note,
            r#"{comma}{{"id":"f{number:0DIGITS$}{file}","createdAt":"2026-11-23T19:38:19.267Z","name":"{number}-{file}.webp","type":"image/webp","md5":"{md5:032x}","size":{size},"isSensitive":false,"blurhash":null,"properties":{{"width":{width},"height":{height}}},"url":"https://example.com/files/{name:032x}.webp","thumbnailUrl":"https://example.com/files/thumbnail-{name:032x}.webp","comment":null,"folderId":null,"folder":null,"userId":null,"user":null}}"#
        )
        .expect("writing to memory does not fail");
    }
    note.push_str(r#"],"mentions":[],"replyId":null,"renoteId":null}"#);
    note
}

/// So many bytes of words, which repeat themselves about as much as those of people.
fn write_text(note: &mut String, bytes: usize, rng: &mut Rng) {
    const SYLLABLES: &[u8] = b"kasatanahamayarawagazadabakisuchinuhefumo";
    let end = note.len() + bytes;
    while note.len() < end {
        let mut word = Rng::with_seed(WORDS.powf(rng.f64()) as u64);
        for _ in 0..word.usize(1..5) {
            let at = word.usize(..SYLLABLES.len() - 1);
            note.push(char::from(SYLLABLES[at]));
            note.push(char::from(SYLLABLES[at + 1]));
        }
        note.push(' ');
    }
    note.truncate(end);
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
            assert_eq!(head.renote.is_some(), bytes >= RICH_BYTES);
        }
        assert_eq!(number(b"{}"), None);
    }

    #[test]
    fn who_reacted_to_a_popular_note_is_not_in_its_renote() {
        let note = popular_renote(42, "author", "renoted", 40);
        let head = protocol::note::NoteHead::decode(note.as_bytes()).unwrap();
        assert!(head.pure_renote);
        let reactions = head.renote.unwrap().reactions;
        assert_eq!((reactions.count, reactions.covers_all()), (40, false));
    }

    #[test]
    fn a_reaction_is_known_again() {
        let event = reaction(7, 42);
        let decoded = protocol::event::decode("noteStream:n0000000007", event.as_bytes());
        let Ok(protocol::event::Event::NoteUpdated { id, kind, body, .. }) = decoded else {
            panic!("not an update: {decoded:?}");
        };
        let body = body.map(|body| body.get().as_bytes());
        let frame = frame::note_updated(&id, &kind, None::<&serde_json::value::RawValue>);
        assert_eq!(number(&frame), Some(7));
        assert_eq!(body.and_then(reaction_number), Some(42));
    }
}
