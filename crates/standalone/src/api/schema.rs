//! The schema of an endpoint's parameters: what is refused with `INVALID_PARAM`, and how the
//! refusal names its reason. It checks what JSON Schema checks; serde then gives the types.
//!
//! ```ignore
//! impl Params for CreateParams {
//!     const SCHEMA: &'static [Field] = &[
//!         Field::id("noteId").required(),
//!         Field::string("text").nullable().length(1, 3000),
//!         Field::string("visibility").one_of(&["public", "home"]),
//!         Field::integer("limit").range(1, 100),
//!         Field::array("visibleUserIds", &Field::id("")).unique().items(0, 100),
//!         Field::object("poll", &[Field::boolean("multiple")]).nullable(),
//!     ];
//! }
//! ```

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::error::ApiError;

/// The parameters of an endpoint.
pub trait Params: DeserializeOwned + Send + 'static {
    /// What they must look like. Unknown parameters are ignored.
    const SCHEMA: &'static [Field];
}

/// For endpoints without parameters.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct NoParams {}

impl Params for NoParams {
    const SCHEMA: &'static [Field] = &[];
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    name: &'static str,
    shape: Shape,
    required: bool,
    nullable: bool,
    unique: bool,
    min: i64,
    max: i64,
    one_of: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    String,
    Id,
    Integer,
    Number,
    Boolean,
    Array(&'static Field),
    Object(&'static [Field]),
    Any,
}

impl Field {
    const fn new(name: &'static str, shape: Shape) -> Self {
        Self {
            name,
            shape,
            required: false,
            nullable: false,
            unique: false,
            min: i64::MIN,
            max: i64::MAX,
            one_of: &[],
        }
    }

    /// Text.
    #[must_use]
    pub const fn string(name: &'static str) -> Self {
        Self::new(name, Shape::String)
    }

    /// An id: ASCII letters and digits.
    #[must_use]
    pub const fn id(name: &'static str) -> Self {
        Self::new(name, Shape::Id)
    }

    /// A whole number.
    #[must_use]
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Shape::Integer)
    }

    /// Any number.
    #[must_use]
    pub const fn number(name: &'static str) -> Self {
        Self::new(name, Shape::Number)
    }

    /// True or false.
    #[must_use]
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name, Shape::Boolean)
    }

    /// A list; the name of `item` doesn't matter.
    #[must_use]
    pub const fn array(name: &'static str, item: &'static Field) -> Self {
        Self::new(name, Shape::Array(item))
    }

    /// An object with these fields, perhaps among others.
    #[must_use]
    pub const fn object(name: &'static str, fields: &'static [Field]) -> Self {
        Self::new(name, Shape::Object(fields))
    }

    /// Any JSON.
    #[must_use]
    pub const fn any(name: &'static str) -> Self {
        Self::new(name, Shape::Any)
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The name of its type, as `endpoint` tells it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.shape {
            Shape::String | Shape::Id => "String",
            Shape::Integer => "Integer",
            Shape::Number => "Number",
            Shape::Boolean => "Boolean",
            Shape::Array(_) => "Array",
            Shape::Object(_) => "Object",
            Shape::Any => "Any",
        }
    }

    /// It must be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It may be null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// No item of the list may come twice.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The least and the greatest value of a number.
    #[must_use]
    pub const fn range(mut self, min: i64, max: i64) -> Self {
        self.min = min;
        self.max = max;
        self
    }

    /// The least value of a number.
    #[must_use]
    pub const fn at_least(self, min: i64) -> Self {
        self.range(min, i64::MAX)
    }

    /// The least and the greatest length of text, in characters.
    #[must_use]
    pub const fn length(self, min: i64, max: i64) -> Self {
        self.range(min, max)
    }

    /// The least and the greatest count of items in a list.
    #[must_use]
    pub const fn items(self, min: i64, max: i64) -> Self {
        self.range(min, max)
    }

    /// The values that text may have.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.one_of = values;
        self
    }
}

/// Checks parameters and gives them their type.
pub(super) fn parse<P: Params>(body: Map<String, Value>) -> Result<P, ApiError> {
    check_fields(P::SCHEMA, &body, "#")?;
    serde_json::from_value(Value::Object(body))
        .map_err(|error| ApiError::invalid_param("#", error.to_string()))
}

/// Tells null, which clears, from what isn't there.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Turns the text of a query string into what the schema asks for.
pub(super) fn cast(schema: &[Field], body: &mut Map<String, Value>) {
    for field in schema {
        let Some(value) = body.get_mut(field.name) else {
            continue;
        };
        let Some(text) = value.as_str() else { continue };
        let cast = match field.shape {
            Shape::Integer | Shape::Number => text.parse::<Number>().ok().map(Value::Number),
            Shape::Boolean => text.parse::<bool>().ok().map(Value::Bool),
            Shape::String | Shape::Id | Shape::Array(_) | Shape::Object(_) | Shape::Any => None,
        };
        if let Some(cast) = cast {
            *value = cast;
        }
    }
}

