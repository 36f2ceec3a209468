//! Scripts: what goes in, when, and what comes out.

use super::*;
