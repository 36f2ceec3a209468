// How often the database is asked: not once for each who comes, nor for each event.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { metric } from '../lib/nodes.js';
import { World } from '../lib/world.js';

const CLIENTS = 2_000;
const RENOTES = 50;
/** How late the database is, in each direction: meanwhile others come. */
const DELAY_MS = 250;
/** Those who wait for the same things wait together, 256 at a time or more. */
const QUERIES_MAX = CLIENTS / 20;

describe('the queries of those who come all at once', () => {
  let world;
  let clients;
  const count = (query) => metric(world.nodes.servers[0], `seseragi_store_queries_total{query="${query}"}`);

  before(async () => {
    world = await World.start({
      users: CLIENTS + 1,
      // What is asked again and again is not asked for those who come.
      rereadMs: 3_600_000,
      args: ['--connections-per-address-max', String(2 * CLIENTS)],
    });
  });
  after(() => world?.stop());

  test('they are let in by few queries, each for many', async () => {
    world.databaseProxy.delay(DELAY_MS);
    const numbers = Array.from({ length: CLIENTS }, (_, n) => n + 1);
    clients = await Promise.all(numbers.map((n) => world.open(n)));
    world.databaseProxy.delay(0);
    assert.deepEqual(clients.filter(({ status }) => status !== undefined), []);
    for (const query of ['native_tokens', 'users', 'following', 'muting', 'blocking', 'user_profile', 'touch']) {
      const queries = await count(query);
      assert.ok(queries > 0 && queries <= QUERIES_MAX, `${queries} queries \`${query}\` for ${CLIENTS} who came`);
    }
  });

  test('their reactions to a note that many renote are asked for once', async () => {
    const [one, other] = clients;
    for (const client of [one, other]) {
      client.send(JSON.stringify({ type: 'connect', body: { channel: 'homeTimeline', id: 'home' } }));
      await client.settle();
    }
    const before = await count('reactions');
    for (let n = 0; n < RENOTES; n += 1) await world.renote(`renote${n}`, 'popular');
    await world.reached(clients);
    const renotes = one.take().filter(({ type, body }) => type === 'channel' && body.type === 'note');
    assert.equal(renotes.length, RENOTES);
    assert.equal(await count('reactions') - before, 1);
  });
});