fn check_fields(fields: &[Field], body: &Map<String, Value>, at: &str) -> Result<(), ApiError> {
    if let Some(missing) = fields
        .iter()
        .find(|field| field.required && !body.contains_key(field.name))
    {
        let reason = format!("must have required property '{}'", missing.name);
        return Err(ApiError::invalid_param(format!("{at}/required"), reason));
    }
    for field in fields {
        if let Some(value) = body.get(field.name) {
            check(field, value, &format!("{at}/properties/{}", field.name))?;
        }
    }
    Ok(())
}

fn check(field: &Field, value: &Value, at: &str) -> Result<(), ApiError> {
    if value.is_null() && field.nullable {
        return Ok(());
    }
    match (field.shape, value) {
        (Shape::Any, _) | (Shape::Boolean, Value::Bool(_)) => Ok(()),
        (Shape::String, Value::String(text)) => check_text(field, text, at),
        (Shape::Id, Value::String(text)) => check_id(text, at),
        (Shape::Integer, Value::Number(number)) if is_whole(number) => {
            check_number(field, number, at)
        }
        (Shape::Number, Value::Number(number)) => check_number(field, number, at),
        (Shape::Array(item), Value::Array(values)) => check_array(field, item, values, at),
        (Shape::Object(fields), Value::Object(values)) => check_fields(fields, values, at),
        (shape, _) => Err(wrong(
            at,
            "type",
            format!("must be {}", type_name(shape, field)),
        )),
    }
}

fn check_text(field: &Field, text: &str, at: &str) -> Result<(), ApiError> {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if length > field.max {
        let reason = format!("must NOT have more than {} characters", field.max);
        return Err(wrong(at, "maxLength", reason));
    }
    if length < field.min {
        let reason = format!("must NOT have fewer than {} characters", field.min);
        return Err(wrong(at, "minLength", reason));
    }
    if !field.one_of.is_empty() && !field.one_of.contains(&text) {
        let reason = "must be equal to one of the allowed values";
        return Err(wrong(at, "enum", reason));
    }
    Ok(())
}

fn check_id(text: &str, at: &str) -> Result<(), ApiError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(wrong(at, "format", r#"must match format "misskey:id""#));
    }
    Ok(())
}

fn check_number(field: &Field, number: &Number, at: &str) -> Result<(), ApiError> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the bounds of schemas are far below 2^53, apart from those that bound nothing"
    )]
    let (min, max) = (field.min as f64, field.max as f64);
    let value = number.as_f64().unwrap_or(f64::NAN);
    if value > max {
        return Err(wrong(at, "maximum", format!("must be <= {}", field.max)));
    }
    if value < min {
        return Err(wrong(at, "minimum", format!("must be >= {}", field.min)));
    }
    Ok(())
}

fn check_array(field: &Field, item: &Field, values: &[Value], at: &str) -> Result<(), ApiError> {
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    if count > field.max {
        let reason = format!("must NOT have more than {} items", field.max);
        return Err(wrong(at, "maxItems", reason));
    }
    if count < field.min {
        let reason = format!("must NOT have fewer than {} items", field.min);
        return Err(wrong(at, "minItems", reason));
    }
    for value in values {
        check(item, value, &format!("{at}/items"))?;
    }
    if field.unique
        && let Some((second, first)) = duplicate(values)
    {
        let reason =
            format!("must NOT have duplicate items (items ## {first} and {second} are identical)");
        return Err(wrong(at, "uniqueItems", reason));
    }
    Ok(())
}

fn duplicate(values: &[Value]) -> Option<(usize, usize)> {
    let mut first_at = HashMap::with_capacity(values.len());
    values.iter().enumerate().find_map(|(index, value)| {
        let first = *first_at.entry(value.to_string()).or_insert(index);
        (first != index).then_some((index, first))
    })
}

fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
}

fn type_name(shape: Shape, field: &Field) -> String {
    let name = match shape {
        Shape::String | Shape::Id => "string",
        Shape::Integer => "integer",
        Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::Array(_) => "array",
        Shape::Object(_) => "object",
        Shape::Any => "any",
    };
    if field.nullable {
        format!("{name},null")
    } else {
        name.to_owned()
    }
}

fn wrong(at: &str, keyword: &str, reason: impl Into<String>) -> ApiError {
    ApiError::invalid_param(format!("{at}/{keyword}"), reason)
}

#[cfg(test)]
mod tests;
