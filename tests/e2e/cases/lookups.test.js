// Endpoints that only look something up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

test('a file is known by what is in it, to its owner alone', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const { id, md5 } = await alice.upload();
  const has = (who) => who.api('drive/files/check-existence', { md5 });
  const found = (who) => who.api('drive/files/find-by-hash', { md5 });
  assert.deepEqual([await has(alice), await has(bob)], [true, false]);
  assert.deepEqual((await found(alice)).map((file) => file.id), [id]);
  assert.deepEqual(await found(bob), []);
});

test('the registry lists what is in a scope', async () => {
  const { alice } = await world.people('alice');
  const scope = ['client', 'base'];
  await alice.api('i/registry/set', { scope, key: 'one', value: 1 });
  await alice.api('i/registry/set', { scope, key: 'two', value: ['x'] });
  await alice.api('i/registry/set', { scope: ['other'], key: 'three', value: null });
  assert.deepEqual(await alice.api('i/registry/get-all', { scope }), { one: 1, two: ['x'] });
  assert.deepEqual((await alice.api('i/registry/keys', { scope })).sort(), ['one', 'two']);
  assert.deepEqual(
    await alice.api('i/registry/keys-with-type', { scope }), { one: 'number', two: 'array' });
});

test('a role is shown to everyone, if it is public', async () => {
  const role = {
    name: 'shown', description: 'a role', color: null, iconUrl: null, target: 'manual',
    condFormula: {}, isPublic: true, isModerator: false, isAdministrator: false,
    isExplorable: true, asBadge: false, canEditMembersByModerator: false, displayOrder: 0,
    policies: {},
  };
  const make = (more) => world.keeper.api('admin/roles/create', { ...role, ...more });
  const [open, secret] = [await make(), await make({ isPublic: false })];
  const shown = await world.visitor.api('roles/show', { roleId: open.id });
  assert.deepEqual([shown.id, shown.name], [open.id, 'shown']);
  await assert.rejects(
    world.visitor.api('roles/show', { roleId: secret.id }), { code: 'NO_SUCH_ROLE' });
});

test('the emojis are listed to those who manage them', async () => {
  const { alice } = await world.people('alice');
  const image = await world.keeper.upload('e.gif');
  const { id } = await world.keeper.api('admin/emoji/add', { name: 'listed', fileId: image.id });
  const listed = await world.keeper.api('admin/emoji/list', { query: 'listed' });
  assert.deepEqual(listed.map((emoji) => emoji.id), [id]);
  await assert.rejects(alice.api('admin/emoji/list'), { code: 'ROLE_PERMISSION_DENIED' });
});
