//! What reading costs: the head of a note, and a command of a client.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::BytesCount;
use seseragi_protocol::command;
use seseragi_protocol::note::NoteHead;

fn main() {
    divan::main();
}

/// A note of a remote user with a text of so many bytes.
fn note(text: usize) -> String {
    let text = "せせらぎ ".repeat(text / 13);
    format!(
        r#"{{"id":"9abcdefgh0","createdAt":"2026-11-23T19:38:19.267Z","userId":"9author000","user":{{"id":"9author000","username":"alice","host":"example.com","name":"Alice","avatarUrl":"https://example.com/a.webp","isBot":false,"isCat":true,"emojis":{{}},"onlineStatus":"online","badgeRoles":[]}},"text":"{text}","cw":null,"visibility":"public","localOnly":false,"fileIds":[],"files":[],"replyId":null,"renoteId":null,"reactions":{{}},"emojis":{{}},"tags":["river","water"],"mentions":["9someone00"]}}"#
    )
}

#[divan::bench(args = [0, 1_500, 4_500])]
fn note_head(bencher: Bencher<'_, '_>, text: usize) {
    let note = note(text);
    bencher
        .counter(BytesCount::of_str(&note))
        .bench_local(|| NoteHead::decode(black_box(note.as_bytes())).expect("it is a note"));
}

#[divan::bench(args = [
    r#"{"type":"connect","body":{"channel":"homeTimeline","id":"12345678","params":{"withRenotes":true}}}"#,
    r#"{"type":"sr","body":{"id":"9abcdefgh0"}}"#,
    r#"{"type":"readNotification"}"#,
    "h",
])]
fn client_command(bencher: Bencher<'_, '_>, text: &str) {
    bencher.bench_local(|| command::decode(black_box(text)));
}
