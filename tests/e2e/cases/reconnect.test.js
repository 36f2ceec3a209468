// The official client after the server went away and came back.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Server, temporaryFolder } from '../lib/server.js';
import { newWorld } from '../lib/world.js';

const { path: data, remove } = await temporaryFolder();
const world = await newWorld({ data });
after(remove);

const { alice, bob } = await world.people('alice', 'bob');
await alice.follow(bob);

async function restart(end) {
  const { port } = world.server;
  await end(world.server);
  world.server = await Server.start({ data, port });
}

for (const [how, end] of [
  ['stopped', (server) => server.stop()],
  ['killed', (server) => server.kill()],
]) {
  test(`channels live on after the server was ${how}`, async () => {
    const stream = await alice.stream();
    const home = await stream.join('homeTimeline', {});
    const main = await stream.join('main');
    const before = await bob.note({ text: 'before', visibility: 'followers' });
    assert.deepEqual(await home.ids(), [before.id]);

    const again = stream.reconnected();
    await restart(end);
    await again;
    await stream.answered();

    const note = await bob.note({ text: `after @${alice.username}`, visibility: 'followers' });
    assert.deepEqual(await home.ids(), [note.id]);
    assert.equal((await main.until('mention')).id, note.id);
    // The shared channel was joined once, not once more for every connection.
    const mentions = (await main.events()).filter(({ type }) => type === 'mention');
    assert.equal(mentions.length, 1);
  });
}

test('a client is told to come back when the server stops', async () => {
  const socket = await alice.socket();
  const closed = socket.closed();
  await restart((server) => server.stop());
  assert.ok([1001, 1012].includes((await closed).code));
});
