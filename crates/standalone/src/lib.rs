//! A store of its own: SQLite, the REST API and in-process events.
