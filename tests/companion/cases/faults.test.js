// What happens when Redis or PostgreSQL fails: streams stay, log-ins wait no longer than they
// may, `/readyz` tells the truth, and all recovers by itself.
//
// With `SESERAGI_SOAK=1` outages take as long as they do in earnest.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { metric, until } from '../lib/nodes.js';
import { World } from '../lib/world.js';

const SOAK = process.env.SESERAGI_SOAK === '1';
const CLIENTS = 1_000;
/** How long PostgreSQL is away. */
const OUTAGE_MS = SOAK ? 60_000 : 2_000;
/** By how much both are late. */
const DELAY_MS = SOAK ? 5_000 : 500;
/** A log-in that can't succeed may wait so long. */
const LOGIN_MS_MAX = 20_000;
/** How soon events flow after Redis is back; a machine that does much else is given more. */
const BACK_MS_MAX = SOAK ? 2_000 : 20_000;

/** The status and the reason of `/readyz`. */
async function readiness({ nodes: { servers: [{ admin }] } }) {
  const answer = await fetch(`${admin}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

const becomes = (world, status) =>
  until(async () => (await readiness(world)).status === status, `/readyz does not become ${status}`);

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const open = (clients) => clients.filter((client) => client.closed === null).length;

/** Which notes each client got since the last look. */
const notes = (client) => client.take()
  .filter(({ type, body }) => type === 'channel' && body.type === 'note')
  .map(({ body }) => body.body.id);

describe('beside servers that fail', () => {
  let world;
  let clients;

  before(async () => {
    world = await World.start({ users: CLIENTS + 100 });
    clients = await world.openAll(Array.from({ length: CLIENTS }, (_, n) => n));
  });
  after(() => world?.stop());

  test('notes reach all who follow', async () => {
    await world.post('note1');
    await world.reached(clients);
    for (const client of clients) assert.deepEqual(notes(client), ['note1']);
  });

  test('a message that is none is counted and dropped', async () => {
    const [server] = world.nodes.servers;
    const name = 'seseragi_store_messages_dropped_total{reason="undecodable"}';
    const errors = await metric(server, name);
    await world.publishRaw(Buffer.from([0xff, 0xfe, 0x00]));
    await world.publishRaw('{"channel":"notesStream"');
    await world.post('note2');
    await world.reached(clients);
    for (const client of clients) assert.deepEqual(notes(client), ['note2']);
    await until(async () => (await metric(server, name)) === errors + 2, 'they are not counted');
    assert.equal((await readiness(world)).status, 200);
  });

  test('Redis ends and comes back', async (context) => {
    const [server] = world.nodes.servers;
    const gaps = await metric(server, 'seseragi_event_gaps_total');
    await world.redis.halt();
    await becomes(world, 503);
    assert.match((await readiness(world)).text, /redis/i);
    assert.equal(open(clients), CLIENTS);

    await world.redis.resume();
    const back = performance.now();
    await world.reached(clients);
    const took = performance.now() - back;
    context.diagnostic(`events flowed again ${took.toFixed(0)} ms after Redis was back`);
    assert.ok(took < BACK_MS_MAX, `it took ${took} ms`);
    await becomes(world, 200);
    assert.equal(open(clients), CLIENTS);
    assert.equal(await metric(server, 'seseragi_event_gaps_total'), gaps + 1);
  });

  test('Redis talks garbage', async () => {
    const [server] = world.nodes.servers;
    const gaps = await metric(server, 'seseragi_event_gaps_total');
    world.redisProxy.inject(Buffer.from('!#garbage\r\n$-77\r\n*1\r\n'));
    await until(async () => (await metric(server, 'seseragi_event_gaps_total')) > gaps, 'no gap is counted');
    await world.reached(clients);
    await becomes(world, 200);
    await world.post('note3');
    await world.reached(clients);
    assert.equal(open(clients), CLIENTS);
    for (const client of clients) assert.deepEqual(notes(client), ['note3']);
  });

  test('PostgreSQL is gone', async () => {
    await world.databaseProxy.refuse();
    await becomes(world, 503);
    assert.match((await readiness(world)).text, /database|postgresql/i);
    const away = performance.now();
    do {
      await world.post('note4');
      await world.reached(clients);
      for (const client of clients) assert.deepEqual(notes(client), ['note4']);
      await refusedInTime(world, CLIENTS);
      await pause(200);
    } while (performance.now() - away < OUTAGE_MS);

    await world.databaseProxy.accept();
    await recovers(world, clients, CLIENTS);
    assert.equal(open(clients), CLIENTS);
  });

  test('PostgreSQL takes connections and says nothing', async () => {
    world.databaseProxy.delay(3_600_000);
    await refusedInTime(world, CLIENTS + 10);
    await world.post('note5');
    await world.reached(clients);
    for (const client of clients) assert.deepEqual(notes(client), ['note5']);
    world.databaseProxy.cut();
    world.databaseProxy.delay(0);
    await recovers(world, clients, CLIENTS + 10);
    assert.equal(open(clients), CLIENTS);
  });

  test('both are slow', async () => {
    world.databaseProxy.delay(DELAY_MS / 2);
    world.redisProxy.delay(DELAY_MS / 2);
    await world.post('note6');
    await world.reached(clients);
    for (const client of clients) assert.deepEqual(notes(client), ['note6']);
    const asked = performance.now();
    const late = await world.open(CLIENTS + 20);
    assert.ok([undefined, 500].includes(late.status), `status ${late.status}`);
    assert.ok(performance.now() - asked < LOGIN_MS_MAX + 4 * DELAY_MS);
    world.databaseProxy.delay(0);
    world.redisProxy.delay(0);
    await recovers(world, clients, CLIENTS + 21);
    assert.equal(open(clients), CLIENTS);
  });

  test('no secret reached the log', () => {
    const { log } = world.nodes;
    for (const { pass } of [world.postgres.settings, world.redis.settings]) {
      assert.ok(!log.includes(pass) && !log.includes(encodeURIComponent(pass)));
    }
    assert.doesNotMatch(log, /token0/);
  });
});

/** A log-in gets 500, and not too late. */
async function refusedInTime(world, n) {
  const asked = performance.now();
  const { status } = await world.open(n);
  assert.equal(status, 500);
  assert.ok(performance.now() - asked < LOGIN_MS_MAX, 'the answer came too late');
}

/** All is as it was, without anybody's help. */
async function recovers(world, clients, n) {
  await becomes(world, 200);
  let client;
  await until(async () => {
    client = await world.open(n);
    return client.status === undefined;
  }, 'nobody can log in');
  client.send(JSON.stringify({ type: 'connect', body: { channel: 'homeTimeline', id: 'home' } }));
  await client.settle();
  await world.post(`recovered${n}`);
  await world.reached([client, ...clients]);
  for (const each of [client, ...clients]) assert.deepEqual(notes(each), [`recovered${n}`]);
}
