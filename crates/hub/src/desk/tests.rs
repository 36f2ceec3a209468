//! What goes in and what comes out, with a made-up backend.
