-- Everything of a standalone server. Ids are `aidx`: they sort by time, so the order of ids is
-- the order in time and no column repeats the moment of creation. Times are Unix milliseconds.
-- JSON columns hold what is only ever read and written whole.

CREATE TABLE user (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL,
    host TEXT,                                     -- NULL: a user of this server
    password TEXT,                                 -- bcrypt
    token TEXT UNIQUE,                             -- the native token
    is_admin INTEGER NOT NULL DEFAULT 0,
    is_suspended INTEGER NOT NULL DEFAULT 0,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    is_locked INTEGER NOT NULL DEFAULT 0,
    is_bot INTEGER NOT NULL DEFAULT 0,
    is_cat INTEGER NOT NULL DEFAULT 0,
    name TEXT,
    description TEXT,
    location TEXT,
    birthday TEXT,
    lang TEXT,
    followed_message TEXT,
    fields TEXT NOT NULL DEFAULT '[]',             -- [{name, value}]
    muted_instances TEXT NOT NULL DEFAULT '[]',    -- [host]
    require_signin INTEGER NOT NULL DEFAULT 0,
    followers_only_before INTEGER,
    hidden_before INTEGER,
    hide_online_status INTEGER NOT NULL DEFAULT 0,
    public_reactions INTEGER NOT NULL DEFAULT 1,
    following_visibility TEXT NOT NULL DEFAULT 'public',
    followers_visibility TEXT NOT NULL DEFAULT 'public',
    auto_accept_followed INTEGER NOT NULL DEFAULT 1,
    settings TEXT NOT NULL DEFAULT '{}',           -- the rest of a user's own settings, in the API's spelling
    followers_count INTEGER NOT NULL DEFAULT 0,
    following_count INTEGER NOT NULL DEFAULT 0,
    notes_count INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER,
    last_active_at INTEGER
);
CREATE UNIQUE INDEX user_acct ON user (username_lower, ifnull(host, ''));

