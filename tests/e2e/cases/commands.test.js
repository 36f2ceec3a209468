// Contract, section 2: what a client sends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');
const tagged = { q: [['tag']] };

const notesOf = (frames, id) =>
  frames.filter((frame) => frame.type === 'channel' && frame.body.id === id);

const ignored = [
  '', '{', 'h', 'ping', 'null', '123', '"text"', '[]', 'true', '{}',
  '{"type":"nope","body":{}}', '{"type":null}', '{"type":5,"body":{}}',
  '{"type":"connect"}', '{"type":"connect","body":null}', '{"type":"connect","body":"x"}',
  '{"type":"connect","body":[]}', '{"type":"subNote"}', '{"type":"subNote","body":{}}',
  '{"type":"subNote","body":{"id":5}}', '{"type":"subNote","body":{"id":""}}',
  '{"type":"subNote","body":{"id":"__proto__"}}', '{"type":"unsubNote","body":{"id":"none"}}',
  '{"type":"disconnect","body":{"id":"nope"}}', '{"type":"disconnect","body":{"id":5}}',
  '{"type":"ch","body":{"id":"nope","type":"x","body":{}}}', '{"type":"ch","body":{"id":"nope"}}',
  '{"type":"readNotification"}', Buffer.from('{'), Buffer.from([0xff, 0xfe]),
];

for (const [who, token] of [['a user', alice.token], ['a visitor', null]]) {
  test(`what ${who} sends and nobody understands is ignored`, async () => {
    const socket = await (token ? alice : world.visitor).socket();
    for (const message of ignored) socket.send(message);
    assert.deepEqual(await socket.settle(), []);
  });
}

/** `connect` with these fields instead of the right ones is not answered. */
const wrong = {
  'no id': { id: undefined },
  'a number for id': { id: 5 },
  'null for id': { id: null },
  'a number for channel': { channel: 5 },
  'no channel': { channel: undefined },
  'an unknown channel': { channel: 'nope' },
  'a channel of JavaScript': { channel: '__proto__' },
  'text for params': { params: 'text' },
  'a number for params': { params: 5 },
  'true for params': { params: true },
  'text for pong': { pong: 'yes' },
  'a number for pong': { pong: 1 },
  'an object for pong': { pong: {} },
};

for (const [name, fields] of Object.entries(wrong)) {
  test(`not joined: ${name}`, async () => {
    const socket = await alice.socket();
    const right = { channel: 'localTimeline', id: 'here', params: {}, pong: true };
    socket.send({ type: 'connect', body: { ...right, ...fields } });
    await bob.note('to all');
    assert.deepEqual(await socket.settle(), []);
  });
}

/** Channels whose params are missing or of the wrong kind. */
const wrongParams = [
  ['hashtag', undefined], ['hashtag', {}], ['hashtag', { q: 'tag' }], ['hashtag', { q: ['tag'] }],
  ['hashtag', { q: [['tag'], 'tag'] }], ['hashtag', { q: [[5]] }], ['hashtag', { q: {} }],
  ['hashtag', { q: null }], ['hashtag', { q: [[]] }], ['hashtag', { q: [['tag'], []] }],
  ['userList', undefined], ['userList', { listId: 5 }], ['userList', { listId: null }],
  ['userList', { listId: 'nosuchlist' }], ['antenna', undefined], ['antenna', { antennaId: 5 }],
  ['antenna', { antennaId: 'nosuchantenna' }], ['channel', undefined], ['channel', { channelId: 5 }],
  ['chatUser', undefined], ['chatUser', { otherId: 5 }], ['chatRoom', { roomId: 5 }],
  ['roleTimeline', undefined], ['roleTimeline', { roleId: 5 }], ['reversiGame', { gameId: 5 }],
];

for (const [channel, params] of wrongParams) {
  test(`not joined: ${channel} with ${JSON.stringify(params)}`, async () => {
    const socket = await alice.socket();
    assert.equal(await socket.joins(channel, params), false);
    await bob.note('#tag');
    assert.deepEqual(await socket.settle(), []);
  });
}

test('only `pong: true` is answered', async () => {
  const socket = await alice.socket();
  assert.equal(await socket.joins('localTimeline', {}, { pong: true }), true);
  for (const pong of [false, null, undefined]) {
    assert.equal(await socket.joins('localTimeline', {}, { pong }), false);
  }
});

test('an empty id is an id', async () => {
  const socket = await alice.socket();
  socket.connect('localTimeline', '');
  await socket.answered();
  const note = await bob.note('to all');
  const [frame] = notesOf(await socket.settle(), '');
  assert.equal(frame.body.body.id, note.id);
});

