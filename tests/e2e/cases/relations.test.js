// What changes about people while a stream is open is in force before the request that
// changed it returns: what is posted next is judged by it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

async function scene() {
  const people = await world.people('alice', 'bob', 'carol');
  return { ...people, home: await people.alice.join('homeTimeline') };
}

test('a follow, and its end', async () => {
  const { alice, bob, home } = await scene();
  await bob.note('before');
  await alice.follow(bob);
  const during = await bob.note({ text: 'during', visibility: 'followers' });
  await alice.unfollow(bob);
  await bob.note('after');
  assert.deepEqual(await home.ids(), [during.id]);
});

test('a follow and its end, over and over, at full speed', async () => {
  const { alice, bob, home } = await scene();
  const expected = [];
  for (let i = 0; i < 20; i += 1) {
    await alice.follow(bob);
    expected.push((await bob.note(`in ${i}`)).id);
    await alice.unfollow(bob);
    await bob.note(`out ${i}`);
  }
  assert.deepEqual(await home.ids(), expected);
});

test('a request to follow that is accepted', async () => {
  const { alice, bob, home } = await scene();
  await bob.api('i/update', { isLocked: true });
  await alice.follow(bob);
  await bob.note({ text: 'asked, not answered', visibility: 'followers' });
  await bob.api('following/requests/accept', { userId: alice.id });
  const note = await bob.note({ text: 'accepted', visibility: 'followers' });
  assert.deepEqual(await home.ids(), [note.id]);
});

test('a request to follow that is rejected or withdrawn', async () => {
  const { alice, bob, home } = await scene();
  await bob.api('i/update', { isLocked: true });
  await alice.follow(bob);
  await bob.api('following/requests/reject', { userId: alice.id });
  await bob.note('rejected');
  await alice.follow(bob);
  await alice.api('following/requests/cancel', { userId: bob.id });
  await bob.note('withdrawn');
  assert.deepEqual(await home.ids(), []);
});

test('replies of the followed, wanted or not', async () => {
  const { alice, bob, carol, home } = await scene();
  await alice.follow(bob);
  const note = await carol.note('c');
  await bob.reply(note, 'not wanted');
  await alice.api('following/update', { userId: bob.id, withReplies: true });
  const wanted = await bob.reply(note, 'wanted');
  await alice.api('following/update', { userId: bob.id, withReplies: false });
  await bob.reply(note, 'not wanted any more');
  assert.deepEqual(await home.ids(), [wanted.id]);
});

test('a channel that is followed, and its end', async () => {
  const { alice, bob, home } = await scene();
  const { id: channelId } = await bob.api('channels/create', { name: 'a channel' });
  await bob.note({ text: 'before', channelId });
  await alice.api('channels/follow', { channelId });
  const note = await bob.note({ text: 'during', channelId });
  await alice.api('channels/unfollow', { channelId });
  await bob.note({ text: 'after', channelId });
  assert.deepEqual(await home.ids(), [note.id]);
});

test('a block ends a follow in both directions', async () => {
  const { alice, bob, home } = await scene();
  await alice.follow(bob);
  await bob.follow(alice);
  const bobs = await bob.join('homeTimeline');
  await alice.api('blocking/create', { userId: bob.id });
  await alice.note('of the blocker');
  await bob.note('of the blocked');
  assert.deepEqual((await home.notes()).map(({ text }) => text), ['of the blocker']);
  assert.deepEqual((await bobs.notes()).map(({ text }) => text), ['of the blocked']);
});

test('two connections of one user and a third of another see the same truth', async () => {
  const { alice, bob, carol, home } = await scene();
  const second = await alice.join('homeTimeline');
  const carols = await carol.join('homeTimeline');
  await alice.follow(bob);
  const note = await bob.note('during');
  assert.deepEqual(await home.ids(), [note.id]);
  assert.deepEqual(await second.ids(), [note.id]);
  assert.deepEqual(await carols.ids(), []);
});

test('a connection that opens after a change knows it', async () => {
  const { alice, bob } = await scene();
  await alice.follow(bob);
  const home = await alice.join('homeTimeline');
  const note = await bob.note({ text: 'after', visibility: 'followers' });
  assert.deepEqual(await home.ids(), [note.id]);
});
