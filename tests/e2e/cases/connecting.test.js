// Contract, section 1: who gets a stream, and what is answered to all others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, exchange, frame, handshake, upgradeBytes } from '../lib/handshake.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice } = await world.people('alice');
const reader = await alice.app(['read:account']);
const writer = await alice.app(['write:notes']);

const good = `/streaming?i=${alice.token}`;
const wrong = 'thereisnosuchone';

const upgrades = {
  'a visitor': ['/streaming'],
  'a native token': [good],
  'a cache buster': [`${good}&_t=1700000000000`],
  'an unknown parameter': [`${good}&nonsense=1`],
  'an app with read:account': [`/streaming?i=${reader.token}`],
  'a Bearer token': ['/streaming', { authorization: `Bearer ${alice.token}` }],
  'a bearer token in lower case': ['/streaming', { authorization: `bearer ${alice.token}` }],
  'a Bearer token over a wrong ?i=': [
    `/streaming?i=${wrong}`, { authorization: `Bearer ${alice.token}` },
  ],
  'another scheme beside a good ?i=': [good, { authorization: 'Basic YTpi' }],
  'the first of two i': [`${good}&i=${wrong}`],
};

for (const [name, [path, headers]] of Object.entries(upgrades)) {
  test(`upgraded: ${name}`, async () => {
    assert.equal((await handshake(world, path, headers)).status, 101);
  });
}

const refusals = {
  'an unknown token': [`/streaming?i=${wrong}`],
  'an unknown token of 32 characters': [`/streaming?i=${wrong}${wrong}`],
  'an empty token': ['/streaming?i='],
  'an unknown Bearer token over a good ?i=': [good, { authorization: `Bearer ${wrong}` }],
  'the first of two i is wrong': [`/streaming?i=${wrong}&i=${alice.token}`],
  'an app without read:account': [`/streaming?i=${writer.token}`],
};

for (const [name, [path, headers]] of Object.entries(refusals)) {
  test(`401: ${name}`, async () => {
    const answer = await handshake(world, path, headers);
    assert.equal(answer.status, 401);
    assert.equal(
      answer.headers['www-authenticate'],
      'Bearer realm="Misskey", error="invalid_token", error_description="Failed to authenticate"',
    );
    assert.equal(answer.body, '');
  });
}

test('a plain GET is told to upgrade and never cached', async () => {
  const answer = await ask(world, '/streaming');
  assert.equal(answer.status, 426);
  assert.equal(answer.headers.upgrade?.toLowerCase(), 'websocket');
  assert.match(answer.headers['cache-control'], /no-store/);
});

test('another path is not found', async () => {
  assert.equal((await handshake(world, '/elsewhere')).status, 404);
});

test('a handshake without a key or of another version is refused', async () => {
  const noKey = await handshake(world, good, { 'sec-websocket-key': undefined });
  const oldVersion = await handshake(world, good, { 'sec-websocket-version': '12' });
  for (const { status } of [noKey, oldVersion]) assert.ok(status >= 400 && status < 500);
});

test('a frame right behind the request, in the same packet, counts', async () => {
  const body = { channel: 'hashtag', id: 'early', params: { q: [['x']] }, pong: true };
  const bytes = Buffer.concat([
    upgradeBytes(world, good),
    frame(1, JSON.stringify({ type: 'connect', body })),
  ]);
  const connected = '{"type":"connected","body":{"id":"early"}}';
  await exchange(world, bytes, (received) => received.includes(connected));
});

test('a client that pings is answered', async () => {
  const bytes = Buffer.concat([upgradeBytes(world, good), frame(9, 'are you there')]);
  const pong = Buffer.from([0x8a, 13, ...Buffer.from('are you there')]);
  await exchange(world, bytes, (received) => received.includes(pong));
});

/** Broken frames, and the close code that they are answered by. */
const broken = {
  'not masked': [frame(1, '{}', { masked: false }), 1002],
  'a reserved bit': [frame(1, '{}', { rsv: 4 }), 1002],
  'a reserved opcode': [frame(3, '{}'), 1002],
  'a continuation of nothing': [frame(0, '{}'), 1002],
  'a ping in fragments': [frame(9, 'x', { fin: false }), 1002],
  'text that is not UTF-8': [frame(1, Buffer.from([0xc3, 0x28])), 1007],
};

for (const [name, [bytes, code]] of Object.entries(broken)) {
  test(`closed with ${code}: ${name}`, async () => {
    const all = Buffer.concat([upgradeBytes(world, good), bytes]);
    const received = await exchange(world, all, () => false);
    const close = received.subarray(received.indexOf('\r\n\r\n') + 4);
    assert.equal(close[0], 0x88);
    assert.equal(close.readUInt16BE(2), code);
  });
}

test('a message in fragments, with a ping between them, is one message', async () => {
  const body = { channel: 'hashtag', id: 'pieces', params: { q: [['x']] }, pong: true };
  const text = JSON.stringify({ type: 'connect', body });
  const bytes = Buffer.concat([
    upgradeBytes(world, good),
    frame(1, text.slice(0, 10), { fin: false }),
    frame(9, 'x'),
    frame(0, text.slice(10)),
  ]);
  const connected = '{"type":"connected","body":{"id":"pieces"}}';
  await exchange(world, bytes, (received) => received.includes(connected));
});
