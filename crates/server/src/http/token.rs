//! Where a request carries its token (`docs/PROTOCOL.md` section 1).

use std::fmt;

use axum::extract::Query;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::http::{Uri, request};

/// A token. It never shows in logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Token(Box<str>);

impl Token {
    /// The token of a request: the bearer token, else the first `i` of the query. An empty
    /// `i` is a token, and a wrong one. `None`: a visitor.
    pub(crate) fn find(request: &request::Parts) -> Option<Self> {
        bearer(&request.headers).or_else(|| first_i(&request.uri))
    }

    /// A token of a test.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The token of `Authorization: Bearer`, with the scheme in any case. Another scheme, or none
/// with a token behind it, counts as no header.
fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = String::from_utf8_lossy(headers.get(AUTHORIZATION)?.as_bytes());
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| Token(token.into()))
}

fn first_i(uri: &Uri) -> Option<Token> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let i = pairs.into_iter().find(|(name, _)| name == "i");
    i.map(|(_, value)| Token(value.into()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn check(uri: &str, authorization: Option<&str>, expected: Option<&str>) {
        let mut request = Request::builder().uri(uri);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let found = Token::find(&parts);
        let found = found.as_ref().map(Token::reveal);
        assert_eq!(found, expected, "{uri} with {authorization:?}");
    }

    #[test]
    fn where_tokens_are() {
        check("/streaming", None, None);
        check("/streaming?i=a", None, Some("a"));
        check("/streaming?_t=1&i=a", None, Some("a"));
        check("/streaming?i=", None, Some(""));
        check("/streaming?i", None, Some(""));
        check("/streaming?i=a&i=b", None, Some("a"));
        check("/streaming?i=a%2Bb+c", None, Some("a+b c"));
        check("/streaming?I=a&ii=b", None, None);
        check("/streaming?i=a", Some("Bearer b"), Some("b"));
        check("/streaming?i=a", Some("bEARER  b"), Some("b"));
        check("/streaming?i=a", Some("Basic b"), Some("a"));
        check("/streaming?i=a", Some("Bearer"), Some("a"));
        check("/streaming", Some("Bearer "), None);
        check("/streaming", Some("Bearerb"), None);
    }

    #[test]
    fn tokens_do_not_show() {
        assert_eq!(format!("{:?}", Token("secret".into())), "Token(..)");
    }
}
