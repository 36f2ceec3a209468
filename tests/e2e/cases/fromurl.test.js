// Contract, section 7: `urlUploadFinished`, of files that the server fetches itself.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { newImage, newWorld } from '../lib/world.js';

// Of this machine's addresses the operator allows one.
const ALLOWED = '127.0.0.2';
const world = await newWorld({
  args: ['--upload-from-url', 'on', '--allowed-private-networks', `${ALLOWED}/32`],
});

/** A web server at an address of this machine; gives back its origin. */
async function web(address, answer) {
  const server = createServer(answer);
  after(() => server.close());
  server.listen(0, address);
  await once(server, 'listening');
  return `http://${address}:${server.address().port}`;
}

const image = Buffer.from(await newImage().arrayBuffer());
let secrets = 0;
const inside = await web('127.0.0.1', (_, response) => {
  secrets += 1;
  response.end(image);
});
const outside = await web(ALLOWED, (request, response) => {
  const { pathname } = new URL(request.url, 'http://any');
  if (pathname === '/inside') response.writeHead(302, { location: inside }).end();
  else if (pathname === '/large') response.writeHead(200, { 'content-length': 2 ** 31 }).end();
  else if (pathname === '/cut') {
    response.writeHead(200, { 'content-length': image.length + 1 });
    response.write(image, () => response.destroy());
  } else if (pathname === '/moved') response.writeHead(301, { location: '/a%20b.gif' }).end();
  else response.end(image);
});

test('the server fetches a file, and tells its owner of it', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const [main, drive] = [await alice.join('main'), await alice.join('drive')];
  const other = await bob.join('main');
  await alice.api('drive/files/upload-from-url', { url: `${outside}/moved`, marker: 'mine' });
  const { marker, file } = await main.until('urlUploadFinished');
  assert.deepEqual([marker, file.name, file.type], ['mine', 'a b.gif', 'image/gif']);
  assert.deepEqual(await drive.until('fileCreated'), file);
  const served = await fetch(file.url);
  assert.deepEqual(Buffer.from(await served.arrayBuffer()), image);
  assert.deepEqual(await other.events(), []);
});

test('nothing comes of what leads inside, is too large or is cut off', async () => {
  const { alice } = await world.people('alice');
  const main = await alice.join('main');
  const bad = ['/inside', '/large', '/cut'].map((path) => `${outside}${path}`);
  bad.push(inside, inside.replace('127.0.0.1', 'localhost'), inside.replace('127.', '[::ffff:127.')
    .replace('.0.1:', '.0.1]:'));
  for (const url of bad) await alice.api('drive/files/upload-from-url', { url, marker: 'bad' });
  // One server fetches few at a time, so the good one at the end comes after most of them.
  await alice.api('drive/files/upload-from-url', { url: `${outside}/good.gif`, marker: 'good' });
  assert.equal((await main.until('urlUploadFinished')).marker, 'good');
  assert.equal(secrets, 0);
  assert.equal((await alice.api('drive/files')).length, 1);
});

test('an address is in no log', async () => {
  const { alice } = await world.people('alice');
  const main = await alice.join('main');
  const secret = 'token-in-an-address';
  for (const path of ['/inside', '/good.gif']) {
    await alice.api('drive/files/upload-from-url', { url: `${outside}${path}?i=${secret}` });
  }
  await main.until('urlUploadFinished');
  assert.ok(!world.server.log.includes(secret));
});
