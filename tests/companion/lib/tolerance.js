// The differences from the recording, each with its reason.

import { SECOND } from './recording.js';

const USERS = ['admin', 'alice', 'bob', 'dave', 'frank', 'heidi'];
const APPS = ['app_alice_read', 'app_alice_oldapp'];
const ALICE = ['alice', ...APPS];

/** Channels that an app of Alice has joined too have the same names. */
const HOME = ['home', 'home_norn'];
const LOCAL = ['local', 'local_norn', 'local_replies'];
const HYBRID = ['hybrid', 'hybrid_norn', 'hybrid_replies'];
const GLOBAL = ['global', 'global_norn'];
const LIST = ['list', 'list_norn'];
const TAGS = ['tag', 'tag_or', 'tag_case'];

const numbered = (prefix, count) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

const edge = (name) => `edge:${name}`;
const INIT_FAILS = edge('channels whose init fails count towards the limit?');
const TWO_MAINS = edge('main twice with different ids');
const DRIVE_LEFT = edge('drive connect, disconnect');

const POLLED = 'the recorded server read relations every 10 s; here a change is in force at once';
const SIGN_IN = 'the author shows nothing to visitors, on role timelines neither';
const VISITORS = 'this server shows visitors only what its own users post';
const NO_HOST = 'without a host an author is not local, and may be of a muted instance';
const MINE = 'one\'s own reaction was not told on role timelines';
const TOO_LONG = 'a message over the limit ends the connection';
const WRONG = 'wrong parameters are not a channel; the recorded server answered all the same';

/** Channels that are not joined here, though the recorded server answered. */
export const UNJOINED = [
  { conns: ['anon'], channels: ['tag_empty2'], reason: 'a group without tags matched every note' },
  { conns: [...USERS, 'anon'], channels: ['role2'], reason: 'the role has no public timeline' },
  { conns: USERS.slice(1), channels: ['admin'], reason: 'only moderators hear of reports' },
  { conns: [`${SECOND}carol`], channels: ['adm'], reason: 'only moderators hear of reports' },
  { conns: [...APPS, 'app_admin_stream'], channels: ['list'], reason: 'lists name no permission, so apps have none' },
  { conns: ['app_admin_stream'], channels: ['ant'], reason: 'the antenna is somebody else\'s' },
  { conns: ['nolt_anon'], channels: ['l', 'g'], reason: 'the policies have switched these timelines off' },
  { conns: [edge('connect userList as anon')], channels: ['an'], reason: 'lists need a login' },
  {
    conns: ['chatUser', 'chatRoom', 'hashtag', 'channel', 'reversiGame'].map((name) => edge(`connect ${name} without params`)),
    channels: ['np'],
    reason: WRONG,
  },
  { conns: ['"str"', '["str"]', '[[5]]', '{}'].map((q) => edge(`connect hashtag q=${q}`)), channels: ['hq'], reason: WRONG },
  {
    conns: ['"nosuchlist"', '5', 'null'].map((id) => edge(`connect userList listId=${id}`)),
    channels: ['ul'],
    reason: WRONG,
  },
  { conns: [edge('connect userList of another user')], channels: ['ul'], reason: 'the list is somebody else\'s' },
  { conns: [edge('connect bubbleTimeline without params')], channels: ['np'], reason: 'a channel of the fork' },
  { conns: [INIT_FAILS], channels: numbered('h', 32), reason: WRONG },
];

