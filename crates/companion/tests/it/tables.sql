-- The columns of Misskey's tables that the companion reads, as they are in version 2025.10.
CREATE TYPE role_target_enum AS ENUM ('manual', 'conditional');
CREATE TYPE note_visibility_enum AS ENUM ('public', 'home', 'followers', 'specified');

CREATE TABLE "user" (
    "id" varchar(32) PRIMARY KEY, "host" varchar(128), "token" char(16) UNIQUE,
    "lastActiveDate" timestamptz, "isHibernated" boolean NOT NULL DEFAULT false,
    "isSuspended" boolean NOT NULL DEFAULT false, "isDeleted" boolean NOT NULL DEFAULT false,
    "isLocked" boolean NOT NULL DEFAULT false, "isBot" boolean NOT NULL DEFAULT false,
    "isCat" boolean NOT NULL DEFAULT false, "isExplorable" boolean NOT NULL DEFAULT true,
    "followersCount" integer NOT NULL DEFAULT 0, "followingCount" integer NOT NULL DEFAULT 0,
    "notesCount" integer NOT NULL DEFAULT 0);
CREATE TABLE "user_profile" (
    "userId" varchar(32) PRIMARY KEY, "mutedInstances" jsonb NOT NULL DEFAULT '[]');
CREATE TABLE "app" ("id" varchar(32) PRIMARY KEY, "permission" varchar(64)[] NOT NULL);
CREATE TABLE "access_token" (
    "id" varchar(32) PRIMARY KEY, "token" varchar(128) NOT NULL, "hash" varchar(128) NOT NULL,
    "userId" varchar(32) NOT NULL, "appId" varchar(32), "lastUsedAt" timestamptz,
    "permission" varchar(64)[] NOT NULL DEFAULT '{}');
CREATE TABLE "following" (
    "followerId" varchar(32), "followeeId" varchar(32), "withReplies" boolean NOT NULL DEFAULT false,
    "isFollowerHibernated" boolean NOT NULL DEFAULT false, PRIMARY KEY ("followerId", "followeeId"));
CREATE TABLE "muting" (
    "muterId" varchar(32), "muteeId" varchar(32), "expiresAt" timestamptz,
    PRIMARY KEY ("muterId", "muteeId"));
CREATE TABLE "blocking" (
    "blockerId" varchar(32), "blockeeId" varchar(32), PRIMARY KEY ("blockerId", "blockeeId"));
CREATE TABLE "renote_muting" (
    "muterId" varchar(32), "muteeId" varchar(32), PRIMARY KEY ("muterId", "muteeId"));
CREATE TABLE "channel_following" (
    "followerId" varchar(32), "followeeId" varchar(32), PRIMARY KEY ("followerId", "followeeId"));
CREATE TABLE "channel_muting" (
    "userId" varchar(32), "channelId" varchar(32), "expiresAt" timestamptz,
    PRIMARY KEY ("userId", "channelId"));
CREATE TABLE "user_list" ("id" varchar(32) PRIMARY KEY, "userId" varchar(32) NOT NULL);
CREATE TABLE "user_list_membership" (
    "userListId" varchar(32), "userId" varchar(32), "withReplies" boolean NOT NULL DEFAULT false,
    PRIMARY KEY ("userListId", "userId"));
CREATE TABLE "antenna" ("id" varchar(32) PRIMARY KEY, "userId" varchar(32) NOT NULL);
CREATE TABLE "role" (
    "id" varchar(32) PRIMARY KEY, "isPublic" boolean NOT NULL DEFAULT true,
    "isExplorable" boolean NOT NULL DEFAULT true, "isModerator" boolean NOT NULL DEFAULT false,
    "isAdministrator" boolean NOT NULL DEFAULT false,
    "target" role_target_enum NOT NULL DEFAULT 'manual', "condFormula" jsonb NOT NULL DEFAULT '{}',
    "policies" jsonb NOT NULL DEFAULT '{}');
CREATE TABLE "role_assignment" (
    "userId" varchar(32), "roleId" varchar(32), "expiresAt" timestamptz,
    PRIMARY KEY ("userId", "roleId"));
CREATE TABLE "meta" (
    "id" varchar(32) PRIMARY KEY, "policies" jsonb NOT NULL DEFAULT '{}', "rootUserId" varchar(32),
    "ugcVisibilityForVisitor" varchar(128) NOT NULL DEFAULT 'local');
INSERT INTO "meta" VALUES ('x');
CREATE TABLE "note" (
    "id" varchar(32) PRIMARY KEY, "userId" varchar(32) NOT NULL, "userHost" varchar(128),
    "visibility" note_visibility_enum NOT NULL, "visibleUserIds" varchar(32)[] NOT NULL DEFAULT '{}');
CREATE TABLE "note_reaction" (
    "noteId" varchar(32), "userId" varchar(32), "reaction" varchar(260) NOT NULL,
    PRIMARY KEY ("userId", "noteId"));
CREATE TABLE "chat_room" ("id" varchar(32) PRIMARY KEY, "ownerId" varchar(32) NOT NULL);
CREATE TABLE "chat_room_membership" ("roomId" varchar(32), "userId" varchar(32));
CREATE TABLE "chat_room_invitation" ("roomId" varchar(32), "userId" varchar(32));
