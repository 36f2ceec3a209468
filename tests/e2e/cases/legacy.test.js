// `--compat legacy`: chats as servers before 2025 told of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld({ args: ['--compat', 'legacy'] });
const today = await newWorld();

/** People who take messages from everyone. */
async function talkers(on, ...names) {
  const people = await on.people(...names);
  for (const person of Object.values(people)) {
    await person.api('i/update', { chatScope: 'everyone' });
  }
  return people;
}

const say = (from, to, text) => from.api('messaging/messages/create', { userId: to.id, text });

test('`messaging` and `messagingIndex` carry a chat to its two sides alone', async () => {
  const { alice, bob, carol } = await talkers(world, 'alice', 'bob', 'carol');
  const sides = [
    await alice.join('messaging', { otherparty: bob.id }),
    await bob.join('messaging', { otherparty: alice.id }),
  ];
  const indexes = [await alice.join('messagingIndex'), await bob.join('messagingIndex')];
  const others = [
    await carol.join('messaging', { otherparty: alice.id }),
    await carol.join('messaging', { otherparty: bob.id }),
    await alice.join('messaging', { otherparty: carol.id }),
    await carol.join('messagingIndex'),
    await carol.join('main'),
  ];
  const hi = await say(alice, bob, 'hi');
  assert.deepEqual(
    [hi.userId, hi.recipientId, hi.user.id, hi.recipient.id, hi.text, hi.isRead],
    [alice.id, bob.id, alice.id, bob.id, 'hi', false]);
  await alice.api('messaging/messages/delete', { messageId: hi.id });
  for (const side of sides) {
    assert.deepEqual(await side.events(), [
      { type: 'message', body: hi }, { type: 'deleted', body: hi.id },
    ]);
  }
  for (const index of indexes) {
    assert.deepEqual(await index.events(), [{ type: 'message', body: hi }]);
  }
  for (const other of others) assert.deepEqual(await other.events(), []);
});

test('main tells of a message, that it is unread, and that all are read', async () => {
  const { alice, bob } = await talkers(world, 'alice', 'bob');
  const [main, mine] = [await bob.join('main'), await alice.join('main')];
  const side = await alice.join('messaging', { otherparty: bob.id });
  const hi = await say(alice, bob, 'hi');
  for (const channel of [main, mine]) {
    assert.deepEqual(await channel.until('messagingMessage'), hi);
  }
  assert.equal((await main.until('unreadMessagingMessage')).id, hi.id);
  const theirs = await bob.join('messaging', { otherparty: alice.id });
  theirs.connection.send('read', { id: hi.id });
  assert.deepEqual(await side.until('read'), [hi.id]);
  await main.until('readAllMessagingMessages');
  const [shown] = await alice.api('messaging/messages', { userId: bob.id });
  assert.deepEqual(shown, { ...hi, isRead: true });
  assert.deepEqual((await alice.api('messaging/history')).map(({ id }) => id), [hi.id]);
});

test('both generations of clients share one chat', async () => {
  const { alice, bob } = await talkers(world, 'alice', 'bob');
  const older = await alice.join('messaging', { otherparty: bob.id });
  const newer = await alice.join('chatUser', { otherId: bob.id });
  const { id } = await bob.api('chat/messages/create-to-user', { toUserId: alice.id, text: 'a' });
  assert.equal((await older.until('message')).id, id);
  assert.equal((await newer.until('message')).id, id);
});

test('an app needs the older permission', async () => {
  const { alice, bob } = await talkers(world, 'alice', 'bob');
  const params = { otherparty: bob.id };
  for (const [permission, joins] of [
    [['read:account', 'read:chat'], false], [['read:account', 'read:messaging'], true],
  ]) {
    const socket = await (await alice.app(permission)).socket();
    assert.equal(await socket.joins('messaging', params), joins);
    assert.equal(await socket.joins('messagingIndex'), joins);
  }
  const visitor = await world.visitor.socket();
  assert.equal(await visitor.joins('messaging', params), false);
  const socket = await alice.socket();
  for (const wrong of [{}, { otherparty: 5 }, { group: 'x' }]) {
    assert.equal(await socket.joins('messaging', wrong), false);
  }
});

test('who does not ask for older clients sees nothing of them', async () => {
  const { alice, bob } = await talkers(today, 'alice', 'bob');
  const socket = await alice.socket();
  assert.equal(await socket.joins('messaging', { otherparty: bob.id }), false);
  assert.equal(await socket.joins('messagingIndex'), false);
  await assert.rejects(say(alice, bob, 'hi'), (error) => error.code === 'UNKNOWN_API_ENDPOINT');
  const main = await alice.join('main');
  await alice.api('chat/messages/create-to-user', { toUserId: bob.id, text: 'a' });
  assert.deepEqual(await main.events(), []);
  const endpoints = await today.visitor.api('endpoints');
  assert.ok(!endpoints.some((name) => name.startsWith('messaging/')));
});
