//! What an event of a note says of a user's reaction.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::id::UserId;
use crate::text::Text;

/// How a user reacts to a note from here on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reacted<'a> {
    /// The user.
    pub user: UserId,
    /// Their reaction; `None`: they have none any more.
    pub reaction: Option<Text<'a>>,
}

/// An event of a reaction does not say whose it is, or what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot tell who reacted, or how")]
pub struct ReactedError;

impl<'a> Reacted<'a> {
    /// What an event of this type says; `None`: it is about something else.
    #[must_use]
    pub fn in_update(kind: &str, body: Option<&'a RawValue>) -> Option<Result<Self, ReactedError>> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(rename = "userId", borrow)]
            user: Text<'a>,
            #[serde(borrow)]
            reaction: Text<'a>,
        }
        let stays = match kind {
            "reacted" => true,
            "unreacted" => false,
            _ => return None,
        };
        let read = || {
            let body: Body<'_> = serde_json::from_str(body?.get()).ok()?;
            Some(Self {
                user: UserId::parse(body.user.as_str())?,
                reaction: stays.then_some(body.reaction),
            })
        };
        Some(read().ok_or(ReactedError))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reactions_come_and_go() {
        let check = |kind: &str, body: &str, expected: Option<Option<(&str, Option<&str>)>>| {
            let body: Box<RawValue> = serde_json::from_str(body).unwrap();
            let told = Reacted::in_update(kind, Some(&body));
            let told = told.map(|told| {
                let told = told.ok()?;
                Some((told.user, told.reaction.map(|it| it.as_str().to_owned())))
            });
            let expected = expected.map(|told| {
                let (user, reaction) = told?;
                Some((UserId::parse(user).unwrap(), reaction.map(str::to_owned)))
            });
            assert_eq!(told, expected, "{kind} {body}");
        };
        let body = r#"{"reaction":":a@.:","emoji":null,"userId":"u"}"#;
        check("reacted", body, Some(Some(("u", Some(":a@.:")))));
        check("unreacted", body, Some(Some(("u", None))));
        check("pollVoted", r#"{"choice":0,"userId":"u"}"#, None);
        check("reacted", r#"{"reaction":"👍"}"#, Some(None));
        check("reacted", r#"{"userId":"u","reaction":null}"#, Some(None));
        check("unreacted", "{}", Some(None));
        assert_eq!(Reacted::in_update("reacted", None), Some(Err(ReactedError)));
    }
}
