// The server as its operator sees it, and what revokes a connection.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { handshake } from '../lib/handshake.js';
import { Server, temporaryFolder } from '../lib/server.js';
import { World, newWorld } from '../lib/world.js';

const world = await newWorld();

test('a new token ends the connections of the old one', async () => {
  const { alice } = await world.people('alice');
  const [socket, main] = [await alice.socket(), await alice.join('main')];
  const closed = socket.closed();
  await alice.api('i/regenerate-token', { password: alice.password });
  await main.until('myTokenRegenerated');
  assert.equal((await closed).code, 1008);
  assert.equal((await handshake(world, `/streaming?i=${alice.token}`)).status, 401);
});

test('a revoked app loses its stream, and other apps come again', async () => {
  const { alice } = await world.people('alice');
  const [revoked, kept] = [await alice.app(['read:account']), await alice.app(['read:account'])];
  const [socket, other, own] = [await revoked.socket(), await kept.socket(), await alice.socket()];
  const closed = [socket.closed(), other.closed()];
  await alice.api('i/revoke-token', { token: revoked.token });
  assert.deepEqual((await Promise.all(closed)).map(({ code }) => code), [1012, 1012]);
  assert.equal((await handshake(world, `/streaming?i=${revoked.token}`)).status, 401);
  await (await kept.socket()).answered();
  await own.answered();
});

test('health, readiness and metrics', async () => {
  const answers = ['/healthz', '/readyz', '/metrics'].map((path) => fetch(world.server.admin + path));
  const [health, ready, metrics] = await Promise.all(answers);
  assert.equal(health.status, 200);
  assert.equal(ready.status, 200);
  assert.match(await metrics.text(), /^seseragi_\w+/m);
});

test('no token reaches the log', async () => {
  const { alice } = await world.people('alice');
  await (await alice.socket()).answered();
  await alice.note('hello');
  assert.ok(!world.server.log.includes(alice.token));
});

test('a stop closes every connection and ends with 0', async () => {
  const server = await Server.start();
  const other = new World(server);
  await other.settleIn();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => other.visitor.socket()));
  const closed = sockets.map((socket) => socket.closed());
  assert.equal(await server.stop(), 0);
  const codes = (await Promise.all(closed)).map(({ code }) => code);
  assert.ok(codes.every((code) => code === 1001 || code === 1012), codes.join());
});

test('two servers cannot share an address', async () => {
  await assert.rejects(Server.start({ port: world.server.port }), /in use/i);
});

test('`reset-db` empties the store', async (context) => {
  const server = await Server.start();
  context.after(() => server.stop());
  const other = new World(server);
  await other.settleIn();
  await other.visitor.api('reset-db');
  await assert.rejects(other.keeper.api('i'), { code: 'AUTHENTICATION_FAILED' });
  await other.settleIn();
  assert.equal((await other.keeper.api('i')).isAdmin, true);
});

test('nodeinfo says what runs here', async () => {
  const links = await (await fetch(`${world.origin}/.well-known/nodeinfo`)).json();
  const { href } = links.links.find(({ rel }) => rel.endsWith('/2.1'));
  const info = await (await fetch(world.origin + new URL(href).pathname)).json();
  assert.equal(info.version, '2.1');
  assert.equal(typeof info.software.name, 'string');
});

test('an app asks a person through the page of MiAuth and gets a token', async () => {
  const { alice } = await world.people('alice');
  const session = crypto.randomUUID();
  const page = await fetch(`${world.origin}/miauth/${session}?name=app&permission=read:account`);
  assert.equal(page.status, 200);
  const check = () => fetch(`${world.origin}/api/miauth/${session}/check`, { method: 'POST' });
  assert.equal((await (await check()).json()).ok, false);
  await alice.api('miauth/gen-token', { session, name: 'app', permission: ['read:account'] });
  const granted = await (await check()).json();
  assert.equal(granted.ok, true);
  assert.equal(granted.user.id, alice.id);
  assert.equal((await handshake(world, `/streaming?i=${granted.token}`)).status, 101);
});

test('`user` works on the store that the settings file names', async (context) => {
  const { path: cwd, remove } = await temporaryFolder();
  context.after(remove);
  await mkdir(join(cwd, 'conf'));
  await writeFile(join(cwd, 'seseragi.toml'), 'data = "of-the-folder"\n');
  await writeFile(join(cwd, 'conf/other.toml'), 'data = "of-the-option"\n');
  const user = async (args, input = '') => {
    const run = promisify(execFile)(resolve(process.env.SESERAGI_BIN), ['user', ...args], { cwd });
    // A command that asks for nothing may be gone before anything is written to it.
    if (input !== '') run.child.stdin.write(input);
    run.child.stdin.end();
    return (await run).stdout;
  };
  const token = (await user(['add', 'alice'], 'password\n')).trim();
  await user(['add', 'bob', '--config', 'conf/other.toml'], 'password\n');
  assert.match(await user(['list']), /alice/);
  assert.doesNotMatch(await user(['list']), /bob/);
  assert.match(await user(['list', '--config', 'conf/other.toml']), /bob/);
  const data = join(cwd, 'of-the-folder');
  assert.equal((await user(['token', 'alice', '--data', data])).trim(), token);
  await assert.rejects(user(['list', '--data', 'nowhere']), /there is no store at `nowhere`/);
});
