// Contract, section 6: `globalTimeline`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

test('it carries all public notes, remote ones and replies too', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const remote = await world.person('remote', 'remote.example');
  const [mine, visitors] =
    [await alice.join('globalTimeline'), await world.visitor.join('globalTimeline')];
  const local = await bob.note('local');
  const far = await remote.note('from afar');
  const reply = await remote.reply(local, 'a reply');
  await bob.note({ text: 'home', visibility: 'home' });
  await bob.note({ text: 'direct', visibility: 'specified', visibleUserIds: [alice.id] });
  const channel = await bob.api('channels/create', { name: 'a channel' });
  await bob.note({ text: 'in a channel', channelId: channel.id });
  assert.deepEqual(await mine.ids(), [local.id, far.id, reply.id]);
  // Visitors see the notes of local users only, unless the server says otherwise.
  assert.deepEqual(await visitors.ids(), [local.id]);
});

test('renotes and notes without files can be declined', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const noRenotes = await alice.join('globalTimeline', { withRenotes: false });
  const filesOnly = await alice.join('globalTimeline', { withFiles: true });
  const note = await bob.note('to renote');
  await bob.renote(note);
  assert.deepEqual(await noRenotes.ids(), [note.id]);
  assert.deepEqual(await filesOnly.ids(), []);
});

test('a visitor does not get notes of those who require a sign-in', async () => {
  const { bob } = await world.people('bob');
  await bob.api('i/update', { requireSigninToViewContents: true });
  const visitors = await world.visitor.join('globalTimeline');
  await bob.note('for users only');
  assert.deepEqual(await visitors.ids(), []);
});
