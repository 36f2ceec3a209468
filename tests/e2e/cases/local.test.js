// Contract, section 6: `localTimeline`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

async function scene(params) {
  const people = await world.people('alice', 'bob', 'carol');
  return { ...people, local: await people.alice.join('localTimeline', params) };
}

test('it carries the public notes of local users, strangers or not', async () => {
  const { alice, bob, local } = await scene();
  const note = await bob.note('public');
  const mine = await alice.note('mine');
  await bob.note({ text: 'home', visibility: 'home' });
  await bob.note({ text: 'followers', visibility: 'followers' });
  await bob.note({ text: 'direct', visibility: 'specified', visibleUserIds: [alice.id] });
  assert.deepEqual(await local.ids(), [note.id, mine.id]);
});

test('a remote note stays away', async () => {
  const { local } = await scene();
  const remote = await world.person('remote', 'remote.example');
  await remote.note('from afar');
  assert.deepEqual(await local.ids(), []);
});

test('a note in a channel stays away', async () => {
  const { bob, local } = await scene();
  const channel = await bob.api('channels/create', { name: 'a channel' });
  await bob.note({ text: 'in a channel', channelId: channel.id });
  assert.deepEqual(await local.ids(), []);
});

test('a reply comes if it is to me, by me, or to its own author', async () => {
  const { alice, bob, carol, local } = await scene();
  const [ofAlice, ofBob, ofCarol] =
    [await alice.note('a'), await bob.note('b'), await carol.note('c')];
  await local.events();
  const toMe = await bob.reply(ofAlice, 'to me');
  const toThemself = await bob.reply(ofBob, 'to themself');
  const byMe = await alice.reply(ofCarol, 'by me');
  await bob.reply(ofCarol, 'to another');
  assert.deepEqual(await local.ids(), [toMe.id, toThemself.id, byMe.id]);
});

test('with replies asked for, every reply comes', async () => {
  const { bob, carol, local } = await scene({ withReplies: true });
  const note = await carol.note('c');
  const reply = await bob.reply(note, 'to another');
  assert.deepEqual(await local.ids(), [note.id, reply.id]);
});

test('a reply of somebody I follow with replies comes', async () => {
  const { alice, bob, carol, local } = await scene();
  await alice.api('following/create', { userId: bob.id, withReplies: true });
  const note = await carol.note('c');
  const reply = await bob.reply(note, 'to another');
  await carol.reply(reply, 'of a stranger, to another');
  assert.deepEqual(await local.ids(), [note.id, reply.id]);
});

test('a visitor gets every reply', async () => {
  const { bob, carol } = await scene();
  const local = await world.visitor.join('localTimeline');
  const note = await carol.note('c');
  const reply = await bob.reply(note, 'to another');
  assert.deepEqual(await local.ids(), [note.id, reply.id]);
});

test('renotes come unless they are declined', async () => {
  const { alice, bob, carol, local } = await scene();
  const declined = await alice.join('localTimeline', { withRenotes: false });
  const note = await carol.note('to renote');
  const renote = await bob.renote(note);
  const quote = await bob.quote(note, 'a quote');
  assert.deepEqual(await local.ids(), [note.id, renote.id, quote.id]);
  assert.deepEqual(await declined.ids(), [note.id, quote.id]);
});

test('with files only, a note without files stays away', async () => {
  const { bob, local } = await scene({ withFiles: true });
  await bob.note('no file');
  assert.deepEqual(await local.ids(), []);
});

test('a visitor does not get notes of those who require a sign-in', async () => {
  const { alice, bob, local } = await scene();
  await bob.api('i/update', { requireSigninToViewContents: true });
  const visitors = await world.visitor.join('localTimeline', { withReplies: true });
  const note = await bob.note('for users only');
  const renote = await alice.renote(note);
  const quote = await alice.quote(note, 'a quote');
  const reply = await alice.reply(note, 'a reply');
  assert.deepEqual(await local.ids(), [note.id, renote.id, quote.id, reply.id]);
  assert.deepEqual(await visitors.ids(), []);
});
