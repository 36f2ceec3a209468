// `--compression on` under `ws`: who gets compressed messages, and that they say the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handshake } from '../lib/handshake.js';
import { assertSame, liven, Texts } from '../lib/texts.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld({ args: ['--compression', 'on'] });
const { alice, bob } = await world.people('alice', 'bob');
await alice.follow(bob);

const AGREED = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

/** Offers, and what is agreed on: `undefined` is nothing, and the stream is a plain one. */
const offers = [
  ['permessage-deflate', AGREED],
  ['permessage-deflate; client_max_window_bits', AGREED],
  ['permessage-deflate; client_max_window_bits=10', AGREED],
  ['permessage-deflate; server_no_context_takeover', AGREED],
  ['permessage-deflate; server_max_window_bits=9', `${AGREED}; server_max_window_bits=9`],
  ['permessage-deflate; no_such_parameter', undefined],
  ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', undefined],
  ['permessage-deflate; client_max_window_bits=7', undefined],
  ['permessage-deflate; server_max_window_bits', undefined],
  ['permessage-bzip2, x-webkit-deflate-frame', undefined],
  ['permessage-deflate; no_such_parameter, permessage-deflate', AGREED],
  [undefined, undefined],
];

for (const [offer, agreed] of offers) {
  test(`offered: ${offer}`, async () => {
    const answer = await handshake(world, '/streaming', { 'sec-websocket-extensions': offer });
    assert.equal(answer.status, 101);
    assert.equal(answer.headers['sec-websocket-extensions'], agreed);
  });
}

/**
 * How a client of `ws` wants it, and the share of the bytes that are left at most. With
 * `threshold: 0` it compresses what it says itself. What is longer than a window goes out plain.
 */
const clients = {
  'as it is': [{}, 0.7],
  'no context taken over': [{ serverNoContextTakeover: true, clientNoContextTakeover: true }, 0.7],
  'everything compressed': [{ threshold: 0 }, 0.7],
  'a small window of its own': [{ clientMaxWindowBits: 9, threshold: 0 }, 0.7],
  'a window of 4 KiB for the server': [{ serverMaxWindowBits: 12 }, 0.95],
};

for (const [name, [settings, share]] of Object.entries(clients)) {
  test(`the same comes compressed: ${name}`, async () => {
    const plain = await Texts.open(world, alice.token, false);
    const small = await Texts.open(world, alice.token, settings);
    assert.equal(plain.ws.extensions, '');
    assert.match(small.ws.extensions, /permessage-deflate/);
    const before = [plain.bytes, small.bytes];
    const end = await liven(alice, bob);
    const texts = await plain.upTo(end);
    assertSame(await small.upTo(end), texts);
    assert.equal(texts['channel the homeTimeline'].length, 8);
    assert.ok(texts['channel the main'].length > 0);
    const [plainBytes, smallBytes] = [plain.bytes - before[0], small.bytes - before[1]];
    assert.ok(smallBytes < share * plainBytes, `${smallBytes} bytes against ${plainBytes}`);
  });
}
