// What was acknowledged is kept, whatever happens to the server.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Server, temporaryFolder } from '../lib/server.js';
import { newWorld } from '../lib/world.js';

const { path: data, remove } = await temporaryFolder();
const world = await newWorld({ data });
after(remove);

/** Posts until the server is gone; gives back the ids that were acknowledged. */
async function postUntilGone(person, acknowledged) {
  for (let i = 0; ; i += 1) {
    try {
      acknowledged.push(await person.note(`note ${i}`));
    } catch (error) {
      if (error instanceof TypeError) return; // `fetch` found no server
      throw error;
    }
  }
}

test('a kill in the middle of writes loses nothing that was acknowledged', async () => {
  const people = Object.values(await world.people('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
  const { port } = world.server;
  for (let round = 0; round < 3; round += 1) {
    const acknowledged = [];
    const writers = people.map((person) => postUntilGone(person, acknowledged));
    while (acknowledged.length < 50 * people.length) await new Promise(setImmediate);
    await world.server.kill();
    await Promise.all(writers);
    world.server = await Server.start({ data, port });
    for (const { id, text } of acknowledged) {
      assert.equal((await people[0].api('notes/show', { noteId: id })).text, text);
    }
  }
});

test('the count of a user\'s notes is the number of their notes', async () => {
  const { alice } = await world.people('alice');
  const { port } = world.server;
  const writers = postUntilGone(alice, []);
  while ((await alice.api('i')).notesCount < 20) await new Promise(setImmediate);
  await world.server.kill();
  await writers;
  world.server = await Server.start({ data, port });
  const { notesCount } = await alice.api('users/show', { userId: alice.id });
  let notes = [];
  for (let page = null; page?.length !== 0;) {
    const untilId = notes.at(-1)?.id;
    page = await alice.api('users/notes', { userId: alice.id, limit: 100, ...(untilId && { untilId }) });
    notes = [...notes, ...page];
  }
  assert.equal(notes.length, notesCount);
});
