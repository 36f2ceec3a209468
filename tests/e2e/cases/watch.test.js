// `seseragi watch`: a client for the terminal.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Log } from '../lib/log.js';
import { Server, temporaryFolder, within } from '../lib/server.js';
import { World, newWorld } from '../lib/world.js';

const END_MS_MAX = 30_000;

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');

/** Runs `seseragi watch` until the test is over, or until it ends by itself. */
function watch(context, args, { token, command = process.env.SESERAGI_BIN, before = ['watch'], env = {} } = {}) {
  env = { ...process.env, ...(token && { SESERAGI_TOKEN: token }), ...env };
  const child = spawn(command, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const lines = new Log();
  const errors = [];
  const complaints = new Log();
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => {
    errors.push(line);
    complaints.push(line);
  });
  const ended = once(child, 'close').then(([code]) => ({ code, errors: errors.join('\n') }));
  context.after(() => {
    child.kill();
    return ended;
  });
  return {
    until: (wanted) => lines.until(wanted, 'a line'),
    complains: (wanted) => complaints.until((line) => wanted.test(line), 'a complaint'),
    ended: () => within(END_MS_MAX, ended, () => `it still runs; it said: ${errors.join('\n')}`),
  };
}

/** Does something again and again until what follows from it has come. */
async function repeat(act, until) {
  let over = false;
  const acting = (async () => {
    while (!over) await act();
  })();
  try {
    return await until;
  } finally {
    over = true;
    await acting;
  }
}

test('one line for each event, of several channels with params', async (context) => {
  const args = [world.origin, '--channel', 'localTimeline', '--channel', 'hashtag={"q":[["watched"]]}'];
  const watched = watch(context, args);
  await repeat(
    () => alice.note('hello #watched'),
    watched.until((line) => / hashtag +note +@alice\d+: hello #watched/.test(line)),
  );
  const line = await watched.until((it) => it.includes('localTimeline'));
  assert.match(line, /^\d\d:\d\d:\d\d localTimeline +note +@alice\d+: hello #watched$/);
});

test('captures show what becomes of a note', async (context) => {
  const note = await alice.note('to be captured');
  const named = watch(context, [world.origin, `--capture=${note.id}`, '--json']);
  const every = watch(context, [world.origin, '--capture'], { token: bob.token });
  const react = async () => {
    const made = await bob.note('one of many');
    await alice.react(made, '🐟');
    await bob.react(note);
    await bob.unreact(note);
  };
  const updated = named.until((line) => JSON.parse(line).type === 'noteUpdated');
  await repeat(react, Promise.all([updated, every.until((line) => /capture +reacted +\w+ 🐟/.test(line))]));
  assert.equal(JSON.parse(await updated).body.id, note.id);
});

test('a reader that has enough ends it without a word', async (context) => {
  const pipe = `set -o pipefail; "$0" watch "$@" | head -n 1`;
  const options = { command: 'bash', before: ['-c', pipe, process.env.SESERAGI_BIN] };
  const watched = watch(context, [world.origin], options);
  const outcome = await repeat(() => alice.note('for the head'), watched.ended());
  assert.deepEqual(outcome, { code: 0, errors: '' });
});

test('it comes back when the server does, and captures again', async (context) => {
  const { path: data, remove } = await temporaryFolder();
  context.after(remove);
  const first = await Server.start({ data });
  context.after(() => first.kill());
  const carol = await new World(first).person('carol');
  const note = await carol.note('to be captured');
  const watched = watch(context, [first.origin, `--capture=${note.id}`]);
  await repeat(() => carol.note('before'), watched.until((line) => line.includes(': before')));
  await first.kill();
  await watched.complains(/no connection \(.+\); again in/);
  await watched.complains(/nothing listens at/);
  const second = await Server.start({ data, port: first.port });
  context.after(() => second.stop());
  await watched.complains(/^connected again$/);
  await repeat(async () => {
    await carol.note('after');
    await carol.react(note, '🐟');
    await carol.unreact(note);
  }, Promise.all([
    watched.until((line) => line.includes(': after')),
    watched.until((line) => line.includes(`${note.id} 🐟`)),
  ]));
});

test('only a terminal gets colours, and none that does not want them', async (context) => {
  const [program, origin] = [process.env.SESERAGI_BIN, world.origin];
  const terminal = (env) => watch(context, ['-qefc', `exec ${program} watch ${origin}`, '/dev/null'],
    { command: 'script', before: [], env: { TERM: 'xterm', ...env } });
  const note = (watched) => watched.until((line) => line.includes(': in colour'));
  const [coloured, without, piped] = await repeat(() => alice.note('in colour'),
    Promise.all([terminal({ NO_COLOR: '' }), terminal({ NO_COLOR: '1' }), watch(context, [origin])].map(note)));
  assert.ok(coloured.includes('\x1b[36mlocalTimeline'), coloured);
  for (const line of [without, piped]) assert.equal(line.includes('\x1b'), false, line);
});

test('why it cannot connect is said plainly', async (context) => {
  const web = createServer((_, response) => response.writeHead(404).end());
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  context.after(() => web.close());
  const { port } = web.address();
  const cases = [
    [[`http://127.0.0.1:${port}`], /there is no stream at/],
    [[`https://127.0.0.1:${port}`], /cannot speak TLS .* begin with `http:\/\/`/],
    [['http://127.0.0.1:1'], /nothing listens at/],
    [['http://nobody.invalid'], /no such host/],
    [['ftp://127.0.0.1'], /unknown scheme `ftp`/],
    [[world.origin, '--token', 'wrong'], /refused the token/],
    [[world.origin, '--channel', 'hashtag={'], /params of `hashtag` are not JSON/],
  ];
  for (const [args, expected] of cases) {
    const { code, errors } = await watch(context, args).ended();
    assert.notEqual(code, 0);
    assert.match(errors, expected);
    assert.equal(errors.trim().split('\n').length, 1, errors);
  }
});

test('a revoked token ends it', async (context) => {
  const carol = await world.person('carol');
  const watched = watch(context, [world.origin, '--channel', 'main', '--channel', 'serverStats'], { token: carol.token });
  await watched.until((line) => line.includes('stats'));
  await carol.api('i/regenerate-token', { password: carol.password });
  const { code, errors } = await watched.ended();
  assert.equal(code, 1);
  assert.match(errors, /closed with 1008/);
  assert.equal(errors.includes(carol.token), false);
});
