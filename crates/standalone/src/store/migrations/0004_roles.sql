-- Roles, announcements, reports, the registry; custom emojis with their files.
CREATE TABLE role (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    color TEXT,
    icon_url TEXT,
    target TEXT NOT NULL,                          -- manual or conditional
    cond_formula TEXT NOT NULL,                    -- who has it beside those to whom it was given
    is_public INTEGER NOT NULL,
    is_explorable INTEGER NOT NULL,
    is_moderator INTEGER NOT NULL,
    is_administrator INTEGER NOT NULL,
    as_badge INTEGER NOT NULL,
    preserve_assignment_on_move_account INTEGER NOT NULL,
    can_edit_members_by_moderator INTEGER NOT NULL,
    display_order INTEGER NOT NULL,
    policies TEXT NOT NULL,                        -- {name: {useDefault, priority, value}}
    updated_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
);

CREATE TABLE role_assignment (
    id TEXT PRIMARY KEY,
    role_id TEXT NOT NULL REFERENCES role ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    expires_at INTEGER,
    UNIQUE (role_id, user_id)
);
CREATE INDEX role_assignment_user ON role_assignment (user_id);
CREATE INDEX role_assignment_end ON role_assignment (expires_at) WHERE expires_at IS NOT NULL;

-- The notes of a role's timeline: its author had the role when they wrote it.
CREATE TABLE role_note (
    role_id TEXT NOT NULL REFERENCES role ON DELETE CASCADE,
    note_id TEXT NOT NULL REFERENCES note ON DELETE CASCADE,
    PRIMARY KEY (role_id, note_id)
) WITHOUT ROWID;
CREATE INDEX role_note_note ON role_note (note_id);

CREATE TABLE announcement (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    image_url TEXT,
    icon TEXT NOT NULL,
    display TEXT NOT NULL,
    needs_confirmation INTEGER NOT NULL,
    is_silent INTEGER NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1,
    for_existing_users INTEGER NOT NULL,           -- not for accounts that are newer than it
    user_id TEXT REFERENCES user ON DELETE CASCADE, -- whom it is for; NULL: everyone
    updated_at INTEGER
);
CREATE INDEX announcement_user ON announcement (user_id, id);

CREATE TABLE announcement_read (
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    announcement_id TEXT NOT NULL REFERENCES announcement ON DELETE CASCADE,
    PRIMARY KEY (user_id, announcement_id)
) WITHOUT ROWID;
CREATE INDEX announcement_read_announcement ON announcement_read (announcement_id);

CREATE TABLE abuse_report (
    id TEXT PRIMARY KEY,
    target_user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    reporter_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    assignee_id TEXT REFERENCES user ON DELETE SET NULL,
    comment TEXT NOT NULL,
    is_resolved INTEGER NOT NULL DEFAULT 0,
    resolved_as TEXT
);
CREATE INDEX abuse_report_target ON abuse_report (target_user_id);
CREATE INDEX abuse_report_reporter ON abuse_report (reporter_id);

CREATE TABLE registry_item (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    domain TEXT NOT NULL,                          -- the app; empty: the client of the server
    scope TEXT NOT NULL,                           -- [part]
    key TEXT NOT NULL,
    value TEXT NOT NULL,                           -- JSON
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, domain, scope, key)
);