export const ROWS = [
  {
    steps: [76, 77], conns: ['admin', 'dave', 'frank', 'heidi'], channels: ['tag'], frame: 'note', what: 'lost',
    reason: 'a followers-only and a direct note came to whoever listened to its tag',
  },
  {
    steps: [76, 77], conns: ['anon'], channels: TAGS, frame: 'note', what: 'lost',
    reason: 'a followers-only and a direct note came to whoever listened to its tag',
  },
  {
    steps: [83], conns: ['alice'], channels: LIST, frame: 'note', what: 'gained',
    reason: 'a followers-only note that mentions me is mine to see, on lists too',
  },
  {
    steps: [92, 150, 200], conns: ['alice'], channels: LIST, frame: 'note', what: 'gained',
    reason: 'the recorded server did not heed `withReplies` of a membership',
  },
  {
    steps: [125, 126], conns: ['anon'], channels: ['noteUpdated'], frame: 'reacted', what: 'lost',
    reason: 'anyone heard of reactions to a followers-only and a direct note',
  },
  { steps: [135], conns: ['alice'], channels: ['role1'], frame: 'note', what: 'changed', path: 'body.body.renote.myReaction', reason: MINE },
  { steps: [175, 443], conns: ['bob'], channels: ['role1'], frame: 'note', what: 'changed', path: 'body.body.renote.myReaction', reason: MINE },

  { steps: [147], conns: ['alice'], channels: [...HOME, ...HYBRID, ...LIST], frame: 'note', what: 'gained', like: 149, reason: POLLED },
  { steps: [147], conns: APPS, channels: ['home', 'hybrid'], frame: 'note', what: 'gained', like: 149, reason: POLLED },
  { steps: [152], conns: ['alice'], channels: [...HOME, ...HYBRID, ...LIST], frame: 'note', what: 'lost', reason: POLLED },
  { steps: [152], conns: APPS, channels: ['home', 'hybrid'], frame: 'note', what: 'lost', reason: POLLED },
  { steps: [163], conns: ['alice'], channels: [...LOCAL, ...HYBRID, ...GLOBAL, ...LIST], frame: 'note', what: 'lost', reason: POLLED },
  { steps: [163], conns: APPS, channels: ['local', 'hybrid'], frame: 'note', what: 'lost', reason: POLLED },
  { steps: [182], conns: ['alice'], channels: [...HOME, ...LOCAL, ...HYBRID, ...GLOBAL], frame: 'note', what: 'lost', reason: POLLED },
  { steps: [182], conns: APPS, channels: ['home', 'local', 'hybrid'], frame: 'note', what: 'lost', reason: POLLED },
  {
    steps: [188], conns: ['alice'], channels: [...HOME, 'local', 'local_norn', 'hybrid', 'hybrid_norn'], frame: 'note', what: 'gained',
    reason: 'the recorded server never noticed a new `withReplies` of a follow',
  },
  {
    steps: [188], conns: APPS, channels: ['home', 'local', 'hybrid'], frame: 'note', what: 'gained',
    reason: 'the recorded server never noticed a new `withReplies` of a follow',
  },
  {
    steps: [167], conns: ALICE, channels: ['main'], frame: 'reply', what: 'lost',
    reason: 'a reply by somebody I mute came on `main`',
  },

  { steps: [301, 302, 303], conns: ['anon'], channels: GLOBAL, frame: 'note', what: 'lost', reason: VISITORS },
  { steps: [304], conns: ['anon'], channels: ['global'], frame: 'note', what: 'lost', reason: VISITORS },
  { steps: [305], conns: ['anon'], channels: ['local', 'local_replies', 'global'], frame: 'note', what: 'lost', reason: VISITORS },
  { steps: [306, 307], conns: ['anon'], channels: [...TAGS, ...GLOBAL], frame: 'note', what: 'lost', reason: VISITORS },
  { steps: [310], conns: ['anon'], channels: GLOBAL, frame: 'note', what: 'lost', reason: NO_HOST },
  { steps: [310], conns: ['admin', 'dave', 'frank', 'heidi'], channels: HYBRID, frame: 'note', what: 'lost', reason: NO_HOST },
  { steps: [310], conns: ['app_admin_stream'], channels: ['hybrid'], frame: 'note', what: 'lost', reason: NO_HOST },
  { steps: [310], conns: ['alice'], channels: [...HOME, ...HYBRID, ...GLOBAL, ...LIST], frame: 'note', what: 'lost', reason: NO_HOST },
  { steps: [310], conns: APPS, channels: ['home', 'hybrid'], frame: 'note', what: 'lost', reason: NO_HOST },
  {
    steps: [320], conns: ALICE, channels: ['ant'], frame: 'other', what: 'lost',
    reason: 'an antenna carries notes; nobody knows who may see another event',
  },
  {
    steps: [322], conns: [...USERS, 'anon'], channels: ['role1'], frame: 'other', what: 'lost',
    reason: 'a role timeline carries notes; nobody knows who may see another event',
  },
  { steps: [336, 337, 338], conns: ['anon'], channels: ['role1'], frame: 'note', what: 'lost', reason: SIGN_IN },

  { steps: [343], conns: ['frank'], what: 'closed 1008', reason: 'the connections of a suspended user end' },
  { steps: [347], conns: ['heidi'], what: 'closed 1008', reason: 'the connections of a revoked token end' },
  { steps: [407], conns: [edge('1 MiB text')], what: 'closed 1009', reason: TOO_LONG },
  { steps: [407], conns: [edge('1 MiB text')], channels: ['probe11868'], frame: 'connected', what: 'lost', reason: TOO_LONG },
  { steps: [408], conns: [edge('1 MiB JSON connect with pad')], what: 'closed 1009', reason: TOO_LONG },
  {
    steps: [408], conns: [edge('1 MiB JSON connect with pad')], channels: ['big', 'probe11878'],
    frame: 'connected', what: 'lost', reason: TOO_LONG,
  },
  { steps: [409], conns: [edge('20 MiB text')], what: 'closed 1009', reason: TOO_LONG },
  { steps: [409], conns: [edge('20 MiB text')], channels: ['probe11887'], frame: 'connected', what: 'lost', reason: TOO_LONG },

  { steps: [490], conns: [TWO_MAINS], channels: ['m1'], frame: 'notification test', what: 'lost', reason: 'a `main` that was left came on' },
  { steps: [490], conns: [TWO_MAINS], channels: ['m1'], frame: 'unreadNotification', what: 'lost', reason: 'a `main` that was left came on' },
  { steps: [492], conns: [DRIVE_LEFT], channels: ['dr'], frame: 'folderCreated', what: 'lost', reason: 'a `drive` that was left came on' },
  { steps: [493], conns: [DRIVE_LEFT], channels: ['dr'], frame: 'folderDeleted', what: 'lost', reason: 'a `drive` that was left came on' },
  {
    steps: [499], conns: [INIT_FAILS], channels: ['ok', 'probe14190'], frame: 'connected', what: 'gained',
    reason: 'channels that were not joined counted towards the limit',
  },
  {
    steps: [564], conns: [INIT_FAILS], channels: ['ok'], frame: 'note', what: 'gained',
    reason: 'channels that were not joined counted towards the limit',
  },
];

