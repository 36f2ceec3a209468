// Contract, sections 2 and 3: captured notes and who may hear of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

async function scene() {
  const people = await world.people('alice', 'bob', 'carol');
  return { ...people, stream: await people.alice.stream() };
}

const types = async (stream) => (await stream.updates()).map((update) => update.type);

test('a reaction comes and goes', async () => {
  const { alice, bob, carol, stream } = await scene();
  const note = await bob.note('captured');
  await stream.capture(note);
  await carol.react(note, '🎉');
  await carol.unreact(note);
  await alice.react(note, '👍');
  assert.deepEqual(await stream.updates(), [
    { id: note.id, type: 'reacted', body: { reaction: '🎉', emoji: null, userId: carol.id } },
    { id: note.id, type: 'unreacted', body: { reaction: '🎉', userId: carol.id } },
    { id: note.id, type: 'reacted', body: { reaction: '👍', emoji: null, userId: alice.id } },
  ]);
});

test('a vote', async () => {
  const { bob, carol, stream } = await scene();
  const note = await bob.note({ text: 'a poll', poll: { choices: ['yes', 'no'] } });
  await stream.capture(note);
  await carol.api('notes/polls/vote', { noteId: note.id, choice: 1 });
  assert.deepEqual(await stream.updates(), [
    { id: note.id, type: 'pollVoted', body: { choice: 1, userId: carol.id } },
  ]);
});

test('the end of a note', async () => {
  const { bob, stream } = await scene();
  const note = await bob.note('captured');
  await stream.capture(note);
  await bob.api('notes/delete', { noteId: note.id });
  const [update] = await stream.updates();
  assert.equal(update.type, 'deleted');
  assert.ok(!Number.isNaN(Date.parse(update.body.deletedAt)));
});

test('captures are counted', async () => {
  const { bob, carol, stream } = await scene();
  const note = await bob.note('captured');
  await stream.capture(note);
  await stream.capture(note);
  await stream.release(note);
  await carol.react(note);
  assert.deepEqual(await types(stream), ['reacted']);
  await stream.release(note);
  await carol.unreact(note);
  assert.deepEqual(await types(stream), []);
});

test('every alias of the request is understood', async () => {
  const { alice, bob, carol } = await scene();
  const notes = [await bob.note('s'), await bob.note('sr'), await bob.note('subNote')];
  const socket = await alice.socket();
  ['s', 'sr', 'subNote'].forEach((type, i) => socket.send({ type, body: { id: notes[i].id } }));
  socket.send({ type: 'un', body: { id: notes[0].id } });
  socket.send({ type: 'unsubNote', body: { id: notes[1].id } });
  await socket.answered();
  for (const note of notes) await carol.react(note);
  const frames = await socket.settle();
  assert.deepEqual(frames.map((frame) => frame.body.id), [notes[2].id]);
});

test('a visitor may hear of what is open', async () => {
  const { bob, carol } = await scene();
  const [open, homeOnly] = [await bob.note('open'), await bob.note({ text: 'h', visibility: 'home' })];
  const stream = await world.visitor.stream();
  for (const note of [open, homeOnly]) {
    await stream.capture(note);
    await carol.react(note);
  }
  assert.deepEqual((await stream.updates()).map(({ id }) => id), [open.id, homeOnly.id]);
});

test('of a followers-only note only the author and the followers hear', async () => {
  const { alice, bob, carol, stream } = await scene();
  await carol.follow(bob);
  const note = await bob.note({ text: 'captured', visibility: 'followers' });
  const [bobs, carols, visitors] =
    [await bob.stream(), await carol.stream(), await world.visitor.stream()];
  for (const each of [stream, bobs, carols, visitors]) await each.capture(note);
  await carol.react(note);
  assert.deepEqual(await types(bobs), ['reacted']);
  assert.deepEqual(await types(carols), ['reacted']);
  assert.deepEqual(await types(visitors), []);
  assert.deepEqual(await types(stream), []);
  await alice.follow(bob);
  await carol.unreact(note);
  assert.deepEqual(await types(stream), ['unreacted']);
  await alice.unfollow(bob);
  await carol.react(note);
  assert.deepEqual(await types(stream), []);
});

test('of a direct note only those it is for hear', async () => {
  const { alice, bob, carol, stream } = await scene();
  const note = await bob.note({
    text: 'direct', visibility: 'specified', visibleUserIds: [alice.id],
  });
  const [bobs, carols, visitors] =
    [await bob.stream(), await carol.stream(), await world.visitor.stream()];
  for (const each of [stream, bobs, carols, visitors]) await each.capture(note);
  await alice.react(note);
  assert.deepEqual(await types(stream), ['reacted']);
  assert.deepEqual(await types(bobs), ['reacted']);
  assert.deepEqual(await types(carols), []);
  assert.deepEqual(await types(visitors), []);
});

test('the least recently captured note makes room for a new one', async () => {
  const { alice, bob, carol } = await scene();
  const [first, second, last] =
    [await bob.note('first'), await bob.note('second'), await bob.note('last')];
  const socket = await alice.socket();
  const capture = (id) => socket.send({ type: 'subNote', body: { id } });
  capture(first.id);
  capture(second.id);
  for (let i = 0; i < 1_534; i += 1) capture(`unknown${i}`);
  // The first is captured anew and so becomes the latest: the second is the one to go.
  capture(first.id);
  capture(last.id);
  await socket.answered();
  for (const note of [first, second, last]) await carol.react(note);
  const frames = await socket.settle();
  assert.deepEqual(frames.map((frame) => frame.body.id), [first.id, last.id]);
});
