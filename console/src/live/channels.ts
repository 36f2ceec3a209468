// The channels of the protocol: what each is called, asks for, and carries.

import { type Key, t } from '../i18n';
import { en } from '../i18n/en';
import type { IconName } from '../ui/Icon.vue';

/** A field of a channel's params. */
export interface Field {
  name: string;
  kind: 'flag' | 'tags' | 'list' | 'antenna' | 'channel' | 'role' | 'user' | 'room' | 'game';
  /** Of a flag: what the server takes where it is left out. */
  otherwise?: boolean;
}

export interface Channel {
  icon: IconName;
  login?: boolean;
  /** Joined once per connection, without params. */
  shared?: boolean;
  fields?: readonly Field[];
  /** Where the notes of before are read; only channels of notes have it. */
  history?: string;
  /** Carries notes, though there is nowhere to read back. */
  notes?: boolean;
}

const RENOTES: Field = { name: 'withRenotes', kind: 'flag', otherwise: true };
const REPLIES: Field = { name: 'withReplies', kind: 'flag', otherwise: false };
const FILES: Field = { name: 'withFiles', kind: 'flag', otherwise: false };

export const CHANNELS: Record<string, Channel> = {
  homeTimeline: { icon: 'home', login: true, fields: [RENOTES, FILES], history: 'notes/timeline' },
  localTimeline: { icon: 'stream', fields: [RENOTES, REPLIES, FILES], history: 'notes/local-timeline' },
  hybridTimeline: {
    icon: 'renote', login: true, fields: [RENOTES, REPLIES, FILES], history: 'notes/hybrid-timeline',
  },
  globalTimeline: { icon: 'globe', fields: [RENOTES, FILES], history: 'notes/global-timeline' },
  main: { icon: 'bell', login: true, shared: true },
  hashtag: { icon: 'hash', fields: [{ name: 'q', kind: 'tags' }], history: 'notes/search-by-tag' },
  userList: {
    icon: 'list', login: true, fields: [{ name: 'listId', kind: 'list' }, RENOTES, FILES],
    history: 'notes/user-list-timeline',
  },
  antenna: {
    icon: 'antenna', login: true, fields: [{ name: 'antennaId', kind: 'antenna' }],
    history: 'antennas/notes',
  },
  channel: { icon: 'chat', fields: [{ name: 'channelId', kind: 'channel' }], history: 'channels/timeline' },
  roleTimeline: { icon: 'shield', fields: [{ name: 'roleId', kind: 'role' }], history: 'roles/notes' },
  drive: { icon: 'folder', login: true, shared: true },
  serverStats: { icon: 'chart', shared: true },
  queueStats: { icon: 'chart', shared: true },
  admin: { icon: 'shield', login: true, shared: true },
  chatUser: { icon: 'mail', login: true, fields: [{ name: 'otherId', kind: 'user' }] },
  chatRoom: { icon: 'mail', login: true, fields: [{ name: 'roomId', kind: 'room' }] },
  reversi: { icon: 'game', login: true, shared: true },
  reversiGame: { icon: 'game', fields: [{ name: 'gameId', kind: 'game' }] },
};

export type Params = Record<string, unknown>;

/** A column as it is remembered. */
export interface ColumnSpec {
  key: string;
  channel: string;
  params: Params;
}

/** A channel of a name; one that this page doesn't know is joined all the same. */
export function channelOf(name: string): Channel {
  return Object.hasOwn(CHANNELS, name) ? CHANNELS[name]! : { icon: 'more' };
}

/** What a channel is called; one that this page doesn't know has only its name in the protocol. */
export function titleOf(name: string): string {
  const key = `channel.${name}`;
  return Object.hasOwn(en, key) ? t(key as Key) : name;
}

/** The params of a column in few words. */
export function summary({ channel, params }: ColumnSpec): string {
  const fields = channelOf(channel).fields ?? [];
  const words = Object.entries(params).map(([name, value]) => {
    if (name === 'q' && Array.isArray(value)) {
      return (value as string[][]).map((all) => all.map((tag) => `#${tag}`).join(' + ')).join(', ');
    }
    const flag = fields.some((field) => field.name === name && field.kind === 'flag');
    return flag ? `${name}: ${value ? '✓' : '✗'}` : String(value);
  });
  return words.join(' · ');
}
