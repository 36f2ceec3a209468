// Contract, sections 4 and 8: `roleTimeline`, and what roles let their members join.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

const plain = {
  name: 'role', description: '', color: null, iconUrl: null, target: 'manual', condFormula: {},
  isPublic: true, isModerator: false, isAdministrator: false, isExplorable: true, asBadge: false,
  canEditMembersByModerator: false, displayOrder: 0, policies: {},
};

// The first account is the administrator.
const admin = (endpoint, params) => world.keeper.api(`admin/roles/${endpoint}`, params);
const newRole = (settings) => admin('create', { ...plain, ...settings });
const assign = (role, user, more) => admin('assign', { roleId: role.id, userId: user.id, ...more });
const unassign = (role, user) => admin('unassign', { roleId: role.id, userId: user.id });

const says = (value, priority = 0) => ({ useDefault: false, priority, value });

/** Whether the channel can be joined on a stream that has heard of all that happened. */
async function joins(socket, channel, params) {
  await socket.settle();
  return socket.joins(channel, params);
}

test('roleTimeline carries the public notes of the members, while they are that', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const role = await newRole({});
  await assign(role, bob);
  const timelines = [
    await alice.join('roleTimeline', { roleId: role.id }),
    await world.visitor.join('roleTimeline', { roleId: role.id }),
  ];
  const note = await bob.note('as a member');
  await bob.note({ text: 'not public', visibility: 'home' });
  await alice.note('not a member');
  await unassign(role, bob);
  await bob.note('no member any more');
  for (const timeline of timelines) assert.deepEqual(await timeline.ids(), [note.id]);
  const listed = await alice.api('roles/notes', { roleId: role.id });
  assert.deepEqual(listed.map(({ id }) => id), [note.id]);
});

test('roleTimeline ends for those on it when the role can no longer be explored', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const role = await newRole({});
  await assign(role, bob);
  const timeline = await alice.join('roleTimeline', { roleId: role.id });
  await admin('update', { roleId: role.id, isExplorable: false });
  await bob.note('unheard');
  assert.deepEqual(await timeline.ids(), []);
  assert.equal(await joins(await alice.socket(), 'roleTimeline', { roleId: role.id }), false);
  await admin('update', { roleId: role.id, isExplorable: true });
  const note = await bob.note('heard again');
  assert.deepEqual(await timeline.ids(), [note.id]);
  await admin('delete', { roleId: role.id });
  assert.equal(await joins(await alice.socket(), 'roleTimeline', { roleId: role.id }), false);
});

for (const hidden of [{ isPublic: false }, { isExplorable: false }]) {
  test(`roleTimeline of a role with ${JSON.stringify(hidden)} can't be joined`, async () => {
    const { alice, bob } = await world.people('alice', 'bob');
    const role = await newRole(hidden);
    await assign(role, bob);
    for (const who of [alice, bob, world.visitor]) {
      assert.equal(await joins(await who.socket(), 'roleTimeline', { roleId: role.id }), false);
    }
  });
}

test('a mute and a block count on roleTimeline too', async () => {
  const { alice, bob, carol } = await world.people('alice', 'bob', 'carol');
  const role = await newRole({});
  for (const member of [bob, carol]) await assign(role, member);
  await alice.api('mute/create', { userId: bob.id });
  await carol.api('blocking/create', { userId: alice.id });
  const timeline = await alice.join('roleTimeline', { roleId: role.id });
  for (const member of [bob, carol]) await member.note('unwanted');
  assert.deepEqual(await timeline.ids(), []);
});

test('a role that is given is told on main', async () => {
  const { alice } = await world.people('alice');
  const main = await alice.join('main');
  const role = await newRole({ name: 'told' });
  await assign(role, alice);
  const { type, role: told } = await main.until('notification');
  assert.deepEqual([type, told.id, told.name], ['roleAssigned', role.id, 'told']);
  const { roles } = await world.visitor.api('users/show', { userId: alice.id });
  assert.deepEqual(roles.map(({ name }) => name), ['told']);
});

test('roles open and close timelines, on open connections and new ones', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const [connected, other] = [await alice.socket(), await bob.socket()];
  const closes = await newRole({ policies: { ltlAvailable: says(false) } });
  const opens = await newRole({ policies: { ltlAvailable: says(true, 1) } });
  const local = (socket) => joins(socket, 'localTimeline');
  assert.equal(await local(connected), true);
  await assign(closes, alice);
  assert.equal(await local(connected), false);
  assert.equal(await local(await alice.socket()), false);
  assert.equal(await joins(connected, 'hybridTimeline'), false);
  assert.equal(await joins(connected, 'globalTimeline'), true);
  assert.equal(await local(other), true);
  await assign(opens, alice);
  assert.equal(await local(connected), true);
  await unassign(opens, alice);
  await admin('update', { roleId: closes.id, policies: {} });
  assert.equal(await local(connected), true);
});

test('what was joined before its policy closed goes on, as on real servers', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const local = await alice.join('localTimeline');
  const role = await newRole({ policies: { ltlAvailable: says(false) } });
  await assign(role, alice);
  const note = await bob.note('still there');
  assert.deepEqual(await local.ids(), [note.id]);
});

test('a conditional role is there for those it holds of, from the moment it does', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const condFormula = {
    id: 'a', type: 'and', values: [
      { id: 'b', type: 'isLocal' }, { id: 'c', type: 'notesMoreThanOrEq', value: 1 },
      { id: 'd', type: 'not', value: { id: 'e', type: 'isCat' } },
    ],
  };
  const role = await newRole({
    target: 'conditional', condFormula, policies: { gtlAvailable: says(false) },
  });
  const socket = await alice.socket();
  assert.equal(await joins(socket, 'globalTimeline'), true);
  await alice.note('one');
  assert.equal(await joins(socket, 'globalTimeline'), false);
  assert.equal(await joins(await bob.socket(), 'globalTimeline'), true);
  await alice.api('i/update', { isCat: true });
  assert.equal(await joins(socket, 'globalTimeline'), true);
  await admin('delete', { roleId: role.id });
});

test('a role ends by itself', async () => {
  const { alice } = await world.people('alice');
  const role = await newRole({ policies: { ltlAvailable: says(false) } });
  const socket = await alice.socket();
  await assign(role, alice, { expiresAt: Date.now() + 1_500 });
  const { roles } = await alice.api('i');
  assert.equal(roles.length, 1);
  while (!(await joins(socket, 'localTimeline'))) { /* The condition is waited for. */ }
  assert.deepEqual((await alice.api('i')).roles, []);
});

test('a moderator joins admin, others do not', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const role = await newRole({ isModerator: true });
  await assign(role, alice);
  assert.equal(await joins(await alice.socket(), 'admin'), true);
  assert.equal(await joins(await bob.socket(), 'admin'), false);
  assert.equal(await joins(await world.keeper.socket(), 'admin'), true);
  await unassign(role, alice);
  assert.equal(await joins(await alice.socket(), 'admin'), false);
});
