//! What the invented users say.

/// How many choices a poll of the demo has.
pub(super) const CHOICES: usize = 3;

const OPENINGS: &[&str] = &[
    "The water is clear today",
    "Rain in the mountains, the stream is louder",
    "Somebody moved my stone",
    "A leaf came by, then another",
    "Cold morning, slow current",
    "The moss smells of spring",
    "Mist over the ford",
    "The bank is full of light",
];
const TAGS: &[&str] = &[
    "",
    "",
    "",
    " #stream",
    " #せせらぎ",
    " #dragonflies",
    " #slowwater",
];
const ANSWERS: &[&str] = &[
    "Yes!",
    "Downstream too.",
    "I saw it as well.",
    "Not here.",
    "Tell me more?",
    "🎣",
];
const REACTIONS: &[&str] = &["👍", "❤", "🎉", "😆", "🤔", "🌊", "🍃", "🐟"];
const POLLS: &[[&str; CHOICES]] = &[
    ["upstream", "downstream", "stay"],
    ["pebbles", "sand", "moss"],
    ["dawn", "noon", "dusk"],
];

/// A sentence, sometimes with a hashtag or a mention of one of `names`.
pub(super) fn sentence(names: &[&str]) -> String {
    let mention = match fastrand::u8(..8) {
        0 => format!("@{} ", one(names)),
        _ => String::new(),
    };
    format!("{mention}{}.{}", one(OPENINGS), one(TAGS))
}

/// A short answer.
pub(super) fn answer() -> &'static str {
    one(ANSWERS)
}

/// A reaction.
pub(super) fn reaction() -> &'static str {
    one(REACTIONS)
}

/// The choices of a poll.
pub(super) fn choices() -> &'static [&'static str; CHOICES] {
    &POLLS[fastrand::usize(..POLLS.len())]
}

fn one<'a>(of: &[&'a str]) -> &'a str {
    of[fastrand::usize(..of.len())]
}
