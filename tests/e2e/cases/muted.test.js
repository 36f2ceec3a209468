// Contract, section 5: muted or blocked. Each change is made while the stream is open and is
// in force before the request that made it returns: what is posted next is judged by it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

/** Alice follows bob and carol and has four timelines open. */
async function scene() {
  const people = await world.people('alice', 'bob', 'carol');
  const { alice, bob, carol } = people;
  for (const user of [bob, carol]) await alice.follow(user);
  const stream = await alice.stream();
  const joined = [];
  for (const name of ['homeTimeline', 'localTimeline', 'hybridTimeline', 'globalTimeline']) {
    joined.push(await stream.join(name, { withReplies: true }));
  }
  return { ...people, timelines: new Timelines(joined) };
}

/** The same must come on all of them. */
class Timelines {
  constructor(joined) {
    this.joined = joined;
  }

  async carry(...notes) {
    const expected = notes.map((note) => note.id);
    for (const joined of this.joined) {
      assert.deepEqual(await joined.ids(), expected, joined.connection.channel);
    }
  }
}

test('a mute, and its end', async () => {
  const { alice, bob, carol, timelines } = await scene();
  const before = await bob.note('before');
  await alice.api('mute/create', { userId: bob.id });
  await bob.note('muted');
  const other = await carol.note('of another');
  await alice.api('mute/delete', { userId: bob.id });
  const after = await bob.note('after');
  await timelines.carry(before, other, after);
});

test('a mute that has run out', async () => {
  const { alice, bob, timelines } = await scene();
  await alice.api('mute/create', { userId: bob.id, expiresAt: Date.now() + 1_000 });
  await bob.note('muted');
  // The mute ends by itself: notes are posted until one comes.
  const posted = [];
  const [home] = timelines.joined;
  const deadline = Date.now() + 30_000;
  let come = [];
  while (come.length === 0 && Date.now() < deadline) {
    posted.push(await bob.note('still muted?'));
    come = await home.ids();
  }
  assert.deepEqual(come, [posted.at(-1).id]);
});

test('a reply to and a renote of somebody I mute', async () => {
  const { alice, bob, carol, timelines } = await scene();
  const note = await bob.note('before');
  await alice.api('mute/create', { userId: bob.id });
  await carol.reply(note, 'a reply');
  await carol.renote(note);
  await carol.quote(note, 'a quote');
  await timelines.carry(note);
});

test('a block by another, and its end', async () => {
  const { alice, bob, carol, timelines } = await scene();
  const before = await bob.note('before');
  await bob.api('blocking/create', { userId: alice.id });
  const blocked = await bob.note('blocked');
  await carol.renote(blocked);
  await bob.api('blocking/delete', { userId: alice.id });
  // A block ends the follow, so that only the open timelines carry the next one.
  const after = await bob.note('after');
  const [home, ...others] = timelines.joined;
  assert.deepEqual(await home.ids(), [before.id]);
  await new Timelines(others).carry(before, after);
});

test('muted renotes', async () => {
  const { alice, bob, carol, timelines } = await scene();
  const note = await carol.note('to renote');
  await alice.api('renote-mute/create', { userId: bob.id });
  await bob.renote(note);
  const quote = await bob.quote(note, 'a quote');
  const own = await bob.note('a note');
  await alice.api('renote-mute/delete', { userId: bob.id });
  const renote = await bob.renote(note);
  await timelines.carry(note, quote, own, renote);
});

test('a muted instance', async () => {
  const { alice, bob } = await scene();
  const remote = await world.person('remote', 'muted.example');
  const global = await alice.join('globalTimeline', { withReplies: true });
  const before = await remote.note('before');
  await alice.api('i/update', { mutedInstances: ['muted.example'] });
  const note = await remote.note('muted');
  await bob.reply(note, 'a reply');
  await bob.renote(note);
  await alice.api('i/update', { mutedInstances: [] });
  const after = await remote.note('after');
  assert.deepEqual(await global.ids(), [before.id, after.id]);
});

test('a muted channel', async () => {
  const { alice, bob, carol, timelines } = await scene();
  const { id: channelId } = await carol.api('channels/create', { name: 'to mute' });
  const note = await carol.note({ text: 'in the channel', channelId });
  await alice.api('channels/mute/create', { channelId });
  await bob.renote(note);
  await alice.api('channels/mute/delete', { channelId });
  const after = await bob.renote(note);
  await timelines.carry(after);
});

test('a captured note of somebody I mute is still mine to watch', async () => {
  const { alice, bob, carol } = await scene();
  const note = await bob.note('captured');
  const stream = await alice.stream();
  await stream.capture(note);
  await alice.api('mute/create', { userId: bob.id });
  await carol.react(note);
  assert.deepEqual((await stream.updates()).map(({ type }) => type), ['reacted']);
});

test('a reply to somebody who blocks me', async () => {
  const { alice, bob, carol, timelines } = await scene();
  const note = await bob.note('before');
  await bob.api('blocking/create', { userId: alice.id });
  await carol.reply(note, 'a reply');
  await carol.quote(note, 'a quote');
  await timelines.carry(note);
});

test('a channel that I follow and mute', async () => {
  const { alice, carol } = await scene();
  const { id: channelId } = await carol.api('channels/create', { name: 'to mute' });
  await alice.api('channels/follow', { channelId });
  const stream = await alice.stream();
  const timelines = new Timelines([
    await stream.join('homeTimeline'), await stream.join('hybridTimeline'),
  ]);
  const before = await carol.note({ text: 'before', channelId });
  await alice.api('channels/mute/create', { channelId });
  await carol.note({ text: 'muted', channelId });
  await alice.api('channels/mute/delete', { channelId });
  const after = await carol.note({ text: 'after', channelId });
  await timelines.carry(before, after);
});
