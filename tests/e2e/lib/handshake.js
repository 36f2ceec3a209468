// Requests to `/streaming` as bytes, for all that goes wrong before there is a stream.

import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { within } from './server.js';

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** Asks for an upgrade; headers of value `undefined` are left out. */
export function handshake(world, path, headers = {}) {
  return ask(world, path, { ...UPGRADE, ...headers });
}

/** Sends a request and resolves to `{ status, headers, body }`; 101 counts as an answer. */
export async function ask(world, path, headers = {}, method = 'GET') {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  const sent = request(world.origin + path, { method, headers: Object.fromEntries(given) });
  sent.end();
  const answer = Promise.race([
    once(sent, 'upgrade').then(([response, socket]) => {
      socket.destroy();
      return { status: response.statusCode, headers: response.headers, body: '' };
    }),
    once(sent, 'response').then(async ([response]) => {
      let body = '';
      for await (const piece of response.setEncoding('utf8')) body += piece;
      return { status: response.statusCode, headers: response.headers, body };
    }),
  ]);
  return within(10_000, answer, () => `no answer to ${method} ${path}`);
}

/** Opens a TCP connection, sends bytes, and reads until `done` accepts what has come. */
export async function exchange(world, bytes, done) {
  const { hostname, port } = new URL(world.origin);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  let received = Buffer.alloc(0);
  const answer = (async () => {
    for await (const piece of socket) {
      received = Buffer.concat([received, piece]);
      if (done(received)) break;
    }
    return received;
  })();
  return within(10_000, answer, () => `only this came: ${received}`);
}

/** The bytes of an upgrade request. */
export function upgradeBytes(world, path) {
  const lines = Object.entries(UPGRADE).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nhost: ${new URL(world.origin).host}\r\n${lines.join('')}\r\n`,
  );
}

/** A masked frame of a client; the mask is zero, so the payload stands as it is. */
export function frame(opcode, payload, { fin = true, rsv = 0, masked = true } = {}) {
  const data = Buffer.from(payload);
  if (data.length > 65_535) throw new Error('only short frames are built here');
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const mark = masked ? 0x80 : 0;
  const length = data.length < 126
    ? Buffer.from([mark | data.length])
    : Buffer.from([mark | 126, data.length >> 8, data.length & 0xff]);
  const mask = masked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([first]), length, mask, data]);
}
