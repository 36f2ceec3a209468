// The rig itself: what it starts, loads, breaks and compares.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { compare } from '../lib/compare.js';
import { whole } from '../lib/connection.js';
import { Player } from '../lib/player.js';
import { Postgres } from '../lib/postgres.js';
import { Proxy } from '../lib/proxy.js';
import { missing, readRows, readSnapshots } from '../lib/recording.js';
import { Redis } from '../lib/redis.js';
import { Tables } from '../lib/tables.js';
import { Tolerance } from '../lib/tolerated.js';

test('rows go in and come out as they were recorded', { skip: missing ?? false }, async (context) => {
  const postgres = await Postgres.start();
  const client = postgres.client();
  context.after(async () => {
    await client.end();
    await postgres.stop();
  });
  await client.connect();
  const rows = readRows();
  const tables = await Tables.create(client, rows, [rows.end]);
  for (const { tables: wanted } of readSnapshots()) await tables.sync(wanted);
  await tables.sync(rows.end);

  const instants = (row) => JSON.stringify(row, (key, value) =>
    (/^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value).toISOString() : value));
  for (const [table, wanted] of Object.entries(rows.end)) {
    const { rows: found } = await client.query(`SELECT row_to_json(t) AS row FROM "${table}" t`);
    const sorted = (list) => list.map((row) => instants(sortKeys(row))).sort();
    assert.deepEqual(sorted(found.map(({ row }) => row)), sorted(wanted), table);
  }
});

const sortKeys = (row) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

test('a proxy cuts, refuses, delays and tells lies', async (context) => {
  const redis = await Redis.start();
  context.after(() => redis.stop());
  const proxy = await Proxy.start(redis.path);
  context.after(() => proxy.stop());
  const open = async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (socket) => {
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data');
    return answer.toString();
  };

  const socket = await open();
  assert.match(await ask(socket), /^-NOAUTH/);
  proxy.delay(50);
  const asked = performance.now();
  await ask(socket);
  assert.ok(performance.now() - asked >= 100, 'both directions are late');
  proxy.delay(0);
  const lie = once(socket, 'data');
  proxy.inject('garbage');
  assert.equal((await lie)[0].toString(), 'garbage');

  const cut = once(socket, 'close');
  proxy.cut();
  await cut;
  assert.match(await ask(await open()), /^-NOAUTH/);
  await proxy.refuse();
  await assert.rejects(open(), { code: 'ECONNREFUSED' });
  await proxy.accept();
  assert.match(await ask(await open()), /^-NOAUTH/);
});

test('a Redis that ended starts again, empty', async (context) => {
  const redis = await Redis.start();
  context.after(() => redis.stop());
  const client = redis.client();
  await client.set('key', 'value');
  await redis.halt();
  await redis.resume();
  assert.equal(await client.get('key'), null);
});

const note = (channel, id, more) =>
  ({ type: 'channel', body: { id: channel, type: 'note', body: { id, ...more } } });

test('frames are compared by channel, in order, by value', () => {
  const home = [note('home', 'a', { n: 1 }), note('home', 'b')];
  assert.deepEqual(compare(home, structuredClone(home)), []);
  assert.deepEqual(compare([note('x', 'a'), ...home], [...home, note('x', 'a')]), []);
  assert.deepEqual(compare(home, home.slice(1)), [{ channel: 'home', frame: 'note', what: 'lost' }]);
  assert.deepEqual(compare(home.slice(1), home), [
    { channel: 'home', frame: 'note', what: 'gained', ours: home[0] },
  ]);
  const changed = (path, ours) => {
    const expected = [{ channel: 'home', frame: 'note', what: 'changed', path, ours }];
    assert.deepEqual(compare(home, [ours, home[1]]), expected);
  };
  changed('body.body.n', note('home', 'a', { n: 2 }));
  changed('body.body.m', note('home', 'a', { n: 1, m: null }));
  assert.deepEqual(compare(home, home.toReversed()).map(({ what }) => what).sort(), ['gained', 'lost']);
  assert.equal(compare([], [{ type: 'emojiAdded', body: {} }])[0].channel, 'emojiAdded');
});

test('a step that fails ends the replay, and leaves nothing to the next', { skip: missing ?? false }, async (context) => {
  const player = await Player.start({ count: 1 });
  context.after(() => player.stop());
  // Some connect and join timelines, then the first note comes.
  const isNote = ({ kind, raw }) => kind === 'publish' && JSON.parse(raw).channel === 'notesStream';
  const first = player.steps.findIndex(({ number, done }) => number >= 60 && done.some(isNote));
  for (const step of player.steps.slice(0, first)) {
    if (step.number >= 60) await player.play(step);
  }
  const step = player.steps[first];
  const begun = { ...step, done: [...step.done, { kind: 'nonsense' }] };
  await assert.rejects(player.play(begun), /nothing plays nonsense/);
  await assert.rejects(player.play(player.steps[first + 1]), new RegExp(`not played, for step ${step.number} was not`));
});

test('a difference that nobody tolerates tells what it is about', () => {
  const ours = note('home', 'a');
  const difference = { step: 7, conn: 'a', channel: 'home', frame: 'note', what: 'gained', ours };
  assert.deepEqual(new Tolerance([]).unexplained([difference]), ['7 | a | home | note | gained |  | a']);
});

test('a tolerated difference is tolerated once, and must be there', () => {
  const row = { steps: [7], conns: ['a', 'b'], channels: ['home'], frame: 'note', what: 'lost', reason: 'why' };
  const difference = { step: 7, conn: 'a', channel: 'home', frame: 'note', what: 'lost' };
  const tolerance = new Tolerance([row]);
  assert.deepEqual(tolerance.unexplained([difference]), []);
  assert.equal(tolerance.unexplained([difference]).length, 1);
  assert.equal(tolerance.unexplained([{ ...difference, conn: 'b', what: 'gained' }]).length, 1);
  assert.deepEqual(tolerance.unused, ['7 | b | home | note | lost | : why']);
});

test('abridged messages are made whole', () => {
  assert.equal(whole('{"type":"s"}'), '{"type":"s"}');
  assert.equal(whole('xxx…<10 chars>'), 'xxxxxxxxxx');
  const text = whole('{"body":{"params":{"pad":"xx…<100 chars>');
  assert.equal(text.length, 100);
  assert.match(JSON.parse(text).body.params.pad, /^x+$/);
});
