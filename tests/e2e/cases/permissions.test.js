// Contract, section 4: which channel a visitor and an app may join.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');

const list = await alice.api('users/lists/create', { name: 'a list' });
const antenna = await alice.api('antennas/create', {
  name: 'an antenna', src: 'all', keywords: [['word']], excludeKeywords: [[]], users: [''],
  caseSensitive: false, withReplies: true, withFile: false, localOnly: false, excludeBots: false,
});
const channel = await bob.api('channels/create', { name: 'a channel' });

const nothing = [];
const reading = ['read:account'];
const chatting = ['read:account', 'read:chat'];
const everybody = { visitor: true, reading: true, chatting: true, native: true };
const readers = { visitor: false, reading: true, chatting: true, native: true };
const chatters = { visitor: false, reading: false, chatting: true, native: true };
const nobody = { visitor: false, reading: false, chatting: false, native: false };
const nativeOnly = { visitor: false, reading: false, chatting: false, native: true };

const channels = [
  ['main', undefined, readers],
  ['homeTimeline', undefined, readers],
  ['localTimeline', undefined, everybody],
  ['hybridTimeline', undefined, readers],
  ['globalTimeline', undefined, everybody],
  ['userList', { listId: list.id }, nativeOnly],
  ['hashtag', { q: [['tag']] }, everybody],
  ['antenna', { antennaId: antenna.id }, readers],
  ['channel', { channelId: channel.id }, everybody],
  ['drive', undefined, readers],
  ['serverStats', undefined, everybody],
  ['queueStats', undefined, everybody],
  ['chatUser', { otherId: bob.id }, chatters],
  ['chatRoom', { roomId: 'nosuchroom' }, nobody],
  ['roleTimeline', { roleId: 'nosuchrole' }, nobody],
  ['reversi', undefined, readers],
  ['reversiGame', { gameId: 'agame' }, everybody],
  ['admin', undefined, nobody],
];

const guests = {
  visitor: world.visitor,
  reading: await alice.app(reading),
  chatting: await alice.app(chatting),
  native: alice,
};

for (const [name, params, expected] of channels) {
  for (const [who, guest] of Object.entries(guests)) {
    test(`${name}: ${who} ${expected[who] ? 'may' : 'may not'} join`, async () => {
      const socket = await guest.socket();
      assert.equal(await socket.joins(name, params), expected[who]);
    });
  }
}

test('an app without any permission gets no stream', async () => {
  const app = await alice.app(nothing);
  await assert.rejects(app.socket(), /401/);
});

test('`admin` is for those who moderate, and for apps that they let', async () => {
  const { keeper } = world;
  const [reader, watcher] =
    [await keeper.app(reading), await keeper.app([...reading, 'read:admin:stream'])];
  for (const [guest, may] of [[keeper, true], [watcher, true], [reader, false]]) {
    assert.equal(await (await guest.socket()).joins('admin'), may);
  }
  const stranger = await alice.app([...reading, 'read:admin:stream']);
  assert.equal(await (await stranger.socket()).joins('admin'), false);
});

test("another's list and antenna can't be joined", async () => {
  const socket = await bob.socket();
  assert.equal(await socket.joins('userList', { listId: list.id }), false);
  assert.equal(await socket.joins('antenna', { antennaId: antenna.id }), false);
});

test('an app may do over REST what its permissions say, and no more', async () => {
  const writer = await alice.app(['write:notes']);
  await writer.note('by an app');
  await assert.rejects(writer.api('i/notifications'), { code: 'PERMISSION_DENIED' });
  const reader = await alice.app(reading);
  assert.equal((await reader.api('i')).id, alice.id);
  await assert.rejects(reader.note('not allowed'), { code: 'PERMISSION_DENIED' });
});
