// What a Misskey writes to its tables before it publishes what came of that.
//
// The recording has the rows at some moments only. In between, each message says what must
// have been written: the rest of a row is taken from the next moment that has it.

/** A packed note as a row, for notes that no longer exist at the end of the recording. */
const noteRow = (note) => ({
  id: note.id, userId: note.userId, visibility: note.visibility, text: note.text, cw: note.cw,
  replyId: note.replyId ?? null, renoteId: note.renoteId ?? null, channelId: note.channelId ?? null,
  visibleUserIds: note.visibleUserIds ?? [], fileIds: note.fileIds ?? [],
  mentions: note.mentions ?? [], tags: note.tags ?? [], emojis: [], attachedFileTypes: [],
  reactions: {}, reactionAndUserPairCache: [], mentionedRemoteUsers: '[]', userHost: null,
  localOnly: note.localOnly ?? false, hasPoll: note.poll !== undefined, renoteCount: 0,
  repliesCount: 0, clippedCount: 0,
});

const both = (a, b) => (row) => Object.entries(a).every(([name, value]) => row[b[name]] === value);

/** The tables of relations between two things, and the columns for the fields of their events. */
const FOLLOWING = { followerId: 'followerId', followeeId: 'followeeId' };
const BLOCKING = { blockerId: 'blockerId', blockeeId: 'blockeeId' };
const CHANNEL = { userId: 'followerId', channelId: 'followeeId' };
const MEMBER = { userListId: 'userListId', memberId: 'userId' };
const ASSIGNMENT = { id: 'id' };

const PAIRS = {
  follow: { table: 'following', columns: FOLLOWING, more: { withReplies: false } },
  unfollow: { table: 'following', columns: FOLLOWING, gone: true },
  blockingCreated: { table: 'blocking', columns: BLOCKING },
  blockingDeleted: { table: 'blocking', columns: BLOCKING, gone: true },
  followChannel: { table: 'channel_following', columns: CHANNEL },
  unfollowChannel: { table: 'channel_following', columns: CHANNEL, gone: true },
  userListMemberAdded: { table: 'user_list_membership', columns: MEMBER, more: { withReplies: false } },
  userListMemberRemoved: { table: 'user_list_membership', columns: MEMBER, gone: true },
  userRoleUnassigned: { table: 'role_assignment', columns: ASSIGNMENT, gone: true },
};

/** Events that carry what they changed. */
const WRITES = {
  roleCreated: (tables, body) => tables.put('role', body),
  userRoleAssigned: (tables, body) => tables.put('role_assignment', body),
  roleUpdated: (tables, body) => tables.change('role', body.id, { isExplorable: body.isExplorable, isPublic: body.isPublic, policies: body.policies }),
  metaUpdated: (tables, { after }) => tables.change('meta', after.id, { policies: after.policies }),
  userChangeSuspendedState: (tables, { id, isSuspended }) => tables.change('user', id, { isSuspended }),
  userTokenRegenerated: (tables, { id, newToken: token }) => tables.change('user', id, { token }),
};

export class Journal {
  #tables;
  #moments;
  #made = 0;

  /** @param moments the recorded moments to come, each with the rows of some `tables` */
  constructor(tables, moments) {
    this.#tables = tables;
    this.#moments = moments;
  }

  /** Writes what was written before a server published this message. */
  async before({ channel: topic, message }, seq) {
    if (topic === 'internal') await this.#internal(message, seq);
    if (topic === 'notesStream') await this.#note(message, seq);
    if (topic.startsWith('noteStream:')) await this.#reaction(message, seq);
  }

  /** Writes what was written some time after this message was published. */
  async after({ channel: topic, message }) {
    if (!topic.startsWith('noteStream:') || message.type !== 'deleted') return;
    await this.#tables.drop('note', (row) => row.id === message.body.id);
  }

  async #internal({ type, body }, seq) {
    if (type in WRITES) await WRITES[type](this.#tables, body);
    if (!(type in PAIRS)) return;
    const { table, columns, gone, more } = PAIRS[type];
    const fields = Object.fromEntries(Object.keys(columns).map((name) => [name, body[name]]));
    const wanted = both(fields, columns);
    if (gone) {
      await this.#tables.drop(table, wanted);
      return;
    }
    const named = Object.entries(columns).map(([name, column]) => [column, body[name]]);
    const made = { id: this.#newId(), ...Object.fromEntries(named), ...more };
    const found = this.#later(table, wanted, seq);
    await this.#tables.put(table, { ...made, ...found, ...more });
  }

  async #note(note, seq) {
    const found = this.#later('note', (row) => row.id === note.id, seq);
    await this.#tables.put('note', found ?? noteRow(note));
  }

  async #reaction({ type, body: { id: noteId, body } }, seq) {
    const mine = (row) => row.noteId === noteId && row.userId === body.userId;
    if (type === 'unreacted') await this.#tables.drop('note_reaction', mine);
    if (type !== 'reacted') return;
    const made = { id: this.#newId(), noteId, userId: body.userId, reaction: body.reaction };
    await this.#tables.put('note_reaction', this.#later('note_reaction', mine, seq) ?? made);
  }

  /** The row as the next recorded moment has it. */
  #later(table, wanted, seq) {
    const moments = this.#moments.filter((moment) => moment.seq > seq && table in moment.tables);
    return moments.length === 0 ? undefined : moments[0].tables[table].find(wanted);
  }

  #newId() {
    this.#made += 1;
    return `made${this.#made}`;
  }
}
