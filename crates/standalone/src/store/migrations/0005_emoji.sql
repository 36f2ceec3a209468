-- Custom emojis with their pictures. No endpoint made emojis before.
DROP TABLE emoji;

CREATE TABLE emoji (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL,                         -- the packed emoji, but for its address
    blob TEXT NOT NULL UNIQUE,                     -- the secret part of that
    type TEXT NOT NULL,
    size INTEGER NOT NULL                          -- in bytes
);
