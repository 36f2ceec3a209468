//! The walk over a text, and the three things it collects.

use super::Named;
use super::opaque::{self, Decoration, Span};

/// How deep brackets may nest in a hashtag or an address; MFM's own limit.
pub(super) const NEST_MAX: usize = 20;

/// Adds what `text` names to `named`.
pub(super) fn scan(text: &str, named: &mut Named) {
    walk(text, 0, named, Place::Top, None);
}

/// Where in the text the walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between blocks: code, formulas and searches may stand here.
    Top,
    /// In a decoration, so many deep.
    Inline(usize),
    /// In the label of a link, where only emoji count.
    Label,
}

/// Walks over a text until its end or until `decoration` ends; gives the place where that is
/// and whether the decoration was closed there.
fn walk(
    text: &str,
    from: usize,
    named: &mut Named,
    place: Place,
    decoration: Option<&Decoration>,
) -> (usize, bool) {
    let mut at = from;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(decoration) = decoration {
            if rest.starts_with(decoration.close) {
                return (at, at > from);
            }
            if decoration.one_line && matches!(first, '\n' | '\r') {
                return (at, false);
            }
        }
        at += match opaque::span(text, at, place) {
            Some(Span::Literal(bytes)) => bytes,
            Some(Span::Link { label, bytes }) => {
                walk(label, 0, named, Place::Label, None);
                bytes
            }
            None => decorated(text, at, named, place)
                .or_else(|| collect(text, at, named, place))
                .or_else(|| (place == Place::Top).then(|| opaque::search(text, at))?)
                .unwrap_or_else(|| first.len_utf8()),
        };
    }
    (at, false)
}

/// Looks into a decoration. One that is never closed is literal as far as it was read.
fn decorated(text: &str, at: usize, named: &mut Named, place: Place) -> Option<usize> {
    let decoration = Decoration::find(&text[at..])?;
    let depth = match place {
        Place::Top => 1,
        Place::Inline(depth) => depth + 1,
        Place::Label => return None,
    };
    if depth > NEST_MAX {
        return None;
    }
    let from = at + decoration.open_bytes;
    let mut inside = Named::default();
    let (end, closed) = walk(
        text,
        from,
        &mut inside,
        Place::Inline(depth),
        Some(&decoration),
    );
    if !closed {
        return Some(end - at);
    }
    named.append(&inside);
    Some(end + decoration.close.len() - at)
}

/// Takes what is named at a place; gives its length.
fn collect(text: &str, at: usize, named: &mut Named, place: Place) -> Option<usize> {
    let rest = &text[at..];
    let links = place != Place::Label;
    match rest.as_bytes()[0] {
        b'@' if links && !after_alphanumeric(text, at) => mention(rest, named),
        b'#' if links && !after_alphanumeric(text, at) => hashtag(rest, named),
        b':' => emoji(rest, named),
        _ => None,
    }
}

fn after_alphanumeric(text: &str, at: usize) -> bool {
    at > 0 && text.as_bytes()[at - 1].is_ascii_alphanumeric()
}

/// `@name` or `@name@host`. Dots and hyphens at the end belong to the sentence.
fn mention(rest: &str, named: &mut Named) -> Option<usize> {
    let name = run(&rest[1..])?;
    let host = rest[1 + name.len()..].strip_prefix('@').and_then(run);
    let whole = 1 + name.len() + host.map_or(0, |host| 1 + host.len());

    let host = host.map(trimmed).filter(|host| !host.is_empty());
    let tail = trimmed(name);
    if host.is_some() && tail.len() != name.len() || host.is_none() && whole > 1 + name.len() {
        return Some(whole);
    }
    let starts_badly = |part: &str| part.starts_with(['.', '-']);
    if tail.is_empty() || starts_badly(tail) || host.is_some_and(starts_badly) {
        return Some(whole);
    }
    named.add_mention(tail, host);
    Some(1 + tail.len() + host.map_or(0, |host| 1 + host.len()))
}

/// The longest run of characters that names and hosts are made of.
fn run(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn trimmed(text: &str) -> &str {
    text.trim_end_matches(['.', '-'])
}

/// `#tag`; brackets may be part of it where they come in pairs.
fn hashtag(rest: &str, named: &mut Named) -> Option<usize> {
    const STOPS: &str = " \u{3000}\t\r\n.,!?'\"#:/[]【】()「」（）<>";
    const PAIRS: &[(char, char)] = &[('(', ')'), ('[', ']'), ('「', '」'), ('（', '）')];
    let length = opaque::bracketed(&rest[1..], PAIRS, |c| !STOPS.contains(c), 0);
    let tag = &rest[1..1 + length];
    if tag.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    named.add_hashtag(tag);
    Some(1 + length)
}

/// `:name:`, not followed by a letter or digit.
fn emoji(rest: &str, named: &mut Named) -> Option<usize> {
    let name_end = 1 + rest[1..]
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-')))?;
    let after = rest[name_end..].strip_prefix(':')?;
    if name_end == 1 || after.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    named.add_emoji(&rest[1..name_end]);
    Some(name_end + 1)
}
