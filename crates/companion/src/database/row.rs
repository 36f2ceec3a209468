//! Reading rows without panicking on what an odd schema gives.

use deadpool_postgres::tokio_postgres::Row;
use deadpool_postgres::tokio_postgres::types::FromSql;
use protocol::id::UserId;

use super::DatabaseError;

/// A row together with the name of its query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) query: &'static str,
    pub(crate) row: &'a Row,
}

impl<'a> Columns<'a> {
    /// One column.
    pub(crate) fn get<T: FromSql<'a>>(&self, at: usize) -> Result<T, DatabaseError> {
        let Self { query, row } = *self;
        row.try_get(at).map_err(|_| DatabaseError::Column {
            query,
            column: row.columns()[at].name().to_owned(),
        })
    }

    /// A column that holds an id.
    pub(crate) fn id<T>(
        &self,
        at: usize,
        parse: fn(&str) -> Option<T>,
    ) -> Result<T, DatabaseError> {
        let text: &str = self.get(at)?;
        parse(text).ok_or_else(|| DatabaseError::Column {
            query: self.query,
            column: self.row.columns()[at].name().to_owned(),
        })
    }

    /// A column that holds a user's id.
    pub(crate) fn user(&self, at: usize) -> Result<UserId, DatabaseError> {
        self.id(at, UserId::parse)
    }
}

/// The rows of a query.
pub(crate) fn columns<'a>(
    query: &'static str,
    rows: &'a [Row],
) -> impl Iterator<Item = Columns<'a>> {
    rows.iter().map(move |row| Columns { query, row })
}
