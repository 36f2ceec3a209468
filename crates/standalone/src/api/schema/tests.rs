use serde_json::json;

use super::*;

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    text: Option<String>,
    limit: Option<u32>,
}

impl Params for Sample {
    const SCHEMA: &'static [Field] = &[
        Field::id("noteId").required(),
        Field::string("text").nullable().length(1, 5),
        Field::integer("limit").range(1, 100),
        Field::array("ids", &Field::id("")).unique().items(1, 3),
        Field::string("src").one_of(&["home", "all"]),
        Field::object("poll", &[Field::boolean("multiple").required()]),
    ];
}

#[track_caller]
fn refused(extra: Value, param: &str, reason: &str) {
    let mut body = json!({ "noteId": "a1" });
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    let error = parse::<Sample>(body.as_object().unwrap().clone()).unwrap_err();
    let ApiError::Detailed { info, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(*info, json!({ "param": param, "reason": reason }));
}

#[test]
fn refusals_name_their_reason_as_misskey_does() {
    let text = "#/properties/text";
    refused(
        json!({"text": ""}),
        &format!("{text}/minLength"),
        "must NOT have fewer than 1 characters",
    );
    refused(
        json!({"text": "123456"}),
        &format!("{text}/maxLength"),
        "must NOT have more than 5 characters",
    );
    refused(
        json!({"text": 5}),
        &format!("{text}/type"),
        "must be string,null",
    );
    refused(
        json!({"limit": 0}),
        "#/properties/limit/minimum",
        "must be >= 1",
    );
    refused(
        json!({"limit": 101}),
        "#/properties/limit/maximum",
        "must be <= 100",
    );
    refused(
        json!({"limit": 1.5}),
        "#/properties/limit/type",
        "must be integer",
    );
    refused(
        json!({"noteId": "a-b"}),
        "#/properties/noteId/format",
        r#"must match format "misskey:id""#,
    );
    refused(
        json!({"src": "x"}),
        "#/properties/src/enum",
        "must be equal to one of the allowed values",
    );
    let ids = "#/properties/ids";
    refused(
        json!({"ids": []}),
        &format!("{ids}/minItems"),
        "must NOT have fewer than 1 items",
    );
    refused(
        json!({"ids": ["a", 1]}),
        &format!("{ids}/items/type"),
        "must be string",
    );
    refused(
        json!({"ids": ["a", "b", "a"]}),
        &format!("{ids}/uniqueItems"),
        "must NOT have duplicate items (items ## 0 and 2 are identical)",
    );
    refused(
        json!({"poll": {}}),
        "#/properties/poll/required",
        "must have required property 'multiple'",
    );
}

#[test]
fn a_missing_parameter_is_named() {
    let error = parse::<Sample>(Map::new()).unwrap_err();
    let ApiError::Detailed { info, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(info["reason"], "must have required property 'noteId'");
}

#[test]
fn length_counts_characters_and_null_is_taken_where_it_may_be() {
    let body = json!({ "noteId": "a1", "text": "ありがとう", "limit": 3 });
    let sample: Sample = parse(body.as_object().unwrap().clone()).unwrap();
    assert_eq!(
        (sample.text.as_deref(), sample.limit),
        (Some("ありがとう"), Some(3))
    );
    let body = json!({ "noteId": "a1", "text": null });
    let sample: Sample = parse(body.as_object().unwrap().clone()).unwrap();
    assert_eq!(sample.text, None);
}

#[test]
fn a_query_string_is_cast() {
    let mut body = json!({ "noteId": "1", "limit": "20" })
        .as_object()
        .unwrap()
        .clone();
    cast(Sample::SCHEMA, &mut body);
    assert_eq!(Value::Object(body), json!({ "noteId": "1", "limit": 20 }));
}
