// Contract, section 6: `userList`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

/** Alice has a list with bob on it and listens to it; carol is on no list. */
async function scene(params) {
  const people = await world.people('alice', 'bob', 'carol');
  const { id: listId } = await people.alice.api('users/lists/create', { name: 'a list' });
  await people.alice.api('users/lists/push', { listId, userId: people.bob.id });
  return { ...people, listId, list: await people.alice.join('userList', { listId, ...params }) };
}

test('it carries the notes of its members that I may see', async () => {
  const { alice, bob, carol, list } = await scene();
  const open = await bob.note('open');
  const homeOnly = await bob.note({ text: 'home', visibility: 'home' });
  const direct = await bob.note({
    text: 'direct', visibility: 'specified', visibleUserIds: [alice.id],
  });
  await bob.note({ text: 'followers', visibility: 'followers' });
  await carol.note('not on the list');
  await alice.note('mine');
  assert.deepEqual(await list.ids(), [open.id, homeOnly.id, direct.id]);
});

test('a followers-only note of a member comes to a follower', async () => {
  const { alice, bob, list } = await scene();
  await alice.follow(bob);
  const note = await bob.note({ text: 'followers', visibility: 'followers' });
  assert.deepEqual(await list.ids(), [note.id]);
});

test('a note in a channel stays away', async () => {
  const { bob, list } = await scene();
  const channel = await bob.api('channels/create', { name: 'a channel' });
  await bob.note({ text: 'in a channel', channelId: channel.id });
  assert.deepEqual(await list.ids(), []);
});

test('members come and go, and it says so', async () => {
  const { alice, bob, carol, listId, list } = await scene();
  await alice.api('users/lists/push', { listId, userId: carol.id });
  const note = await carol.note('on the list');
  await alice.api('users/lists/pull', { listId, userId: bob.id });
  await bob.note('off the list');
  const events = await list.events();
  assert.deepEqual(
    events.map(({ type, body }) => [type, body.id]),
    [['userAdded', carol.id], ['note', note.id], ['userRemoved', bob.id]],
  );
});

test('replies to others come as the membership says', async () => {
  const { alice, bob, carol, listId, list } = await scene();
  const note = await carol.note('c');
  const own = await bob.note('b');
  await bob.reply(note, 'before');
  const toThemself = await bob.reply(own, 'to themself');
  await alice.api('users/lists/update-membership', { listId, userId: bob.id, withReplies: true });
  const after = await bob.reply(note, 'after');
  assert.deepEqual(await list.ids(), [own.id, toThemself.id, after.id]);
});

test('renotes and notes without files can be declined', async () => {
  const { alice, bob, carol, listId, list } = await scene({ withRenotes: false });
  const filesOnly = await alice.join('userList', { listId, withFiles: true });
  const note = await carol.note('c');
  await bob.renote(note);
  const quote = await bob.quote(note, 'a quote');
  assert.deepEqual(await list.ids(), [quote.id]);
  assert.deepEqual(await filesOnly.ids(), []);
});

test('a list that is deleted carries nothing any more', async () => {
  const { alice, bob, listId, list } = await scene();
  await alice.api('users/lists/delete', { listId });
  await bob.note('to nobody');
  assert.deepEqual(await list.ids(), []);
});

test('a followers-only note comes where it replies to me or mentions me', async () => {
  const { alice, bob, carol, list } = await scene();
  const mine = await alice.note('mine');
  const closed = (params) => ({ visibility: 'followers', ...params });
  const reply = await bob.reply(mine, closed({ text: 'a reply' }));
  const mention = await bob.note(closed({ text: `@${alice.username}` }));
  await bob.note(closed({ text: `@${carol.username}` }));
  assert.deepEqual(await list.ids(), [reply.id, mention.id]);
});

test('a member whom I mute stays away, and so does what leads to them', async () => {
  const { alice, bob, carol, listId, list } = await scene();
  await alice.api('users/lists/push', { listId, userId: carol.id });
  await list.events();
  const before = await bob.note('before');
  await alice.api('mute/create', { userId: bob.id });
  await bob.note('muted');
  await carol.renote(before);
  const other = await carol.note('of another');
  assert.deepEqual(await list.ids(), [before.id, other.id]);
});
