-- Chats of two, rooms, and what was said in them.
CREATE TABLE chat_room (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL
);
CREATE INDEX chat_room_owner ON chat_room (owner_id, id);

-- Who is in a room, beside its owner.
CREATE TABLE chat_room_member (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES chat_room ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    is_muted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (room_id, user_id)
);
CREATE INDEX chat_room_member_user ON chat_room_member (user_id, id);

CREATE TABLE chat_room_invitation (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES chat_room ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    is_ignored INTEGER NOT NULL DEFAULT 0,
    UNIQUE (room_id, user_id)
);
CREATE INDEX chat_room_invitation_user ON chat_room_invitation (user_id, id);

CREATE TABLE chat_message (
    id TEXT PRIMARY KEY,
    from_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    to_user_id TEXT REFERENCES user ON DELETE CASCADE,
    to_room_id TEXT REFERENCES chat_room ON DELETE CASCADE,
    -- Both users of a chat of two, in the order of their ids, or the room.
    chat TEXT NOT NULL,
    text TEXT,
    file_id TEXT REFERENCES drive_file ON DELETE SET NULL,
    CHECK ((to_user_id IS NULL) <> (to_room_id IS NULL))
);
CREATE INDEX chat_message_chat ON chat_message (chat, id);
CREATE INDEX chat_message_from ON chat_message (from_id, chat, id);
CREATE INDEX chat_message_to ON chat_message (to_user_id, chat, id) WHERE to_user_id IS NOT NULL;
CREATE INDEX chat_message_room ON chat_message (to_room_id) WHERE to_room_id IS NOT NULL;
CREATE INDEX chat_message_file ON chat_message (file_id) WHERE file_id IS NOT NULL;

-- In the order in which they were made.
CREATE TABLE chat_reaction (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES chat_message ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    reaction TEXT NOT NULL,
    UNIQUE (message_id, user_id, reaction)
);
CREATE INDEX chat_reaction_user ON chat_reaction (user_id);

-- The chats in which something waits to be read, each with the oldest message that does.
CREATE TABLE chat_unread (
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    chat TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (user_id, chat)
) WITHOUT ROWID;
CREATE INDEX chat_unread_chat ON chat_unread (chat);
