// Raw requests for a stream, and what differs in the answers.

import { connect } from 'node:net';
import { frame } from '../../e2e/lib/handshake.js';
import { within } from '../../e2e/lib/server.js';

const ANSWER_MS_MAX = 10_000;
const PING = 9;
const CLOSE = 8;

const join = JSON.stringify({
  type: 'connect', body: { channel: 'globalTimeline', id: 'f', pong: true },
});

/** What the recorded clients sent behind their requests: the recording tells it in words. */
const SENT = {
  'frames: masked connect': frame(1, join),
  'frames: fragmented connect': Buffer.concat([
    frame(1, join.slice(0, 10), { fin: false }), frame(PING, 'p'), frame(0, join.slice(10)),
  ]),
  'frames: unmasked text': frame(1, 'x', { masked: false }),
  'frames: rsv1 set': frame(1, 'x', { rsv: 4 }),
  'frames: reserved opcode 3': frame(3, 'x'),
  'frames: invalid utf8 text': frame(1, Buffer.from([0xff, 0xfe])),
  'frames: invalid utf8 in binary': frame(2, Buffer.from([0xff, 0xfe])),
  'frames: continuation first': frame(0, 'x'),
  'frames: fragmented ping': frame(PING, 'x', { fin: false }),
  'frames: ping': frame(PING, 'hello'),
  'frames: close empty': frame(CLOSE, ''),
  'frames: close 1 byte': frame(CLOSE, Buffer.from([3])),
  'frames: close 1000': frame(CLOSE, Buffer.from([0x03, 0xe8])),
  'frames: close 1005': frame(CLOSE, Buffer.from([0x03, 0xed])),
  'frames: close 4999': frame(CLOSE, Buffer.from([0x13, 0x87])),
  'frames: close 999': frame(CLOSE, Buffer.from([0x03, 0xe7])),
  'frames: ping 126 bytes': frame(PING, 'x'.repeat(126)),
  'upgrade + frame in one packet': frame(1, join),
};

/** What is the server's own: the name of the software in a realm, the date, how long it waits. */
const parse = (bytes) => {
  const at = bytes.indexOf('\r\n\r\n');
  if (at < 0) return { status: 'nothing', headers: {}, rest: '' };
  const [first, ...lines] = bytes.subarray(0, at).toString('latin1').split('\r\n');
  const headers = lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
  const rest = bytes.subarray(at + 4).toString('latin1');
  return { status: first.split(' ')[1], headers: Object.fromEntries(headers), rest };
};

/** The headers that a client goes by. */
const HEADERS = ['upgrade', 'connection', 'sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions', 'www-authenticate'];

const realm = (value) => value?.replace(/realm="[^"]*"/, 'realm');

/**
 * What differs between the recorded answer and ours, each as `what: recorded -> ours`. Headers and
 * bodies of refusals are nobody's business but for the one that says how to log in.
 */
function differences(recorded, ours) {
  const found = [];
  const note = (what, was, is) => {
    if (was !== is) found.push(`${what}: ${was ?? '-'} -> ${is ?? '-'}`);
  };
  note('status', recorded.status, ours.status);
  if (found.length > 0) return found;
  const matter = ours.status === '101' ? HEADERS : ['www-authenticate'];
  for (const name of matter) note(name, realm(recorded.headers[name]), realm(ours.headers[name]));
  if (ours.status === '101') note('frames', recorded.rest, ours.rest);
  return found;
}

/** Reads until as much has come as was recorded, or the server ends the connection. */
async function exchange(origin, bytes, enough) {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(bytes);
  let received = Buffer.alloc(0);
  const answer = (async () => {
    for await (const piece of socket) {
      received = Buffer.concat([received, piece]);
      if (enough(received)) break;
    }
    return received;
  })();
  return within(ANSWER_MS_MAX, answer, () => `only this came: ${received.toString('latin1')}`);
}

/** Sends what a recorded client sent; resolves to what differs in the answer. */
export async function replay(origin, { label, request, response_latin1: response }) {
  const recorded = parse(Buffer.from(response, 'latin1'));
  const sent = Buffer.concat([Buffer.from(request, 'latin1'), SENT[label] ?? Buffer.alloc(0)]);
  const enough = (bytes) => {
    const { status, rest } = parse(bytes);
    if (status === 'nothing') return false;
    return status !== '101' || recorded.status !== '101' || rest.length >= recorded.rest.length;
  };
  return differences(recorded, parse(await exchange(origin, sent, enough)));
}