-- The names that users of this server have or had.
CREATE TABLE used_username (
    username_lower TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE access_token (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    session TEXT UNIQUE,
    name TEXT,
    description TEXT,
    icon_url TEXT,
    permission TEXT NOT NULL,                      -- [name]
    fetched INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER
);
CREATE INDEX access_token_hash ON access_token (hash);
CREATE INDEX access_token_user ON access_token (user_id);

CREATE TABLE note (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    user_host TEXT,
    text TEXT,
    cw TEXT,
    visibility TEXT NOT NULL,
    visible_user_ids TEXT NOT NULL DEFAULT '[]',
    mentions TEXT NOT NULL DEFAULT '[]',           -- ids
    tags TEXT NOT NULL DEFAULT '[]',
    emojis TEXT NOT NULL DEFAULT '[]',
    file_ids TEXT NOT NULL DEFAULT '[]',
    reply_id TEXT REFERENCES note ON DELETE CASCADE,
    reply_user_id TEXT,
    reply_user_host TEXT,
    renote_id TEXT REFERENCES note ON DELETE CASCADE,
    renote_user_id TEXT,
    renote_user_host TEXT,
    channel_id TEXT REFERENCES channel ON DELETE CASCADE,
    thread_id TEXT,                                -- the first note of the conversation; NULL: this one
    has_poll INTEGER NOT NULL DEFAULT 0,
    local_only INTEGER NOT NULL DEFAULT 0,
    reaction_acceptance TEXT,
    renote_count INTEGER NOT NULL DEFAULT 0,
    replies_count INTEGER NOT NULL DEFAULT 0,
    clipped_count INTEGER NOT NULL DEFAULT 0,
    reactions TEXT NOT NULL DEFAULT '{}',          -- {reaction: count}
    reaction_pairs TEXT NOT NULL DEFAULT '[]'      -- ["userId/reaction"], the first few
) WITHOUT ROWID;
CREATE INDEX note_user ON note (user_id, id);
CREATE INDEX note_reply ON note (reply_id, id) WHERE reply_id IS NOT NULL;
CREATE INDEX note_renote ON note (renote_id, id) WHERE renote_id IS NOT NULL;
CREATE INDEX note_channel ON note (channel_id, id) WHERE channel_id IS NOT NULL;
CREATE INDEX note_local ON note (id) WHERE user_host IS NULL AND visibility = 'public';
CREATE INDEX note_public ON note (id) WHERE visibility = 'public';

-- What of a note is searched by member rather than read whole.
CREATE TABLE note_tag (
    tag TEXT NOT NULL,                             -- NFKC, lower case
    note_id TEXT NOT NULL REFERENCES note ON DELETE CASCADE,
    PRIMARY KEY (tag, note_id)
) WITHOUT ROWID;
CREATE INDEX note_tag_note ON note_tag (note_id);

-- Whom a note is addressed to: `mentions` and `visible_user_ids`.
CREATE TABLE note_addressee (
    user_id TEXT NOT NULL,
    note_id TEXT NOT NULL REFERENCES note ON DELETE CASCADE,
    PRIMARY KEY (user_id, note_id)
) WITHOUT ROWID;
CREATE INDEX note_addressee_note ON note_addressee (note_id);

CREATE TABLE poll (
    note_id TEXT PRIMARY KEY REFERENCES note ON DELETE CASCADE,
    multiple INTEGER NOT NULL,
    expires_at INTEGER,
    choices TEXT NOT NULL,                         -- [text]
    votes TEXT NOT NULL,                           -- [count]
    is_told INTEGER NOT NULL DEFAULT 0             -- that it ended, to those it concerns
) WITHOUT ROWID;
CREATE INDEX poll_untold ON poll (expires_at) WHERE is_told = 0 AND expires_at IS NOT NULL;

CREATE TABLE poll_vote (
    id TEXT PRIMARY KEY,
    note_id TEXT NOT NULL REFERENCES poll ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    choice INTEGER NOT NULL,
    UNIQUE (note_id, user_id, choice)
);

CREATE TABLE note_reaction (
    id TEXT PRIMARY KEY,
    note_id TEXT NOT NULL REFERENCES note ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    reaction TEXT NOT NULL,
    UNIQUE (note_id, user_id)
);
CREATE INDEX note_reaction_user ON note_reaction (user_id, id);

CREATE TABLE follow (
    id TEXT PRIMARY KEY,
    follower_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    followee_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    with_replies INTEGER NOT NULL DEFAULT 0,
    notify TEXT,
    UNIQUE (follower_id, followee_id)
);
CREATE INDEX follow_followee ON follow (followee_id, id);

CREATE TABLE follow_request (
    id TEXT PRIMARY KEY,
    follower_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    followee_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    with_replies INTEGER NOT NULL DEFAULT 0,
    UNIQUE (follower_id, followee_id)
);
CREATE INDEX follow_request_followee ON follow_request (followee_id, id);

CREATE TABLE mute (
    id TEXT PRIMARY KEY,
    muter_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    mutee_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    expires_at INTEGER,
    UNIQUE (muter_id, mutee_id)
);

CREATE TABLE renote_mute (
    id TEXT PRIMARY KEY,
    muter_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    mutee_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    UNIQUE (muter_id, mutee_id)
);

CREATE TABLE block (
    id TEXT PRIMARY KEY,
    blocker_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    blockee_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    UNIQUE (blocker_id, blockee_id)
);
CREATE INDEX block_blockee ON block (blockee_id);

CREATE TABLE thread_mute (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    thread_id TEXT NOT NULL,
    UNIQUE (user_id, thread_id)
);

CREATE TABLE notification (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    type TEXT NOT NULL,
    notifier_id TEXT REFERENCES user ON DELETE CASCADE,
    note_id TEXT REFERENCES note ON DELETE CASCADE,
    payload TEXT NOT NULL DEFAULT '{}',            -- what is neither the notifier nor the note
    is_read INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX notification_user ON notification (user_id, id);
CREATE INDEX notification_unread ON notification (user_id) WHERE is_read = 0;
CREATE INDEX notification_note ON notification (note_id) WHERE note_id IS NOT NULL;

CREATE TABLE user_list (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    name TEXT NOT NULL,
    is_public INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX user_list_owner ON user_list (user_id, id);

CREATE TABLE user_list_member (
    id TEXT PRIMARY KEY,
    list_id TEXT NOT NULL REFERENCES user_list ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    with_replies INTEGER NOT NULL DEFAULT 0,
    UNIQUE (list_id, user_id)
);
CREATE INDEX user_list_member_user ON user_list_member (user_id);

CREATE TABLE antenna (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    name TEXT NOT NULL,
    src TEXT NOT NULL,
    list_id TEXT REFERENCES user_list ON DELETE CASCADE,
    users TEXT NOT NULL,                           -- [acct]
    keywords TEXT NOT NULL,                        -- [[word]]
    exclude_keywords TEXT NOT NULL,
    case_sensitive INTEGER NOT NULL DEFAULT 0,
    local_only INTEGER NOT NULL DEFAULT 0,
    exclude_bots INTEGER NOT NULL DEFAULT 0,
    exclude_sensitive_channels INTEGER NOT NULL DEFAULT 0,
    with_replies INTEGER NOT NULL DEFAULT 0,
    with_file INTEGER NOT NULL DEFAULT 0,
    has_unread INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER NOT NULL
);
CREATE INDEX antenna_owner ON antenna (user_id, id);

CREATE TABLE antenna_note (
    antenna_id TEXT NOT NULL REFERENCES antenna ON DELETE CASCADE,
    note_id TEXT NOT NULL REFERENCES note ON DELETE CASCADE,
    PRIMARY KEY (antenna_id, note_id)
) WITHOUT ROWID;
CREATE INDEX antenna_note_note ON antenna_note (note_id);

CREATE TABLE channel (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES user ON DELETE SET NULL,
    name TEXT NOT NULL,
    description TEXT,
    banner_id TEXT,
    color TEXT NOT NULL DEFAULT '#86b300',
    pinned_note_ids TEXT NOT NULL DEFAULT '[]',
    is_archived INTEGER NOT NULL DEFAULT 0,
    is_sensitive INTEGER NOT NULL DEFAULT 0,
    allow_renote_to_external INTEGER NOT NULL DEFAULT 1,
    notes_count INTEGER NOT NULL DEFAULT 0,
    users_count INTEGER NOT NULL DEFAULT 0,
    last_noted_at INTEGER
);
CREATE INDEX channel_owner ON channel (user_id, id);

CREATE TABLE channel_follow (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    channel_id TEXT NOT NULL REFERENCES channel ON DELETE CASCADE,
    UNIQUE (user_id, channel_id)
);
CREATE INDEX channel_follow_channel ON channel_follow (channel_id);

CREATE TABLE channel_mute (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    channel_id TEXT NOT NULL REFERENCES channel ON DELETE CASCADE,
    expires_at INTEGER,
    UNIQUE (user_id, channel_id)
);

CREATE TABLE emoji (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL                          -- the packed emoji
);

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL                            -- JSON
) WITHOUT ROWID;

CREATE TABLE drive_file (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES user ON DELETE CASCADE,
    payload TEXT NOT NULL                          -- the packed file
);
CREATE INDEX drive_file_owner ON drive_file (user_id, id);
