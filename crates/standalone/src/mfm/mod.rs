//! Reads mentions, hashtags and custom emoji out of a note's text, as MFM does.
//!
//! Only these three: there is no well-kept crate for MFM, and a server needs no more of it.
//! What MFM takes literally (code, formulas, `<plain>`, addresses, a search) is passed over;
//! what only decorates (bold, quotes, functions) is looked through. The package `mfm-js` is
//! the measure; the tests hold cases that were compared with it.

mod opaque;
mod scan;

/// What a text names, in order of appearance, each once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Users: a name, and a host if one is written.
    pub(crate) mentions: Vec<Mention>,
    /// Hashtags without `#`, as written.
    pub(crate) hashtags: Vec<String>,
    /// Names of custom emoji, without colons.
    pub(crate) emojis: Vec<String>,
}

/// A user as a text names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The name, as written.
    pub(crate) username: String,
    /// The host, as written; `None`: this server.
    pub(crate) host: Option<String>,
}

/// What the parts of a note (text, `cw`, choices of a poll) name together.
pub(crate) fn named<'a>(parts: impl IntoIterator<Item = &'a str>) -> Named {
    let mut named = Named::default();
    for part in parts {
        scan::scan(part, &mut named);
    }
    named
}

impl Named {
    fn add_mention(&mut self, username: &str, host: Option<&str>) {
        let mention = Mention {
            username: username.to_owned(),
            host: host.map(str::to_owned),
        };
        if !self.mentions.contains(&mention) {
            self.mentions.push(mention);
        }
    }

    fn append(&mut self, other: &Self) {
        for mention in &other.mentions {
            self.add_mention(&mention.username, mention.host.as_deref());
        }
        for tag in &other.hashtags {
            self.add_hashtag(tag);
        }
        for name in &other.emojis {
            self.add_emoji(name);
        }
    }

    fn add_hashtag(&mut self, tag: &str) {
        add(&mut self.hashtags, tag);
    }

    fn add_emoji(&mut self, name: &str) {
        add(&mut self.emojis, name);
    }
}

fn add(to: &mut Vec<String>, text: &str) {
    if !to.iter().any(|known| known == text) {
        to.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests;
