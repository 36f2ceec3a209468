//! The errors of chats. Each endpoint has ids of its own for them.

use crate::api::error::ErrorKind;

pub(super) const NOT_AVAILABLE: ErrorKind = ErrorKind::client(
    "ROLE_PERMISSION_DENIED",
    "7f86f06f-7e15-4057-8561-f4b6d4ac755a",
    "You are not assigned to a required role.",
)
.kind("permission")
.status(403);

pub(super) const RECIPIENT_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "RECIPIENT_IS_YOURSELF",
    "17e2ba79-e22a-4cbc-bf91-d327643f4a7e",
    "You can not send a message to yourself.",
);
pub(super) const NO_RECIPIENT: ErrorKind = no_such_user("11795c64-40ea-4198-b06e-3c873ed9039d");
pub(super) const NO_SUCH_FILE: ErrorKind = ErrorKind::client(
    "NO_SUCH_FILE",
    "4372b8e2-185d-4146-8749-2f68864a3e5f",
    "No such file.",
);
pub(super) const CONTENT_REQUIRED: ErrorKind = ErrorKind::client(
    "CONTENT_REQUIRED",
    "25587321-b0e6-449c-9239-f8925092942c",
    "Content required. You need to set text or fileId.",
);
pub(super) const YOU_HAVE_BEEN_BLOCKED: ErrorKind = ErrorKind::client(
    "YOU_HAVE_BEEN_BLOCKED",
    "c15a5199-7422-4968-941a-2a462c478f7d",
    "You cannot send a message because you have been blocked by this user.",
);

// Real servers fail with an internal error where the next ones are answered here.
pub(super) const RECIPIENT_IS_BLOCKED: ErrorKind = ErrorKind::client(
    "RECIPIENT_IS_BLOCKED",
    "0c1f7a3e-5a0f-4e0b-9d43-2c8e7b7d6f51",
    "You cannot send a message to a user whom you block.",
);
pub(super) const RECIPIENT_TAKES_NO_CHATS: ErrorKind = ErrorKind::client(
    "RECIPIENT_TAKES_NO_CHATS",
    "5b0a9a52-7a3d-4c55-8d2b-9f1e6a3c7d02",
    "This user does not take messages from you.",
);
pub(super) const TOO_MANY_ROOMS: ErrorKind = ErrorKind::client(
    "TOO_MANY_ROOMS",
    "e1d7c2a4-6b1f-4b8e-a9d5-3f5c8e2b7a13",
    "You cannot create a room any more.",
);
pub(super) const TOO_MANY_MEMBERS: ErrorKind = ErrorKind::client(
    "TOO_MANY_MEMBERS",
    "93f6d0b8-2c47-4e19-b6a3-7d9e1c5f8a24",
    "The room is full.",
);
pub(super) const OWNER_CANNOT_LEAVE: ErrorKind = ErrorKind::client(
    "OWNER_CANNOT_LEAVE",
    "b7e4f1c9-8d32-4a6b-9c05-1e6f3a8d7b35",
    "The owner of a room cannot leave it, only delete it.",
);
pub(super) const ALREADY_A_MEMBER: ErrorKind = ErrorKind::client(
    "ALREADY_A_MEMBER",
    "2d8c5e7f-1a94-4f3b-8e6d-5b0c9a7f4e46",
    "The user is in the room already.",
);
pub(super) const ALREADY_INVITED: ErrorKind = ErrorKind::client(
    "ALREADY_INVITED",
    "6a3f9d1b-4e75-4c28-b1f7-8c2d0e5a9b57",
    "The user is invited already.",
);
pub(super) const OWN_MESSAGE: ErrorKind = ErrorKind::client(
    "CANNOT_REACT_TO_OWN_MESSAGE",
    "f4b0e8d6-9c13-4d7a-a2e5-6f1b3c8d0a68",
    "You cannot react to your own message.",
);
pub(super) const TOO_MANY_REACTIONS: ErrorKind = ErrorKind::client(
    "TOO_MANY_REACTIONS",
    "8e5d2c7a-3f06-4b91-9d8c-0a4e7f1b6c79",
    "The message has too many reactions.",
);

pub(super) const NO_MESSAGE_SHOWN: ErrorKind =
    no_such_message("3710865b-1848-4da9-8d61-cfed15510b93");
pub(super) const NO_MESSAGE_DELETED: ErrorKind =
    no_such_message("36b67f0e-66a6-414b-83df-992a55294f17");
pub(super) const NO_MESSAGE_REACTED_TO: ErrorKind =
    no_such_message("9b5839b9-0ba0-4351-8c35-37082093d200");
pub(super) const NO_MESSAGE_UNREACTED: ErrorKind =
    no_such_message("c39ea42f-e3ca-428a-ad57-390e0a711595");

pub(super) const NO_ROOM_TO_WRITE_IN: ErrorKind =
    no_such_room("8098520d-2da5-4e8f-8ee1-df78b55a4ec6");
pub(super) const NO_ROOM_READ: ErrorKind = no_such_room("c4d9f88c-9270-4632-b032-6ed8cee36f7f");
pub(super) const NO_ROOM_SEARCHED: ErrorKind = no_such_room("460b3669-81b0-4dc9-a997-44442141bf83");
pub(super) const NO_ROOM_SHOWN: ErrorKind = no_such_room("857ae02f-8759-4d20-9adb-6e95fffe4fd7");
pub(super) const NO_ROOM_UPDATED: ErrorKind = no_such_room("fcdb0f92-bda6-47f9-bd05-343e0e020932");
pub(super) const NO_ROOM_DELETED: ErrorKind = no_such_room("d4e3753d-97bf-4a19-ab8e-21080fbc0f4b");
pub(super) const NO_ROOM_JOINED: ErrorKind = no_such_room("84416476-5ce8-4a2c-b568-9569f1b10733");
pub(super) const NO_ROOM_LEFT: ErrorKind = no_such_room("cb7f3179-50e8-4389-8c30-dbe2650a67c9");
pub(super) const NO_ROOM_OF_MEMBERS: ErrorKind =
    no_such_room("7b9fe84c-eafc-4d21-bf89-485458ed2c18");
pub(super) const NO_ROOM_MUTED: ErrorKind = no_such_room("c2cde4eb-8d0f-42f1-8f2f-c4d6bfc8e5df");
pub(super) const NO_ROOM_TO_INVITE_TO: ErrorKind =
    no_such_room("916f9507-49ba-4e90-b57f-1fd64d4c6bb4");
pub(super) const NO_ROOM_IGNORED: ErrorKind = no_such_room("5130557e-5a11-4cfb-9cc5-fe60cda5de0d");
pub(super) const NO_ROOM_OF_INVITATIONS: ErrorKind =
    no_such_room("a3c6b309-9717-4316-ae94-a69b53437237");

const fn no_such_user(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_USER", id, "No such user.")
}

const fn no_such_message(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_MESSAGE", id, "No such message.")
}

const fn no_such_room(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_ROOM", id, "No such room.")
}
