//! Misskey's envelope around each message: `{"channel": topic, "message": payload}`.

use backend::RawEvent;
use bytes::Bytes;
use protocol::text::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    channel: Text<'a>,
    #[serde(borrow)]
    message: &'a RawValue,
}

/// Takes a message out of its envelope; its payload is a part of the same bytes.
///
/// # Errors
///
/// When it is no such envelope.
pub(super) fn open(message: &Bytes) -> Result<RawEvent, serde_json::Error> {
    // serde's structs read arrays too; no server sends one.
    if message.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(serde::de::Error::custom("expected an object"));
    }
    let Envelope {
        channel,
        message: payload,
    } = serde_json::from_slice(message)?;
    Ok(RawEvent {
        topic: channel.as_str().into(),
        payload: message.slice_ref(payload.get().as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: Option<(&str, &str)>) {
        let event = open(&Bytes::copy_from_slice(message.as_bytes())).ok();
        let found = event.map(|event| (event.topic, event.payload));
        let found = found.as_ref().map(|(topic, payload)| {
            let payload = std::str::from_utf8(payload).unwrap();
            (&**topic, payload)
        });
        assert_eq!(found, expected, "{message}");
    }

    #[test]
    fn messages_come_out_as_they_were_put_in() {
        check(
            r#"{"channel":"internal","message":{"type":"x","body": null}}"#,
            Some(("internal", r#"{"type":"x","body": null}"#)),
        );
        check(
            r#" {"message": 1, "more": [], "channel":"a\u003ab"}"#,
            Some(("a:b", "1")),
        );
    }

    #[test]
    fn garbage_is_refused() {
        for garbage in [
            "",
            "not json",
            "null",
            "123",
            r#"["internal", {}]"#,
            r#"{"nochannel":1}"#,
            r#"{"channel":"x"}"#,
            r#"{"channel":1,"message":{}}"#,
            r#"{"channel":"x","message":{}"#,
            r#"{"channel":"x","message":{}}}"#,
            r#"{"channel":"x","channel":"y","message":{}}"#,
        ] {
            check(garbage, None);
        }
        assert!(open(&Bytes::from_static(b"{\"channel\":\"\xff\",\"message\":1}")).is_err());
    }
}
