//! Small helpers around `serde_json`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value that is written as an object. serde's structs read arrays too; what would then pass
/// here, no client could read.
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Object<T>, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// Reads an object, and nothing after it.
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str::<Object<T>>(text).map(|object| object.0)
}

/// Reads the object that a message has as its `body`; an absent one is none.
pub(crate) fn body<'a, T: Deserialize<'a>>(
    body: Option<&'a RawValue>,
) -> Result<T, serde_json::Error> {
    object(body.map_or("null", RawValue::get))
}

/// Reads a field that is there, and keeps null apart from nothing. To be used with `default`.
pub(crate) fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Whether no value is nested deeper than `depth_max`. Values that are kept as they are written
/// pass serde_json's own limit by.
pub(crate) fn is_depth_within(text: &str, depth_max: usize) -> bool {
    let mut bytes = text.bytes();
    let mut depth = 0_usize;
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
        if depth > depth_max {
            return false;
        }
    }
    true
}

/// Skips to behind the quote that ends a string.
fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        let check = |text: &str, depth_max, expected| {
            assert_eq!(is_depth_within(text, depth_max), expected, "{text}");
        };
        check("1", 0, true);
        check("[]", 0, false);
        check("[[1],[2],{}]", 2, true);
        check("[[1],[{}]]", 2, false);
        check(r#"["[[[", "\"[[", "\\"]"#, 1, true);
        check(r#"["\\",[]]"#, 1, false);
        check(r#""[["#, 0, true);
        check(&"[".repeat(100_000), 127, false);
    }

    #[test]
    fn only_objects_are_objects() {
        #[derive(Debug, serde::Deserialize)]
        struct One {
            a: u8,
        }
        assert_eq!(
            object::<One>(r#" {"a":1,"b":[2]} "#).map(|one| one.a).ok(),
            Some(1)
        );
        for text in ["[1]", "1", "null", r#"{"a":1}{}"#, r#"{"a":1,"a":2}"#, ""] {
            assert!(object::<One>(text).is_err(), "{text}");
        }
    }
}
