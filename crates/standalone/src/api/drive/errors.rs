//! The errors of the drive. Each endpoint has ids of its own for them.

use crate::api::error::ErrorKind;

pub(super) const NO_FILE_SENT: ErrorKind = ErrorKind::client(
    "FILE_REQUIRED",
    "4267801e-70d1-416a-b011-4ee502885d8b",
    "File required.",
);
pub(super) const NAME_AT_CREATE: ErrorKind =
    invalid_file_name("f449b209-0c60-4e51-84d5-29486263bfd4");
pub(super) const NAME_AT_UPDATE: ErrorKind =
    invalid_file_name("395e7156-f9f0-475e-af89-53c3c23080c2");
pub(super) const NO_FREE_SPACE: ErrorKind = ErrorKind::client(
    "NO_FREE_SPACE",
    "d08dbc37-a6a9-463a-8c47-96c32ab5f064",
    "Cannot upload the file because you have no free space of drive.",
);
pub(super) const UNALLOWED_TYPE: ErrorKind = ErrorKind::client(
    "UNALLOWED_FILE_TYPE",
    "4becd248-7f2c-48c4-a9f0-75edc4f9a1ea",
    "Cannot upload the file because it is an unallowed file type.",
);
pub(super) const TOO_MANY_FOLDERS: ErrorKind = ErrorKind::client(
    "TOO_MANY_FOLDERS",
    "6a0f6c2e-2f8b-4d7b-8a53-3f7b8c1d9e60",
    "There are as many folders as there may be.",
);
pub(super) const NO_FILE_SHOWN: ErrorKind = no_such_file("067bc436-2718-4795-b0fb-ecbe43949e31");
pub(super) const NO_FILE_UPDATED: ErrorKind = no_such_file("e7778c7e-3af9-49cd-9690-6dbc3e6c972d");
pub(super) const NO_FILE_DELETED: ErrorKind = no_such_file("908939ec-e52b-4458-b395-1025195cea58");
pub(super) const NO_FOLDER_FOR_FILE: ErrorKind =
    no_such_folder("ea8fb7a5-af77-4a08-b608-c0218176cd73");
pub(super) const NO_FOLDER_SHOWN: ErrorKind =
    no_such_folder("d74ab9eb-bb09-4bba-bf24-fb58f761e1e9");
pub(super) const NO_FOLDER_UPDATED: ErrorKind =
    no_such_folder("f7974dac-2c0d-4a27-926e-23583b28e98e");
pub(super) const NO_FOLDER_DELETED: ErrorKind =
    no_such_folder("1069098f-c281-440f-b085-f9932edbe091");
pub(super) const NO_PARENT_AT_CREATE: ErrorKind =
    no_such_folder("53326628-a00d-40a6-a3cd-8975105c0f95");
pub(super) const NO_PARENT_AT_UPDATE: ErrorKind = ErrorKind::client(
    "NO_SUCH_PARENT_FOLDER",
    "ce104e3a-faaf-49d5-b459-10ff0cbbcaa1",
    "No such parent folder.",
);
pub(super) const RECURSIVE_NESTING: ErrorKind = ErrorKind::client(
    "RECURSIVE_NESTING",
    "dbeb024837894013aed44279f9199740",
    "It can not be structured like nesting folders recursively.",
);
pub(super) const NOT_EMPTY: ErrorKind = ErrorKind::client(
    "HAS_CHILD_FILES_OR_FOLDERS",
    "b0fc8a17-963c-405d-bfbc-859a487295e1",
    "This folder has child files or folders.",
);

const fn no_such_file(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_FILE", id, "No such file.")
}

const fn no_such_folder(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_FOLDER", id, "No such folder.")
}

const fn invalid_file_name(id: &'static str) -> ErrorKind {
    ErrorKind::client("INVALID_FILE_NAME", id, "Invalid file name.")
}
