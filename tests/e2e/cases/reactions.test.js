// Contract, section 5: my reaction, on the renotes that I get.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

test('a renote says how I reacted to what it renotes, to each viewer their own', async () => {
  const { alice, bob, carol, dave } = await world.people('alice', 'bob', 'carol', 'dave');
  const note = await carol.note('to react to');
  await alice.react(note, '🎉');
  await dave.react(note, '👍');
  const [alices, bobs, daves, visitors] = [
    await alice.join('localTimeline'), await bob.join('localTimeline'),
    await dave.join('localTimeline'), await world.visitor.join('localTimeline'),
  ];
  const renote = await bob.renote(note);
  const mine = async (joined) => {
    const [come] = await joined.notes();
    assert.equal(come.id, renote.id);
    return come.renote;
  };
  const seen = await mine(alices);
  assert.equal(seen.myReaction, '🎉');
  assert.equal(Object.keys(seen).at(-1), 'myReaction');
  assert.deepEqual(seen.reactions, { '🎉': 1, '👍': 1 });
  assert.equal((await mine(daves)).myReaction, '👍');
  assert.ok(!('myReaction' in await mine(bobs)));
  assert.ok(!('myReaction' in await mine(visitors)));
});

test('it is known even where more have reacted than a note remembers', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const note = await bob.note('popular');
  await alice.react(note, '🎉');
  // A note carries the latest 16 pairs of user and reaction.
  for (let i = 0; i < 20; i += 1) await (await world.person('fan')).react(note, '👍');
  const local = await alice.join('localTimeline');
  await bob.renote(note);
  const [come] = await local.notes();
  assert.equal(come.renote.myReaction, '🎉');
});

test('a quote carries no reaction of mine', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const note = await bob.note('to react to');
  await alice.react(note);
  const local = await alice.join('localTimeline');
  await bob.quote(note, 'a quote');
  const [come] = await local.notes();
  assert.ok(!('myReaction' in come.renote));
});
