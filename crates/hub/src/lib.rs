//! The index, the fan-out and the mailboxes of one worker, without I/O.
