//! The errors of `notes/create`.

use crate::api::error::ErrorKind;

pub(super) const NO_SUCH_RENOTE_TARGET: ErrorKind = ErrorKind::client(
    "NO_SUCH_RENOTE_TARGET",
    "b5c90186-4ab0-49c8-9bba-a1f76c282ba4",
    "No such renote target.",
);
pub(super) const CANNOT_RENOTE_TO_A_PURE_RENOTE: ErrorKind = ErrorKind::client(
    "CANNOT_RENOTE_TO_A_PURE_RENOTE",
    "fd4cc33e-2a37-48dd-99cc-9b806eb2031a",
    "You can not Renote a pure Renote.",
);
pub(super) const CANNOT_RENOTE_DUE_TO_VISIBILITY: ErrorKind = ErrorKind::client(
    "CANNOT_RENOTE_DUE_TO_VISIBILITY",
    "be9529e9-fe72-4de0-ae43-0b363c4938af",
    "You can not Renote due to target visibility.",
);
pub(super) const CANNOT_RENOTE_OUTSIDE_OF_CHANNEL: ErrorKind = ErrorKind::client(
    "CANNOT_RENOTE_OUTSIDE_OF_CHANNEL",
    "33510210-8452-094c-6227-4a6c05d99f00",
    "Cannot renote outside of channel.",
);
pub(super) const NO_SUCH_REPLY_TARGET: ErrorKind = ErrorKind::client(
    "NO_SUCH_REPLY_TARGET",
    "749ee0f6-d3da-459a-bf02-282e2da4292c",
    "No such reply target.",
);
pub(super) const CANNOT_REPLY_TO_AN_INVISIBLE_NOTE: ErrorKind = ErrorKind::client(
    "CANNOT_REPLY_TO_AN_INVISIBLE_NOTE",
    "b98980fa-3780-406c-a935-b6d0eeee10d1",
    "You cannot reply to an invisible Note.",
);
pub(super) const CANNOT_REPLY_TO_A_PURE_RENOTE: ErrorKind = ErrorKind::client(
    "CANNOT_REPLY_TO_A_PURE_RENOTE",
    "3ac74a84-8fd5-4bb0-870f-01804f82ce15",
    "You can not reply to a pure Renote.",
);
pub(super) const CANNOT_WIDEN_A_SPECIFIED_CONVERSATION: ErrorKind = ErrorKind::client(
    "CANNOT_REPLY_TO_SPECIFIED_VISIBILITY_NOTE_WITH_EXTENDED_VISIBILITY",
    "ed940410-535c-4d5e-bfa3-af798671e93c",
    "You cannot reply to a specified visibility note with extended visibility.",
);
pub(super) const YOU_HAVE_BEEN_BLOCKED: ErrorKind = ErrorKind::client(
    "YOU_HAVE_BEEN_BLOCKED",
    "b390d7e1-8a5e-46ed-b625-06271cafd3d3",
    "You have been blocked by this user.",
);
pub(super) const NO_SUCH_CHANNEL: ErrorKind = ErrorKind::client(
    "NO_SUCH_CHANNEL",
    "b1653923-5453-4edc-b786-7c4f39bb0bbb",
    "No such channel.",
);
pub(super) const NO_SUCH_FILE: ErrorKind = ErrorKind::client(
    "NO_SUCH_FILE",
    "b6992544-63e7-67f0-fa7f-32444b1b5306",
    "Some files are not found.",
);
pub(super) const CANNOT_CREATE_ALREADY_EXPIRED_POLL: ErrorKind = ErrorKind::client(
    "CANNOT_CREATE_ALREADY_EXPIRED_POLL",
    "04da457d-b083-4055-9082-955525eda5a5",
    "Poll is already expired.",
);
pub(super) const CONTAINS_TOO_MANY_MENTIONS: ErrorKind = ErrorKind::client(
    "CONTAINS_TOO_MANY_MENTIONS",
    "4de0363a-3046-481b-9b0f-feff3e211025",
    "Cannot post because it exceeds the allowed number of mentions.",
);