const EVERY_PATH = 'the recorded server upgrades on every path; here only `/streaming` is a stream';

/** Raw requests that are answered otherwise, by the words that the recording has for them. */
export const ANSWERS = [
  { steps: [507], conns: ['path /'], what: 'status: 101 -> 404', reason: EVERY_PATH },
  { steps: [508], conns: ['path /anything'], what: 'status: 101 -> 404', reason: EVERY_PATH },
  { steps: [509], conns: ['path /api/meta upgrade'], what: 'status: 101 -> 404', reason: EVERY_PATH },
  {
    steps: [518], conns: ['bearer lower case, bad token'], what: 'status: 101 -> 401',
    reason: 'the recorded server took `Bearer` in this spelling alone',
  },
  { steps: [538], conns: ['HTTP/1.0 upgrade'], what: 'status: 101 -> 426', reason: 'HTTP/1.0 has no upgrades' },
  {
    steps: [540], conns: ['bad Host'], what: 'status: nothing -> 101',
    reason: 'the recorded server parsed the host, and failed without an answer',
  },
  {
    steps: [541], conns: ['plain GET'], what: 'status: 503 -> 426',
    reason: 'who asks for no upgrade is told that it takes one',
  },
  {
    steps: [542], conns: ['plain GET /streaming?i=bad'], what: 'status: 503 -> 426',
    reason: 'who asks for no upgrade is told that it takes one',
  },
];

/** Events of which the first run shows only the shape: the statistics of a machine. */
export const GENERATED = ['stats', 'statsLog'];
