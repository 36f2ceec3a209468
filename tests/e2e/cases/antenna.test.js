// Contract, section 6: `antenna`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

const plain = {
  name: 'an antenna', src: 'all', keywords: [['heron']], excludeKeywords: [[]], users: [''],
  caseSensitive: false, withReplies: false, withFile: false, localOnly: false, excludeBots: false,
};

async function scene(settings) {
  const people = await world.people('alice', 'bob', 'carol');
  const made = typeof settings === 'function' ? settings(people) : settings;
  const { id: antennaId } = await people.alice.api('antennas/create', { ...plain, ...made });
  return { ...people, antennaId, antenna: await people.alice.join('antenna', { antennaId }) };
}

test('it carries the notes that have its words', async () => {
  const { bob, carol, antenna } = await scene();
  const note = await bob.note('a heron in the stream');
  const loud = await carol.note('A HERON');
  await bob.note('a duck');
  assert.deepEqual(await antenna.ids(), [note.id, loud.id]);
});

test('the note comes whole, as the API shows it', async () => {
  const { alice, bob, antenna } = await scene();
  const { id } = await bob.note('a heron');
  const [note] = await antenna.notes();
  const shown = await alice.api('notes/show', { noteId: id });
  assert.equal(note.text, shown.text);
  assert.equal(note.user.username, bob.username);
  assert.deepEqual(Object.keys(note).sort(), Object.keys(shown).sort());
});

test('every group of words counts by itself, with all of its words', async () => {
  const { bob, antenna } = await scene({ keywords: [['grey', 'heron'], ['kingfisher']] });
  const both = await bob.note('a heron, grey as rain');
  const other = await bob.note('a kingfisher');
  await bob.note('a heron');
  assert.deepEqual(await antenna.ids(), [both.id, other.id]);
});

test('excluded words and the case count', async () => {
  const { bob, antenna } = await scene({ excludeKeywords: [['plastic']], caseSensitive: true });
  const note = await bob.note('a heron');
  await bob.note('a plastic heron');
  await bob.note('a HERON');
  assert.deepEqual(await antenna.ids(), [note.id]);
});

test('it can hear some users only', async () => {
  const { bob, carol, antenna } = await scene(({ bob }) => ({
    src: 'users', users: [`@${bob.username}`],
  }));
  const note = await bob.note('a heron');
  await carol.note('a heron');
  assert.deepEqual(await antenna.ids(), [note.id]);
});

test('it can hear local users only', async () => {
  const { bob, antenna } = await scene({ localOnly: true });
  const remote = await world.person('remote', 'remote.example');
  await remote.note('a heron');
  const note = await bob.note('a heron');
  assert.deepEqual(await antenna.ids(), [note.id]);
});

test('replies come only to one that wants them', async () => {
  const { alice, bob, carol, antenna } = await scene();
  const { id: antennaId } = await alice.api('antennas/create', { ...plain, withReplies: true });
  const all = await alice.join('antenna', { antennaId });
  const note = await bob.note('a bird');
  const reply = await carol.reply(note, 'a heron');
  assert.deepEqual(await antenna.ids(), []);
  assert.deepEqual(await all.ids(), [reply.id]);
});

test('a note that I may not see stays away', async () => {
  const { alice, bob, carol, antenna } = await scene();
  await bob.note({ text: 'a heron', visibility: 'followers' });
  await bob.note({ text: 'a heron', visibility: 'specified', visibleUserIds: [carol.id] });
  await alice.api('mute/create', { userId: carol.id });
  await carol.note('a heron');
  assert.deepEqual(await antenna.ids(), []);
});

test('changed words and a deleted antenna take effect at once', async () => {
  const { alice, bob, antennaId, antenna } = await scene();
  await alice.api('antennas/update', { ...plain, antennaId, keywords: [['duck']] });
  await bob.note('a heron');
  const duck = await bob.note('a duck');
  assert.deepEqual(await antenna.ids(), [duck.id]);
  await alice.api('antennas/delete', { antennaId });
  await bob.note('a duck');
  assert.deepEqual(await antenna.ids(), []);
});
