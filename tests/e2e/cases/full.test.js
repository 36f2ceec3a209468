// A store that can't grow: writes are refused whole, the stream lives on.
//
// Root may write anywhere, and a disk that is really full would take others down with it.
// So the process is given a limit on the size of its files instead (and told to see the
// error rather than the signal).

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../lib/server.js';
import { newWorld } from '../lib/world.js';

const run = promisify(execFile);
const { path: data, remove } = await temporaryFolder();
const world = await newWorld({ data, under: ['sh', '-c', 'trap "" XFSZ; exec "$0" "$@"'] });
after(remove);

// The soft limit only, so that it can be lifted again.
const limitFiles = (size) => run('prlimit', ['--pid', String(world.server.pid), `--fsize=${size}:`]);

/** The size of the largest file of the store: none may grow beyond it. */
async function largestFile() {
  const names = await readdir(data, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(data, name))).size));
  return Math.max(...sizes);
}

test('a full store refuses writes, keeps reading and streaming, and recovers', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  await alice.follow(bob);
  const home = await alice.join('homeTimeline');
  const kept = await bob.note('before');
  assert.deepEqual(await home.ids(), [kept.id]);
  const { notesCount } = await bob.api('users/show', { userId: bob.id });

  await limitFiles(await largestFile());
  const accepted = [];
  let refusal = null;
  for (let i = 0; i < 5_000 && refusal === null; i += 1) {
    try {
      accepted.push(await bob.note(`filling ${i} ${'x'.repeat(2_000)}`));
    } catch (error) {
      refusal = error;
    }
  }
  assert.equal(refusal?.code, 'INTERNAL_ERROR');
  assert.equal(await statusOf(bob, 'notes/create', { text: 'x'.repeat(2_000) }), 500);
  // Nothing of what was refused is there, all that was accepted is.
  const shown = await bob.api('users/show', { userId: bob.id });
  assert.equal(shown.notesCount, notesCount + accepted.length);
  const [latest] = await bob.api('users/notes', { userId: bob.id, limit: 1 });
  assert.equal(latest.id, (accepted.at(-1) ?? kept).id);

  await limitFiles('unlimited');
  const after = await bob.note('after');
  assert.deepEqual(await home.ids(), [...accepted, after].map(({ id }) => id));
});

async function statusOf(person, endpoint, params) {
  const answer = await fetch(`${world.origin}/api/${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
    body: JSON.stringify(params),
  });
  return answer.status;
}
