-- Games of Reversi.
CREATE TABLE reversi_game (
    id TEXT PRIMARY KEY,
    user1_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    user2_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    is_started INTEGER NOT NULL DEFAULT 0,
    starts_at INTEGER,                             -- both are ready, and this is when it begins
    settings TEXT NOT NULL,                        -- in JSON
    phase TEXT NOT NULL                            -- in JSON: who is ready, or what was played
);
CREATE INDEX reversi_game_user1 ON reversi_game (user1_id, id);
CREATE INDEX reversi_game_user2 ON reversi_game (user2_id, id);
CREATE INDEX reversi_game_open ON reversi_game (id) WHERE is_started = 0;
CREATE INDEX reversi_game_due ON reversi_game (starts_at) WHERE starts_at IS NOT NULL;

-- Who wants to play: with somebody whom they invite, or with anyone.
CREATE TABLE reversi_match (
    user_id TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    target_id TEXT REFERENCES user ON DELETE CASCADE,
    no_irregular_rules INTEGER NOT NULL,
    at INTEGER NOT NULL
);
CREATE UNIQUE INDEX reversi_match_both ON reversi_match (user_id, ifnull(target_id, ''));
CREATE INDEX reversi_match_target ON reversi_match (target_id, at);
CREATE INDEX reversi_match_at ON reversi_match (at);
