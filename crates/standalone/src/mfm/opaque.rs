//! The parts of a text that MFM takes literally.

use super::scan::{NEST_MAX, Place};

/// A part in which nothing, or only emoji, is named.
pub(super) enum Span<'a> {
    /// So many bytes to pass over.
    Literal(usize),
    /// A link: only its label counts.
    Link {
        /// What stands between the brackets.
        label: &'a str,
        /// The length of the whole link.
        bytes: usize,
    },
}

/// A part that only changes how its content looks.
pub(super) struct Decoration {
    /// The length of what opens it.
    pub(super) open_bytes: usize,
    /// What closes it.
    pub(super) close: &'static str,
    /// Whether it must be closed on the same line.
    pub(super) one_line: bool,
}

impl Decoration {
    /// The decoration that a text begins with.
    pub(super) fn find(rest: &str) -> Option<Self> {
        const PAIRS: &[(&str, &str)] = &[
            ("***", "***"),
            ("**", "**"),
            ("~~", "~~"),
            ("<b>", "</b>"),
            ("<i>", "</i>"),
            ("<s>", "</s>"),
            ("<small>", "</small>"),
        ];
        if let Some((open, close)) = PAIRS.iter().find(|(open, _)| rest.starts_with(open)) {
            return Some(Self {
                open_bytes: open.len(),
                close,
                one_line: *open == "~~",
            });
        }
        let head = rest.strip_prefix("$[")?;
        let word = |c: char| c.is_ascii_alphanumeric() || "_.,=-".contains(c);
        let name_bytes = head.find(|c| !word(c))?;
        (name_bytes > 0 && head[name_bytes..].starts_with(' ')).then_some(Self {
            open_bytes: 2 + name_bytes + 1,
            close: "]",
            one_line: false,
        })
    }
}

/// The literal part that starts at a place, if one does.
pub(super) fn span(text: &str, at: usize, place: Place) -> Option<Span<'_>> {
    let rest = &text[at..];
    let links = place != Place::Label;
    let line_begins = place == Place::Top && (at == 0 || text[..at].ends_with(['\n', '\r']));
    let literal = match rest.as_bytes()[0] {
        b'`' => (line_begins.then(|| code_block(rest)).flatten())
            .or_else(|| enclosed(rest, "`", "`", &["´"])),
        b'\\' => (line_begins.then(|| math_block(rest)).flatten())
            .or_else(|| enclosed(rest, "\\(", "\\)", &[])),
        b'<' => plain(rest).or_else(|| links.then(|| bracketed_url(rest)).flatten()),
        b'h' if links => url(rest),
        b'[' | b'?' if links => return link(rest),
        _ => None,
    };
    literal.map(Span::Literal)
}

/// ```` ``` ```` on a line of its own to the next such line.
fn code_block(rest: &str) -> Option<usize> {
    let after_mark = rest.strip_prefix("```")?;
    let body = 3 + after_mark.find('\n')? + 1;
    let mut from = body;
    loop {
        let close = from + rest[from..].find("\n```")?;
        let end = close + 4;
        let line_ends = rest[end..].is_empty() || rest[end..].starts_with(['\n', '\r']);
        if line_ends && close > body {
            return Some(end);
        }
        from = close + 1;
    }
}

/// `\[` at the beginning of a line to a `\]` at the end of one.
fn math_block(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix("\\[")?;
    let end = 2 + body.find("\\]")? + 2;
    let line_ends = rest[end..].is_empty() || rest[end..].starts_with(['\n', '\r']);
    (line_ends && end > 4).then_some(end)
}

/// Something between two marks on one line, without any of `never` in it.
fn enclosed(rest: &str, open: &str, close: &str, never: &[&str]) -> Option<usize> {
    let body = rest.strip_prefix(open)?;
    let length = body.find(close)?;
    let inside = &body[..length];
    let broken = inside.contains(['\n', '\r']) || never.iter().any(|mark| inside.contains(mark));
    (length > 0 && !broken).then_some(open.len() + length + close.len())
}

