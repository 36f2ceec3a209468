//! The rows of the tables that more than one place reads.

pub mod note;
pub mod relation;
pub mod user;
