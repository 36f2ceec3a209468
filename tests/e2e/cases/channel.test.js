// Contract, section 6: `channel`, the channels that people make.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

async function scene() {
  const people = await world.people('alice', 'bob', 'carol');
  const { id: channelId } = await people.bob.api('channels/create', { name: 'a channel' });
  return { ...people, channelId, channel: await people.alice.join('channel', { channelId }) };
}

test('it carries what is posted to it, of anyone, and nothing else', async () => {
  const { bob, carol, channelId, channel } = await scene();
  const visitors = await world.visitor.join('channel', { channelId });
  const other = await bob.api('channels/create', { name: 'another channel' });
  const note = await carol.note({ text: 'in', channelId });
  const reply = await bob.reply(note, { text: 'a reply', channelId });
  const renote = await bob.renote(note, { channelId });
  await bob.note({ text: 'elsewhere', channelId: other.id });
  await bob.note('in no channel');
  await bob.renote(note);
  assert.deepEqual(await channel.ids(), [note.id, reply.id, renote.id]);
  assert.deepEqual(await visitors.ids(), [note.id, reply.id, renote.id]);
});

test('a note in a channel names it', async () => {
  const { bob, channelId, channel } = await scene();
  await bob.note({ text: 'in', channelId });
  const [note] = await channel.notes();
  assert.equal(note.channelId, channelId);
  assert.equal(note.channel.name, 'a channel');
});

test('who looks at a channel sees it even where they have muted it', async () => {
  const { alice, bob, channelId, channel } = await scene();
  await alice.api('channels/mute/create', { channelId });
  const note = await bob.note({ text: 'in', channelId });
  assert.deepEqual(await channel.ids(), [note.id]);
});

test('a renote of a note of another muted channel stays away', async () => {
  const { alice, bob, carol, channelId, channel } = await scene();
  const muted = await carol.api('channels/create', { name: 'muted' });
  await alice.api('channels/mute/create', { channelId: muted.id });
  const note = await carol.note({ text: 'in the muted one', channelId: muted.id });
  await bob.renote(note, { channelId });
  assert.deepEqual(await channel.ids(), []);
});

test('somebody I mute stays muted', async () => {
  const { alice, carol, channelId, channel } = await scene();
  await alice.api('mute/create', { userId: carol.id });
  await carol.note({ text: 'in', channelId });
  assert.deepEqual(await channel.ids(), []);
});

test('a visitor does not get notes of those who require a sign-in', async () => {
  const { bob, channelId } = await scene();
  await bob.api('i/update', { requireSigninToViewContents: true });
  const visitors = await world.visitor.join('channel', { channelId });
  await bob.note({ text: 'for users only', channelId });
  assert.deepEqual(await visitors.ids(), []);
});
