// Contract, section 6: `hybridTimeline`, home and local in one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

async function scene(params) {
  const people = await world.people('alice', 'bob', 'carol');
  await people.alice.follow(people.bob);
  return { ...people, hybrid: await people.alice.join('hybridTimeline', params) };
}

test('it carries mine, those I follow, and the public notes of local users', async () => {
  const { alice, bob, carol, hybrid } = await scene();
  const mine = await alice.note({ text: 'mine', visibility: 'followers' });
  const followed = await bob.note({ text: 'followed', visibility: 'followers' });
  const local = await carol.note('local');
  await carol.note({ text: 'home', visibility: 'home' });
  await carol.note({ text: 'direct', visibility: 'specified', visibleUserIds: [alice.id] });
  assert.deepEqual(await hybrid.ids(), [mine.id, followed.id, local.id]);
});

test('a remote note comes only from those I follow', async () => {
  const { alice, hybrid } = await scene();
  const friend = await world.person('friend', 'remote.example');
  const stranger = await world.person('stranger', 'remote.example');
  await alice.follow(friend);
  const note = await friend.note('from a friend');
  await stranger.note('from a stranger');
  assert.deepEqual(await hybrid.ids(), [note.id]);
});

test('a note in a channel comes only if I follow the channel', async () => {
  const { alice, bob, carol, hybrid } = await scene();
  const followed = await carol.api('channels/create', { name: 'followed' });
  const other = await carol.api('channels/create', { name: 'other' });
  await alice.api('channels/follow', { channelId: followed.id });
  const note = await carol.note({ text: 'in', channelId: followed.id });
  await bob.note({ text: 'out', channelId: other.id });
  await alice.note({ text: 'out, and mine', channelId: other.id });
  assert.deepEqual(await hybrid.ids(), [note.id]);
});

test('a reply to another comes with `withReplies` of the channel or of the follow', async () => {
  const { alice, bob, carol, hybrid } = await scene();
  const all = await alice.join('hybridTimeline', { withReplies: true });
  const note = await carol.note('c');
  const first = await bob.reply(note, 'to another');
  await alice.api('following/update', { userId: bob.id, withReplies: true });
  const second = await bob.reply(note, 'to another again');
  assert.deepEqual(await hybrid.ids(), [note.id, second.id]);
  assert.deepEqual(await all.ids(), [note.id, first.id, second.id]);
});

test('renotes come unless they are declined', async () => {
  const { bob, carol, hybrid } = await scene({ withRenotes: false });
  const note = await carol.note('to renote');
  await bob.renote(note);
  assert.deepEqual(await hybrid.ids(), [note.id]);
});

test('with files only, a note without files stays away', async () => {
  const { bob, hybrid } = await scene({ withFiles: true });
  await bob.note('no file');
  assert.deepEqual(await hybrid.ids(), []);
});
