//! Who may see what: pure functions and a verdict that only this crate can make.
