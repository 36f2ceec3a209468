// Every difference from the recorded server that is meant to be, and why.
//
// The recording is of CherryPick 4.17.0, which is Misskey 2025.10 with additions; the contract
// (docs/PROTOCOL.md) is that of the newest Misskey, and the stricter one about who may see what.

import { readFileSync } from 'node:fs';

const types = new URL('../../e2e/node_modules/misskey-js/built/autogen/types.d.ts', import.meta.url);

/** Every key that Misskey itself knows: what the recorded fork adds is not among them. */
const misskeys = new Set(
  [...readFileSync(types, 'utf8').matchAll(/^\s+(?:readonly )?['"]?(\w+)['"]?\??:/gm)]
    .map(([, key]) => key),
);

/** Differences of shape, by the last keys of their path. */
const SHAPES = [
  {
    what: 'is missing', path: ['isLocked'],
    reason: 'the fork says of every user whether they are locked, Misskey of users in detail',
  },
  {
    what: 'string became null', path: ['blurhash'],
    reason: 'no blurred preview is computed here; Misskey allows for none',
  },
  {
    what: 'is missing', path: ['updatedAt'],
    reason: 'the fork lets notes be edited and says when they were',
  },
  {
    what: 'is new', path: ['channels/create', 'bannerId'],
    reason: 'a key of a channel that came after the recorded generation',
  },
  {
    what: 'is new', path: ['channels/create', 'isMuting'],
    reason: 'channels can be muted since the generation after the recorded one',
  },
  {
    what: 'is new', path: ['note', 'body', 'renote', 'myReaction'],
    reason: 'the recorded server left a viewer\'s own reaction out on timelines of roles',
  },
  {
    what: 'null became string', path: ['user1', 'name'],
    reason: 'the recorded server shows players as they were when they agreed on their game',
  },
];

const ANSWERED = 'the recorded server said `connected` also of what it did not let anybody join';
const HIDDEN_ROLE = { role2: ANSWERED };
const FOR_MODERATORS = { ...HIDDEN_ROLE, admin: ANSWERED };

/** Channels, by connection and id, that the recorded server let somebody join, or said so. */
export const CHANNELS = {
  admin: HIDDEN_ROLE,
  alice: FOR_MODERATORS,
  bob: FOR_MODERATORS,
  dave: FOR_MODERATORS,
  frank: FOR_MODERATORS,
  heidi: FOR_MODERATORS,
  anon: {
    ...HIDDEN_ROLE,
    tag_empty2: 'a group without tags matched every note; here it is a wrong parameter',
  },
  app_alice_read: {
    ...FOR_MODERATORS,
    list: 'a channel that needs a login and names no permission is closed to apps',
  },
};

/** Connections that end with a step. */
export const ENDS = {
  343: { frank: 'the recorded server left connections of a suspended user open' },
  347: { heidi: 'the recorded server left connections of a revoked token open' },
};

const TAGS = /^(?!alice|bob)\w+ tag(_or|_case)?: recorded \[note \S+\], here \[\]$/;
const LIST = /^alice list(_norn)?: recorded \[\], here \[note \S+\]$/;
const CAPTURE = /^anon noteUpdated: recorded \[reacted \S+\], here \[\]$/;
const GAINED = /^(app_)?alice\w* \w+: recorded \[\], here \[note \S+\]$/;
const LOST = /^(app_)?alice\w* \w+: recorded \[note \S+\], here \[\]$/;

const POLLED = 'the recorded server read relations every 10 s; here a change is in force at once';
const MEMBERSHIP = 'the recorded server did not heed `withReplies` of a membership';

const MEMBERS_ONLY = /^anon role1: recorded \[note \S+\], here \[\]$/;
const SIGN_IN = 'visitors saw on timelines of roles what its author shows to users alone';

/** Steps whose events differ, in what, and why. */
export const STEPS = {
  76: { in: TAGS, reason: 'a followers-only note came to whoever listened to its tag' },
  77: { in: TAGS, reason: 'a direct note came to whoever listened to its tag' },
  83: { in: LIST, reason: 'a followers-only note that mentions me is mine to see, on lists too' },
  92: { in: LIST, reason: MEMBERSHIP },
  125: { in: CAPTURE, reason: 'anyone heard of reactions to a followers-only note' },
  126: { in: CAPTURE, reason: 'anyone heard of reactions to a direct note' },
  147: { in: GAINED, reason: POLLED },
  150: { in: LIST, reason: MEMBERSHIP },
  152: { in: LOST, reason: POLLED },
  163: { in: LOST, reason: POLLED },
  167: {
    in: /^(app_)?alice\w* main: recorded \[reply \S+\], here \[\]$/,
    reason: 'a reply by somebody I mute came on `main`',
  },
  182: { in: LOST, reason: POLLED },
  188: { in: GAINED, reason: 'the recorded server never noticed a new `withReplies` of a follow' },
  200: { in: LIST, reason: MEMBERSHIP },
  240: {
    in: /^admin drive: recorded \[fileDeleted \S+\], here \[\]$/,
    reason: 'the recorded server took the picture of an emoji out of its owner\'s drive',
  },
  258: {
    in: /^admin admin: recorded \[\], here \[newAbuseUserReport \S+\]$/,
    reason: 'reports came to moderators by role, but not to the first administrator',
  },
  336: { in: MEMBERS_ONLY, reason: SIGN_IN },
  337: { in: MEMBERS_ONLY, reason: SIGN_IN },
  338: { in: MEMBERS_ONLY, reason: SIGN_IN },
};

/** Events that are told by a clock rather than by a request. */
export const CLOCKED = ['unreadNotification', 'newChatMessage', 'notification pollEnded'];

const used = new Set();

/** Rows of the table that no difference has asked for. */
export function unused() {
  return SHAPES.filter((row) => !used.has(row));
}

/** Why a difference of shape is meant to be; null if it is not. */
export function reasonFor({ path, what }) {
  const key = path.at(-1);
  if (what === 'is missing' && key !== undefined && !misskeys.has(key)) {
    return 'a key of the recorded fork, which Misskey does not have';
  }
  const found = SHAPES.find((row) =>
    row.what === what && row.path.every((part, i) => part === path.at(i - row.path.length)));
  if (found) used.add(found);
  return found?.reason ?? null;
}