test('a binary frame that holds JSON is taken as well', async () => {
  const socket = await alice.socket();
  const body = { channel: 'localTimeline', id: 'binary' };
  socket.send(Buffer.from(JSON.stringify({ type: 'connect', body })));
  await socket.answered();
  await bob.note('to all');
  assert.equal(notesOf(await socket.settle(), 'binary').length, 1);
});

/** Boolean params are read as JavaScript would. */
const truthiness = [
  [{ withRenotes: 0 }, false], [{ withRenotes: '' }, false], [{ withRenotes: false }, false],
  [{ withRenotes: null }, true], [{}, true], [{ withRenotes: 1 }, true],
  [{ withRenotes: 'false' }, true], [{ withRenotes: [] }, true],
];

test('boolean params are read by truthiness', async () => {
  const note = await bob.note('to renote');
  const socket = await alice.socket();
  truthiness.forEach(([params], i) => socket.connect('localTimeline', `t${i}`, params));
  await socket.answered();
  await bob.renote(note);
  const frames = await socket.settle();
  truthiness.forEach(([params, comes], i) => {
    assert.equal(notesOf(frames, `t${i}`).length, comes ? 1 : 0, JSON.stringify(params));
  });
});

test('a new channel under an id in use takes its place', async () => {
  const socket = await alice.socket();
  socket.connect('localTimeline', 'same');
  socket.connect('hashtag', 'same', tagged);
  await socket.answered();
  await bob.note('to all, without a tag');
  assert.deepEqual(notesOf(await socket.settle(), 'same'), []);
  await bob.note('#tag');
  assert.equal(notesOf(await socket.settle(), 'same').length, 1);
  socket.disconnect('same');
  await socket.answered();
  await bob.note('#tag again');
  assert.deepEqual(await socket.settle(), []);
});

test('after `disconnect` nothing comes, and the id can be used again', async () => {
  const socket = await alice.socket();
  socket.connect('localTimeline', 'again');
  socket.disconnect('again');
  await socket.answered();
  await bob.note('to nobody');
  assert.deepEqual(await socket.settle(), []);
  socket.connect('localTimeline', 'again');
  await socket.answered();
  await bob.note('to all');
  assert.equal(notesOf(await socket.settle(), 'again').length, 1);
});

test('a connection has at most 32 channels, and one that is left makes room', async () => {
  const socket = await alice.socket();
  const ids = Array.from({ length: 40 }, (_, i) => `c${i}`);
  for (const id of ids) socket.connect('hashtag', id, tagged, { pong: true });
  // `answered` and `settle` take one channel each.
  socket.disconnect('c0');
  const connected = (await socket.answered()).filter((frame) => frame.type === 'connected');
  assert.deepEqual(connected.map((frame) => frame.body.id), ids.slice(0, 32));
  socket.disconnect('c1');
  await socket.answered();
  await bob.note('#tag for 30');
  const frames = await socket.settle();
  assert.deepEqual(frames.map((frame) => frame.body.id).sort(), ids.slice(2, 32).sort());
});

test('channels that were not joined do not count towards the 32', async () => {
  const socket = await alice.socket();
  for (let i = 0; i < 40; i += 1) socket.connect('userList', `l${i}`, { listId: 'nosuchlist' });
  for (let i = 0; i < 40; i += 1) socket.connect('main', `m${i}`);
  assert.equal(await socket.joins('localTimeline'), true);
});

test('a shared channel is joined once', async () => {
  const socket = await alice.socket();
  socket.connect('main', 'first');
  socket.connect('main', 'second');
  await socket.answered();
  await alice.api('notifications/test-notification');
  assert.equal(notesOf(await socket.settle(), 'second').length, 0);
  socket.disconnect('first');
  socket.connect('main', 'third');
  await socket.answered();
  await alice.api('notifications/test-notification');
  const frames = await socket.settle();
  const seen = frames.filter((frame) => frame.body.type === 'notification');
  assert.deepEqual(seen.map((frame) => frame.body.id), ['third']);
});

test('requests are handled in the order they were sent', async () => {
  const socket = await alice.socket();
  const ids = Array.from({ length: 20 }, (_, i) => `o${i}`);
  for (const id of ids) {
    socket.connect('localTimeline', id, {}, { pong: true });
    socket.disconnect(id);
  }
  const frames = await socket.answered();
  const connected = frames.filter((frame) => frame.type === 'connected');
  assert.deepEqual(connected.map((frame) => frame.body.id), ids);
});

test('`readNotification` marks all notifications as read', async () => {
  const main = await alice.join('main');
  await alice.api('notifications/test-notification');
  await main.until('notification');
  main.listener.stream.send('readNotification', {});
  await main.until('readAllNotifications');
});

test('a frame of more than the limit ends the connection with 1009', async () => {
  const socket = await alice.socket();
  const closed = socket.closed();
  socket.send('x'.repeat(32 * 1024 * 1024));
  assert.equal((await closed).code, 1009);
});
