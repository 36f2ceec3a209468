// Contract, section 8: base policies decide which timelines may be joined.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice } = await world.people('alice');

// The first account is the administrator.
const set = (policies) =>
  world.keeper.api('admin/roles/update-default-policies', { policies });

const TIMELINES = ['localTimeline', 'hybridTimeline', 'globalTimeline'];

/** The timelines that can be joined on a stream that has heard of all that happened. */
async function open(socket) {
  await socket.settle();
  const joined = [];
  for (const name of TIMELINES) if (await socket.joins(name)) joined.push(name);
  return joined;
}

const cases = [
  [{}, TIMELINES, ['localTimeline', 'globalTimeline']],
  [{ ltlAvailable: false }, ['globalTimeline'], ['globalTimeline']],
  [{ gtlAvailable: false }, ['localTimeline', 'hybridTimeline'], ['localTimeline']],
  [{ ltlAvailable: false, gtlAvailable: false }, [], []],
];

for (const [policies, forUsers, forVisitors] of cases) {
  test(`${JSON.stringify(policies)} is in force for who is connected and who comes`, async () => {
    const connected = [await alice.socket(), await world.visitor.socket()];
    await set(policies);
    const after = [await alice.socket(), await world.visitor.socket()];
    for (const [user, visitor] of [connected, after]) {
      assert.deepEqual(await open(user), forUsers);
      assert.deepEqual(await open(visitor), forVisitors);
    }
  });
}

test('the timelines of REST are closed with them', async () => {
  await set({ ltlAvailable: false, gtlAvailable: false });
  const calls = { local: 'LTL_DISABLED', hybrid: 'STL_DISABLED', global: 'GTL_DISABLED' };
  for (const [timeline, code] of Object.entries(calls)) {
    await assert.rejects(alice.api(`notes/${timeline}-timeline`), (error) => error.code === code);
  }
});