fn plain(rest: &str) -> Option<usize> {
    const OPEN: &str = "<plain>";
    const CLOSE: &str = "</plain>";
    let length = rest.strip_prefix(OPEN)?.find(CLOSE)?;
    (length > 0).then_some(OPEN.len() + length + CLOSE.len())
}

fn bracketed_url(rest: &str) -> Option<usize> {
    let inside = &rest[1..];
    let scheme = scheme(inside)?;
    let length = inside.find(['>', ' ', '\u{3000}', '\t'])?;
    (length > scheme && inside[length..].starts_with('>')).then_some(length + 2)
}

/// An address; dots and commas at its end belong to the sentence.
fn url(rest: &str) -> Option<usize> {
    const PAIRS: &[(char, char)] = &[('(', ')'), ('[', ']')];
    let scheme = scheme(rest)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || ".,_/:%#@$&?!~=+-".contains(c);
    let length = bracketed(&rest[scheme..], PAIRS, fits, 0);
    let whole = &rest[..scheme + length];
    let trimmed = whole.trim_end_matches(['.', ',']).len();
    match (length, trimmed > scheme) {
        (0, _) => None,
        (_, true) => Some(trimmed),
        (_, false) => Some(whole.len()),
    }
}

fn scheme(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .iter()
        .find(|scheme| text.starts_with(**scheme))
        .map(|scheme| scheme.len())
}

/// `[label](address)` or `?[label](address)`.
fn link(rest: &str) -> Option<Span<'_>> {
    let open = if rest.starts_with('?') { 2 } else { 1 };
    if !rest[open - 1..].starts_with('[') {
        return None;
    }
    let length = rest[open..].find([']', '\n', '\r'])?;
    let label = &rest[open..open + length];
    let target = rest[open + length..].strip_prefix("](")?;
    let target_bytes = bracketed_url_or_url(target)?;
    if label.is_empty() || !target[target_bytes..].starts_with(')') {
        return None;
    }
    let bytes = open + length + 2 + target_bytes + 1;
    Some(Span::Link { label, bytes })
}

fn bracketed_url_or_url(text: &str) -> Option<usize> {
    if text.starts_with('<') {
        bracketed_url(text)
    } else {
        url(text)
    }
}

/// A line that ends in a search button, with the line break before it.
pub(super) fn search(text: &str, at: usize) -> Option<usize> {
    const BUTTONS: &[&str] = &["[検索]", "[search]", "検索", "search"];
    let rest = &text[at..];
    let line_break = ["\r\n", "\n", "\r"]
        .iter()
        .find(|mark| rest.starts_with(**mark));
    if at > 0 && line_break.is_none() {
        return None;
    }
    let before = line_break.map_or(0, |mark| mark.len());
    let line = &rest[before..];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let lower = line.to_ascii_lowercase();
    let is_search = BUTTONS.iter().any(|button| {
        lower.strip_suffix(button).is_some_and(|query| {
            let query_bytes = query.trim_end_matches([' ', '\u{3000}', '\t']).len();
            query_bytes > 0 && query_bytes < query.len()
        })
    });
    is_search.then_some(before + line.len())
}

/// The length of the longest beginning made of fitting characters and of brackets in pairs.
pub(super) fn bracketed(
    text: &str,
    pairs: &[(char, char)],
    fits: impl Fn(char) -> bool + Copy,
    depth: usize,
) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let pair = pairs
            .iter()
            .find(|(open, _)| *open == c && depth < NEST_MAX);
        if let Some((open, close)) = pair {
            let inside = bracketed(&text[at + open.len_utf8()..], pairs, fits, depth + 1);
            let end = at + open.len_utf8() + inside;
            if !text[end..].starts_with(*close) {
                break;
            }
            at = end + close.len_utf8();
        } else if fits(c) {
            at += c.len_utf8();
        } else {
            break;
        }
    }
    at
}
