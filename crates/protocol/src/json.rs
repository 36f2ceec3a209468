//! Small helpers around `serde_json`.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads a JSON object. serde's structs also read arrays; JavaScript's don't.
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if !text
        .trim_start_matches([' ', '\n', '\r', '\t'])
        .starts_with('{')
    {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Reads a field that is there, and keeps null apart from nothing. To be used with `default`.
pub(crate) fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
