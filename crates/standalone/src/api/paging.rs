//! Which part of a list is asked for: `limit`, `sinceId`, `untilId`, `sinceDate`, `untilDate`.
//!
//! ```ignore
//! #[derive(Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct NotesParams {
//!     antenna_id: String,
//!     #[serde(flatten)]
//!     paging: Paging,
//! }
//!
//! impl Params for NotesParams {
//!     const SCHEMA: &'static [Field] = paged![Field::id("antennaId").required()];
//! }
//!
//! let page = params.paging.page(10);
//! let sql = format!(
//!     "SELECT note_id FROM antenna_note WHERE antenna_id = ?1
//!      AND note_id > ?2 AND note_id < ?3 ORDER BY note_id {} LIMIT ?4",
//!     page.order,
//! );
//! view.prepare_cached(&sql)?.query_map(params![id, page.after, page.before, page.limit], ..)?
//! ```

use serde::Deserialize;

use crate::id::first_of;

/// The parameters, for `#[serde(flatten)]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    limit: Option<u32>,
    since_id: Option<String>,
    until_id: Option<String>,
    since_date: Option<u64>,
    until_date: Option<u64>,
}

/// The schema of an endpoint that takes [`Paging`] beside these fields.
macro_rules! paged {
    ($($field:expr),* $(,)?) => {
        &[
            $($field,)*
            $crate::api::schema::Field::integer("limit").range(1, 100),
            $crate::api::schema::Field::id("sinceId"),
            $crate::api::schema::Field::id("untilId"),
            $crate::api::schema::Field::integer("sinceDate").range(0, 1 << 52),
            $crate::api::schema::Field::integer("untilDate").range(0, 1 << 52),
        ]
    };
}
pub(crate) use paged;

/// A part of a list, ready for SQL: ids above `after` and below `before`, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// An id, or the empty text, which is below every id.
    pub after: String,
    /// An id, or `~`, which is above every id.
    pub before: String,
    /// `ASC` where only the lower end is given, so that a client reads on upwards; else `DESC`.
    pub order: &'static str,
    /// How many at most.
    pub limit: u32,
}

impl Paging {
    /// What is asked for, where `limit` is the endpoint's default. An id wins over a date.
    #[must_use]
    pub fn page(&self, limit: u32) -> Page {
        let since = self
            .since_id
            .clone()
            .or_else(|| self.since_date.map(after_date));
        let until = self
            .until_id
            .clone()
            .or_else(|| self.until_date.map(first_of));
        Page {
            order: if since.is_some() && until.is_none() {
                "ASC"
            } else {
                "DESC"
            },
            after: since.unwrap_or_default(),
            before: until.unwrap_or_else(|| "~".to_owned()),
            limit: self.limit.unwrap_or(limit),
        }
    }
}

/// An id that no id of this moment is above: later ones are.
fn after_date(unix_ms: u64) -> String {
    first_of(unix_ms.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> Page {
        serde_json::from_str::<Paging>(json).unwrap().page(10)
    }

    #[test]
    fn the_newest_come_first_unless_only_the_lower_end_is_given() {
        let all = page("{}");
        assert_eq!(
            (
                all.after.as_str(),
                all.before.as_str(),
                all.order,
                all.limit
            ),
            ("", "~", "DESC", 10)
        );
        let up = page(r#"{"sinceId":"a","limit":5}"#);
        assert_eq!((up.after.as_str(), up.order, up.limit), ("a", "ASC", 5));
        let between = page(r#"{"sinceId":"a","untilId":"b"}"#);
        assert_eq!(
            (
                between.after.as_str(),
                between.before.as_str(),
                between.order
            ),
            ("a", "b", "DESC")
        );
    }

    #[test]
    fn dates_stand_for_the_ids_of_their_moments() {
        let page = page(r#"{"sinceDate":1795462690353,"untilDate":1795462690355}"#);
        let inside = "atx8fvoypt4i0009";
        assert!(
            page.after.as_str() < inside && inside < page.before.as_str(),
            "{page:?}"
        );
        for outside in ["atx8fvoxpt4i0009", "atx8fvozpt4i0009"] {
            assert!(page.after.as_str() > outside || page.before.as_str() <= outside);
        }
    }
}
