// Contract, section 6: `hashtag`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');

/** Notes that are posted, and whether a listener to `q` gets them. */
const table = [
  [[['stream']], '#stream', true],
  [[['stream']], '#Stream', true],
  [[['STREAM']], '#stream', true],
  [[['stream']], '#ｓｔｒｅａｍ', true],
  [[['ｓｔｒｅａｍ']], '#stream', true],
  [[['stream']], '#streams', false],
  [[['stream']], 'stream', false],
  [[['せせらぎ']], '#せせらぎ', true],
  [[['one', 'two']], '#one #two', true],
  [[['one', 'two']], '#one', false],
  [[['one'], ['two']], '#two', true],
  [[['one', 'two'], ['three']], '#three', true],
  [[['one', 'two'], ['three']], '#two', false],
];

test('a note comes if it has every tag of some group', async () => {
  const stream = await alice.stream();
  const joined = [];
  for (const [q] of table) joined.push(await stream.join('hashtag', { q }));
  for (const [i, [q, text, comes]] of table.entries()) {
    const note = await bob.note(text);
    const ids = await joined[i].ids();
    assert.equal(ids.includes(note.id), comes, `${JSON.stringify(q)} and ${text}`);
  }
});

test('visibility counts here too', async () => {
  const [mine, visitors] = [
    await alice.join('hashtag', { q: [['quiet']] }),
    await world.visitor.join('hashtag', { q: [['quiet']] }),
  ];
  const open = await bob.note('#quiet');
  const homeOnly = await bob.note({ text: '#quiet home', visibility: 'home' });
  await bob.note({ text: '#quiet followers', visibility: 'followers' });
  const direct = await bob.note({
    text: '#quiet direct', visibility: 'specified', visibleUserIds: [alice.id],
  });
  assert.deepEqual(await mine.ids(), [open.id, homeOnly.id, direct.id]);
  assert.deepEqual(await visitors.ids(), [open.id, homeOnly.id]);
});

test('a visitor does not get notes of those who require a sign-in', async () => {
  const { carol } = await world.people('carol');
  await carol.api('i/update', { requireSigninToViewContents: true });
  const [mine, visitors] = [
    await alice.join('hashtag', { q: [['signin']] }),
    await world.visitor.join('hashtag', { q: [['signin']] }),
  ];
  const note = await carol.note('#signin');
  assert.deepEqual(await mine.ids(), [note.id]);
  assert.deepEqual(await visitors.ids(), []);
});

test('somebody I mute, and somebody who blocks me, stay away', async () => {
  const { dave, erin } = await world.people('dave', 'erin');
  const joined = await dave.join('hashtag', { q: [['muting']] });
  const visitors = await world.visitor.join('hashtag', { q: [['muting']] });
  await dave.api('mute/create', { userId: bob.id });
  await erin.api('blocking/create', { userId: dave.id });
  const [muted, blocked, other] =
    [await bob.note('#muting'), await erin.note('#muting'), await alice.note('#muting')];
  assert.deepEqual(await joined.ids(), [other.id]);
  assert.deepEqual(await visitors.ids(), [muted.id, blocked.id, other.id]);
});
