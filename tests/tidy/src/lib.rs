//! The house rules that no lint knows, as tests: how long a file may be, which crate may see
//! which, what may be published, and what must not stand in a file.

mod files;

#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod sources;

pub use files::{SourceFile, repository, root};
