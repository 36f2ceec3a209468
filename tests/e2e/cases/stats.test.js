// Contract, sections 2 and 4: operations on a channel, and the channels of statistics.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
/** Whether something has the shape of a queue's counts. */
function isQueue(counts) {
  assert.deepEqual(Object.keys(counts), ['activeSincePrevTick', 'active', 'waiting', 'delayed']);
  return Object.values(counts).every((count) => Number.isInteger(count) && count >= 0);
}
const kinds = (frames) => frames
  .filter(({ type, body }) => type === 'channel' && body.type !== 'stats')
  .map(({ body }) => [body.id, body.type]);

/** Sends one operation under both of its names, right behind the `connect`. */
for (const type of ['channel', 'ch']) {
  test(`\`${type}\` right behind its \`connect\` is handled`, async () => {
    const socket = await world.visitor.socket();
    socket.connect('queueStats', 'q');
    const body = { id: 'q', type: 'requestLog', body: { id: 'r', length: 5 } };
    socket.send({ type, body });
    const { body: event } = await socket.until(({ body }) => body?.type === 'statsLog');
    assert.equal(event.id, 'q');
    assert.ok(event.body.length >= 1 && event.body.length <= 5);
    const [newest] = event.body;
    assert.deepEqual(Object.keys(newest), ['deliver', 'inbox']);
    assert.ok(isQueue(newest.deliver) && isQueue(newest.inbox), JSON.stringify(newest));
  });
}

test('an operation without a body, or of a channel that is not joined, is dropped', async () => {
  const socket = await world.visitor.socket();
  socket.connect('queueStats', 'q');
  socket.send({ type: 'ch', body: { id: 'q', type: 'requestLog' } });
  socket.send({ type: 'ch', body: { id: 'other', type: 'requestLog', body: { id: 'r', length: 1 } } });
  socket.send({ type: 'ch', body: { id: 'q', type: 'nonsense', body: {} } });
  assert.deepEqual(kinds(await socket.settle()), []);
});

test('`serverStats` brings numbers of the machine, with the official client', async () => {
  const stats = await world.visitor.join('serverStats');
  const { cpu, mem, net, fs } = await stats.until('stats');
  assert.ok(cpu >= 0 && cpu <= 1, String(cpu));
  for (const number of [mem.used, mem.active, net.rx, net.tx, fs.r, fs.w]) {
    assert.ok(Number.isFinite(number) && number >= 0, String(number));
  }
  stats.connection.send('requestLog', { id: 'r', length: 200 });
  const log = await stats.until('statsLog');
  assert.ok(log.length >= 1 && log.length <= 200);
});

test('`queueStats` tells how much came in and was delivered since it told last', async () => {
  const { alice } = await world.people('alice');
  const [stats, home] = [await world.visitor.join('queueStats'), await alice.join('homeTimeline')];
  await alice.note('counted');
  await home.until('note');
  const told = await stats.until('stats', ({ deliver, inbox }) =>
    deliver.activeSincePrevTick > 0 && inbox.activeSincePrevTick > 0);
  assert.ok(isQueue(told.deliver) && isQueue(told.inbox));
});
