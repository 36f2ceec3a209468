//! What `watch` joins.

use anyhow::Context;
use serde_json::{Value, json};

/// A channel to join.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Join {
    /// The channel's name.
    pub(super) channel: String,
    params: Option<Value>,
}

impl Join {
    /// Reads `NAME` or `NAME={PARAMS}`.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (channel, params) = match text.split_once('=') {
            None => (text, None),
            Some((channel, params)) => {
                let params: Value = serde_json::from_str(params)
                    .with_context(|| format!("the params of `{channel}` are not JSON"))?;
                anyhow::ensure!(
                    params.is_object(),
                    "the params of `{channel}` are not an object"
                );
                (channel, Some(params))
            }
        };
        Ok(Self {
            channel: channel.to_owned(),
            params,
        })
    }

    /// What is joined when nobody names a channel.
    pub(super) fn usual(logged_in: bool) -> Vec<Self> {
        let names: &[&str] = if logged_in {
            &["homeTimeline", "main"]
        } else {
            &["localTimeline"]
        };
        let join = |name: &&str| Self {
            channel: (*name).to_owned(),
            params: None,
        };
        names.iter().map(join).collect()
    }

    /// The message that joins it. The position among the joins is the channel's id.
    pub(super) fn message(&self, at: usize) -> String {
        let mut body = json!({"channel": self.channel, "id": at.to_string()});
        if let Some(params) = &self.params {
            body["params"] = params.clone();
        }
        json!({"type": "connect", "body": body}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_are_read_with_and_without_params() {
        let join = Join::parse(r#"hashtag={"q":[["a"]]}"#).unwrap();
        let expected =
            r#"{"type":"connect","body":{"channel":"hashtag","id":"3","params":{"q":[["a"]]}}}"#;
        assert_eq!(join.message(3), expected);
        assert!(Join::parse("hashtag=[]").is_err());
        assert!(Join::parse("hashtag={").is_err());
        assert_eq!(Join::parse("main").unwrap().channel, "main");
    }
}
