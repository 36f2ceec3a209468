//! Lists of notes: timelines, what a user wrote, replies to a note. Each endpoint says which notes
//! its list is about; paging and who may see what (`docs/PROTOCOL.md` section 5) are decided here,
//! once for all of them.
//!
//! ```ignore
//! let feed = Feed::of(source::REPLIES).with(":note", id);
//! let notes = feed.read(view, For::viewer(viewer.as_ref()), &page)?;
//! ```
//!
//! Rows come in the order of the ids out of the index that the source names and are read only
//! until the page is full, so a page costs what it shows and what it leaves out.

pub(crate) mod carries;
pub(crate) mod filters;
pub(crate) mod source;
mod viewer;

use rusqlite::{Result, Statement};
use serde_json::Value;

use crate::api::paging::Page;
use crate::model::note::Note;
use crate::pack::For;
use crate::store::View;
use filters::Choice;
use source::Source;

/// Which notes a list is about. Conditions are SQL over a row of `note`; the named parameters
/// that they use come from [`Feed::with`], but for `:me`, which is there for a user.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    source: Source,
    readable_only: bool,
    conditions: Vec<&'static str>,
    values: Vec<(&'static str, String)>,
}

impl Feed {
    /// All notes of a source.
    pub(crate) fn of(source: Source) -> Self {
        Self {
            source,
            readable_only: false,
            conditions: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Only those that this is true of.
    pub(crate) fn only(mut self, condition: &'static str) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only those whose content the viewer may read. That holds where being found tells of the
    /// content; a timeline also has notes that are too old to be read, without theirs.
    pub(crate) fn readable_only(mut self) -> Self {
        self.readable_only = true;
        self
    }

    /// Only those that this is true of, where that is asked for.
    pub(crate) fn only_if(self, asked: bool, condition: &'static str) -> Self {
        if asked { self.only(condition) } else { self }
    }

    /// Only those that this is true of, or those that it isn't, as is asked for.
    pub(crate) fn choose(self, asked: Option<bool>, choice: Choice) -> Self {
        match asked {
            Some(true) => self.only(choice.yes),
            Some(false) => self.only(choice.no),
            None => self,
        }
    }

    /// Only those of which the condition is true with this value, where there is one.
    pub(crate) fn only_with(
        self,
        condition: &'static str,
        name: &'static str,
        value: Option<impl Into<String>>,
    ) -> Self {
        match value {
            Some(value) => self.only(condition).with(name, value),
            None => self,
        }
    }

    /// Gives a named parameter its value.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// The viewer looks at this user, whose own mute doesn't count here.
    pub(crate) fn looking_at_user(self, user: impl Into<String>) -> Self {
        self.with(":seen_user", user)
    }

    /// The viewer looks at this Misskey channel, whose own mute doesn't count here.
    pub(crate) fn looking_at_channel(self, channel: impl Into<String>) -> Self {
        self.with(":seen_channel", channel)
    }

    /// The page as a viewer gets it, packed.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub(crate) fn read(&self, view: &View<'_>, to: For<'_>, page: &Page) -> Result<Vec<Value>> {
        let notes = self.rows(view, to, page, 0)?;
        view.pack().notes(&notes, to)
    }

    /// The notes of the page, without the first `skip` of those that the viewer may see.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub(crate) fn rows(
        &self,
        view: &View<'_>,
        to: For<'_>,
        page: &Page,
        skip: usize,
    ) -> Result<Vec<Note>> {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut statement = view.prepare_cached(&self.sql(to, page.order))?;
        self.bind(&mut statement, view, to, page)?;
        let mut rows = statement.raw_query();
        let (mut notes, mut skipped) = (Vec::new(), 0);
        while notes.len() < limit
            && let Some(row) = rows.next()?
        {
            let note = Note::from_row(row)?;
            let pack = view.pack();
            if !pack.is_listed(&note, to)? || self.readable_only && !pack.is_visible(&note, to)? {
                continue;
            }
            if skipped < skip {
                skipped += 1;
            } else {
                notes.push(note);
            }
        }
        Ok(notes)
    }

    fn sql(&self, to: For<'_>, order: &str) -> String {
        let Source { from, key, only } = self.source;
        let mut sql = format!(
            "SELECT note.* FROM {from} WHERE {only} AND {key} > :after AND {key} < :before"
        );
        for condition in self.conditions.iter().chain(viewer::conditions(to)) {
            sql.push_str(" AND ");
            sql.push_str(condition);
        }
        sql.push_str(&format!(" ORDER BY {key} {order}"));
        sql
    }

    /// Binds those parameters that the statement has.
    fn bind(
        &self,
        statement: &mut Statement<'_>,
        view: &View<'_>,
        to: For<'_>,
        page: &Page,
    ) -> Result<()> {
        let hosts = viewer::muted_hosts(view, to)?;
        let asked = self
            .values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain(to.user().map(|me| (":me", me.as_str())))
            .chain([
                (":after", page.after.as_str()),
                (":before", page.before.as_str()),
                (":hosts", hosts.as_str()),
            ]);
        for (name, value) in asked {
            if let Some(index) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        if let Some(index) = statement.parameter_index(":now")? {
            statement.raw_bind_parameter(index, view.now_ms())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
