// Each proxy with the files of `deploy/`, in front of two Seseragi processes and a Misskey.
//
// With `SESERAGI_SOAK=1` a stream is silent for longer than proxies like to wait.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, handshake } from '../../e2e/lib/handshake.js';
import { Connection } from '../lib/connection.js';
import { Front, KINDS } from '../lib/front.js';
import { Misskey } from '../lib/misskey.js';
import { metric, until } from '../lib/nodes.js';
import { World, tokenOf } from '../lib/world.js';

const SILENCE_MS = process.env.SESERAGI_SOAK === '1' ? 200_000 : 1_000;
const PER_ADDRESS_MAX = 4;
/** So many clients show a share of a tenth to within a few hundredths. */
const CANARY_CLIENTS = 400;
const DRAIN_CLIENTS = 8;

/** A network address of this machine for each client: all of 127.0.0.0/8 is. */
const addressOf = (n) => `127.1.${Math.floor(n / 250)}.${(n % 250) + 1}`;

for (const kind of Object.keys(KINDS)) describe(`behind ${kind}`, () => {
  let world;
  let front;

  /** Opens a stream as `user{n}`, or as a visitor where `token` is null. */
  const open = (n, { token = tokenOf(n), localAddress = addressOf(n), headers = {}, through = front } = {}) =>
    Connection.open(through.origin, { url: token === null ? '/streaming' : `/streaming?i=${token}`, headers, localAddress });

  const openHome = async (n) => {
    const client = await open(n);
    assert.ok(client instanceof Connection, `status ${client.status}`);
    client.send(JSON.stringify({ type: 'connect', body: { channel: 'homeTimeline', id: 'home' } }));
    await client.settle();
    return client;
  };

  const total = async (name) => {
    const values = await Promise.all(world.nodes.servers.map((server) => metric(server, name)));
    return values.reduce((sum, value) => sum + value, 0);
  };

  before(async () => {
    const args = ['--connections-per-address-max', String(PER_ADDRESS_MAX)];
    world = await World.start({ users: 20, count: 2, args });
    world.misskey = await Misskey.start();
    front = await Front.start(kind, world, { everyone: true });
  });
  after(async () => {
    await front?.stop();
    await world?.misskey?.stop();
    await world?.stop();
  });

  test('a stream works, and silence does not end it', async () => {
    const client = await openHome(1);
    await world.post('note1');
    await world.reached([client]);
    assert.deepEqual(notes(client), ['note1']);
    await new Promise((resolve) => { setTimeout(resolve, SILENCE_MS); });
    assert.equal(client.closed, null);
    await world.post('note2');
    await world.reached([client]);
    assert.deepEqual(notes(client), ['note2']);
    await client.close();
    assert.equal(world.misskey.streams, 0);
  });

  test('all else is Misskey\'s', async () => {
    for (const [method, path] of [['GET', '/'], ['POST', '/api/meta'], ['GET', '/streaming2'], ['GET', '/streaming/x']]) {
      const { status, body } = await ask(front, path, {}, method);
      assert.deepEqual([status, body], [200, `Misskey answers ${path}`]);
      assert.ok(world.misskey.requests.includes(`${method} ${path}`));
    }
    if (!KINDS[kind].caches) return;
    await ask(front, '/');
    const asked = world.misskey.requests.filter((request) => request === 'GET /');
    assert.equal(asked.length, 1, 'the proxy of this test caches');
  });

  test('no answer of the stream is kept for others', async () => {
    const refused = await total('seseragi_handshakes_total{result="unauthorized"}');
    for (const round of [1, 2]) {
      const { status, headers } = await handshake(front, '/streaming?i=nobody');
      assert.deepEqual([status, headers['cache-control']], [401, 'no-store']);
      assert.equal(await total('seseragi_handshakes_total{result="unauthorized"}'), refused + round);
    }
    const plain = await ask(front, '/streaming');
    assert.deepEqual([plain.status, plain.headers['cache-control']], [426, 'no-store']);
  });

  test('clients have their own addresses, whatever they say', async () => {
    const crowd = [];
    for (let n = 0; n <= 2 * PER_ADDRESS_MAX; n += 1) {
      const headers = { 'x-forwarded-for': `192.0.2.${n + 1}` };
      crowd.push(await open(0, { token: null, localAddress: '127.2.0.1', headers }));
    }
    await until(() => crowd.some((client) => client.closed === 1008), 'an address may have any number');
    await openHome(2).then((client) => client.close());
    await Promise.all(crowd.map((client) => client.close()));
  });

  test('the share of the file is the canary', async (context) => {
    const canary = await Front.start(kind, world, { everyone: false });
    context.after(() => canary.stop());
    const before = world.misskey.streams;
    for (let n = 0; n < CANARY_CLIENTS; n += 1) {
      const client = await open(n, { token: null, through: canary });
      await client.close();
    }
    const share = 1 - (world.misskey.streams - before) / CANARY_CLIENTS;
    context.diagnostic(`${(100 * share).toFixed(1)} % came to Seseragi`);
    assert.ok(share > 0.05 && share < 0.16, `the share is ${share}`);
  });

  test('clients of a process that stops go to the other', async () => {
    const clients = await Promise.all(Array.from({ length: DRAIN_CLIENTS }, (_, n) => openHome(n + 3)));
    const [one, two] = world.nodes.servers;
    for (const server of [one, two]) {
      const count = await metric(server, 'seseragi_connections');
      assert.ok(count > 0, 'both have clients');
    }
    assert.equal(await one.stop(), 0);
    await until(() => clients.some(({ closed }) => closed !== null), 'nobody was sent away');
    const away = clients.map((client, n) => ({ client, n: n + 3 })).filter(({ client }) => client.closed !== null);
    for (const { client } of away) assert.equal(client.closed, 1012);
    assert.ok(away.length < clients.length, 'those of the other stay');
    const back = await Promise.all(away.map(({ n }) => openHome(n)));
    await world.post('note3');
    const all = [...clients.filter(({ closed }) => closed === null), ...back];
    await world.reached(all);
    for (const client of all) assert.deepEqual(notes(client), ['note3']);
  });

  test('with no process left Misskey streams, and no token is in any log', async () => {
    const streams = world.misskey.streams;
    assert.equal(await world.nodes.servers[1].stop(), 0);
    await until(async () => {
      const client = await open(1);
      if (client instanceof Connection) await client.close();
      return world.misskey.streams > streams;
    }, 'nobody takes over');
    await world.misskey.stop();
    const { status } = await open(1);
    assert.ok([502, 503].includes(status), `status ${status}`);

    await until(async () => (await front.log()).includes(`${status}`), 'the failure is not logged');
    const log = await front.log();
    assert.match(log, /\/streaming/);
    assert.doesNotMatch(log, /token0|nobody/);
  });
});

/** Which notes a client got since the last look. */
function notes(client) {
  return client.take()
    .filter(({ type, body }) => type === 'channel' && body.type === 'note')
    .map(({ body }) => body.body.id);
}
