// The tables of a Misskey of the newest generation, as far as a streaming server reads them.

const ID = 'character varying(32)';
const TIME = 'timestamp with time zone';

export const SCHEMA = {
  user: {
    id: ID, username: 'character varying(128)', host: 'character varying(128)',
    token: 'character(16)', isSuspended: 'boolean', isDeleted: 'boolean', isRoot: 'boolean',
    isLocked: 'boolean', isBot: 'boolean', isCat: 'boolean', isExplorable: 'boolean',
    followersCount: 'integer', followingCount: 'integer', notesCount: 'integer',
    requireSigninToViewContents: 'boolean', makeNotesFollowersOnlyBefore: 'integer',
    makeNotesHiddenBefore: 'integer', lastActiveDate: TIME,
  },
  user_profile: { userId: ID, mutedInstances: 'jsonb' },
  access_token: {
    id: ID, token: 'character varying(128)', hash: 'character varying(128)', userId: ID, appId: ID,
    permission: 'character varying(64)[]', lastUsedAt: TIME,
  },
  app: { id: ID, permission: 'character varying(64)[]' },
  following: { id: ID, followerId: ID, followeeId: ID, withReplies: 'boolean' },
  muting: { id: ID, muterId: ID, muteeId: ID, expiresAt: TIME },
  blocking: { id: ID, blockerId: ID, blockeeId: ID },
  renote_muting: { id: ID, muterId: ID, muteeId: ID },
  channel_following: { id: ID, followerId: ID, followeeId: ID },
  channel_muting: { id: ID, userId: ID, channelId: ID, expiresAt: TIME },
  user_list: { id: ID, userId: ID },
  user_list_membership: { id: ID, userListId: ID, userId: ID, withReplies: 'boolean' },
  antenna: { id: ID, userId: ID },
  role: {
    id: ID, target: 'role_target_enum', condFormula: 'jsonb', policies: 'jsonb', isPublic: 'boolean',
    isExplorable: 'boolean', isModerator: 'boolean', isAdministrator: 'boolean',
  },
  role_assignment: { id: ID, userId: ID, roleId: ID, expiresAt: TIME },
  meta: {
    id: ID, policies: 'jsonb', rootUserId: ID, ugcVisibilityForVisitor: 'character varying(128)',
  },
  note: {
    id: ID, userId: ID, userHost: 'character varying(128)', visibility: 'note_visibility_enum',
    visibleUserIds: 'character varying(32)[]',
  },
  note_reaction: { id: ID, userId: ID, noteId: ID, reaction: 'character varying(260)' },
  chat_room: { id: ID, ownerId: ID },
  chat_room_membership: { id: ID, userId: ID, roomId: ID },
  chat_room_invitation: { id: ID, userId: ID, roomId: ID },
};

const VISIBILITIES = ['public', 'home', 'followers', 'specified'];

/** Rows that name every enumerator. */
export const ENUMERATORS = {
  note: VISIBILITIES.map((visibility) => ({ visibility })),
  role: [{ target: 'manual' }, { target: 'conditional' }],
};
