//! People by formula: who they are, and whom they follow.

/// So many people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Town {
    pub(crate) users: usize,
    /// How many others each follows, and is followed by.
    pub(crate) follows: usize,
    /// The notes whose reactions and captures are looked up.
    pub(crate) notes: usize,
}

/// How many reactions a note has that is renoted.
pub(crate) const REACTIONS: usize = 40;

impl Town {
    /// The id of a user.
    pub(crate) fn id(user: usize) -> String {
        format!("u{user:06}")
    }

    /// A user's own token.
    pub(crate) fn token(user: usize) -> String {
        format!("t{user:015}")
    }

    /// The id of a note that is in the database.
    pub(crate) fn note(number: usize) -> String {
        format!("k{number:06}")
    }

    /// How far apart those are whom somebody follows.
    fn step(self) -> usize {
        (self.users - 1) / self.follows
    }

    /// Whether one user follows another.
    pub(crate) fn has_follow(self, user: usize, author: usize) -> bool {
        // The first is the next one.
        let after = (author + self.users - user) % self.users;
        after > 0
            && (after - 1).is_multiple_of(self.step())
            && (after - 1) / self.step() < self.follows
    }

    /// Fills the tables. All but the follows is the same for everybody: ten mutes, five blocks, two
    /// mutes of renotes, three channels, an instance, and every tenth has a role.
    pub(crate) fn sql(self) -> String {
        let Self {
            users,
            follows,
            notes,
        } = self;
        let (last, step) = (users - 1, self.step());
        format!(
            r#"
SET synchronous_commit = off;
CREATE FUNCTION pg_temp.id(i bigint) RETURNS text LANGUAGE sql AS $$ SELECT 'u' || lpad(i::text, 6, '0') $$;
CREATE INDEX ON "blocking" ("blockeeId");
CREATE INDEX ON "following" ("followeeId");
CREATE INDEX ON "note_reaction" ("noteId");
CREATE INDEX ON "access_token" ("hash");
CREATE INDEX ON "access_token" ("token");
INSERT INTO "user" ("id", "token", "followersCount", "followingCount")
    SELECT pg_temp.id(i), 't' || lpad(i::text, 15, '0'), {follows}, {follows} FROM generate_series(0, {last}) i;
INSERT INTO "user_profile" ("userId", "mutedInstances")
    SELECT pg_temp.id(i), '["muted.example"]' FROM generate_series(0, {last}) i;
INSERT INTO "following" ("followerId", "followeeId")
    SELECT pg_temp.id(i), pg_temp.id((i + 1 + k * {step}) % {users})
    FROM generate_series(0, {last}) i, generate_series(0, {follows} - 1) k;
INSERT INTO "muting" ("muterId", "muteeId")
    SELECT pg_temp.id(i), 'muted' || k FROM generate_series(0, {last}) i, generate_series(0, 9) k;
INSERT INTO "blocking" ("blockerId", "blockeeId")
    SELECT 'blocker' || k, pg_temp.id(i) FROM generate_series(0, {last}) i, generate_series(0, 4) k;
INSERT INTO "renote_muting" ("muterId", "muteeId")
    SELECT pg_temp.id(i), 'renoter' || k FROM generate_series(0, {last}) i, generate_series(0, 1) k;
INSERT INTO "channel_following" ("followerId", "followeeId")
    SELECT pg_temp.id(i), 'channel' || k FROM generate_series(0, {last}) i, generate_series(0, 2) k;
INSERT INTO "role" ("id") SELECT 'role' || k FROM generate_series(0, 4) k;
INSERT INTO "role" ("id", "target", "condFormula") VALUES ('locals', 'conditional', '{{"type": "isLocal"}}');
INSERT INTO "role_assignment" ("userId", "roleId")
    SELECT pg_temp.id(i), 'role' || i % 5 FROM generate_series(0, {last}, 10) i;
INSERT INTO "note" ("id", "userId", "visibility")
    SELECT 'k' || lpad(i::text, 6, '0'), pg_temp.id(i % {users}), 'public' FROM generate_series(0, {notes} - 1) i;
INSERT INTO "note_reaction" ("noteId", "userId", "reaction")
    SELECT 'k' || lpad(i::text, 6, '0'), pg_temp.id(k), '👍'
    FROM generate_series(0, {notes} - 1) i, generate_series(0, {REACTIONS} - 1) k;
ANALYZE;
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_follows_so_many_and_not_themselves() {
        for (users, follows) in [(60, 6), (10_000, 100), (11, 10)] {
            let town = Town {
                users,
                follows,
                notes: 1,
            };
            for user in [0, 1, users - 1] {
                let followed = (0..users).filter(|&author| town.has_follow(user, author));
                assert_eq!(followed.count(), follows, "{user} of {users}");
                assert!(!town.has_follow(user, user));
            }
            assert!(town.has_follow(users - 1, 0));
        }
    }
}
