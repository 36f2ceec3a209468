-- Files with what is known of them, and folders. No endpoint made files before.
DROP TABLE drive_file;

CREATE TABLE drive_folder (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    name TEXT NOT NULL,
    parent_id TEXT REFERENCES drive_folder
);
CREATE INDEX drive_folder_owner ON drive_folder (user_id, id);
CREATE INDEX drive_folder_parent ON drive_folder (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE drive_file (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    blob TEXT NOT NULL UNIQUE,                     -- the secret part of its address
    name TEXT NOT NULL,
    type TEXT NOT NULL,                            -- found in the content, whatever the client said
    md5 TEXT NOT NULL,                             -- in hexadecimal
    size INTEGER NOT NULL,                         -- in bytes
    width INTEGER,                                 -- of an image, in pixels
    height INTEGER,
    is_sensitive INTEGER NOT NULL DEFAULT 0,
    comment TEXT,
    folder_id TEXT REFERENCES drive_folder
);
CREATE INDEX drive_file_owner ON drive_file (user_id, id);
CREATE INDEX drive_file_md5 ON drive_file (user_id, md5);
CREATE INDEX drive_file_folder ON drive_file (folder_id) WHERE folder_id IS NOT NULL;
