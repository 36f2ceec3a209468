// A connection of the replay: it sends what the recorded one sent and keeps what comes.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { within } from '../../e2e/lib/server.js';

const ANSWER_MS_MAX = 30_000;
const CHANNELS_MAX = 32;

/** The type of the broadcast that shows that all before it has come. */
export const MARK = 'seseragiMark';

/** Recorded messages over 4,096 characters are abridged: `start…<length chars>`. */
const ABRIDGED = /^([^]*)…<(\d+) chars>$/;

/** The whole of a message that the recording abridges: what is left out is one character. */
export function whole(text) {
  const [, start, length] = ABRIDGED.exec(text) ?? [];
  if (start === undefined) return text;
  const end = start.startsWith('{') ? '"}}}' : '';
  return start.padEnd(Number(length) - end.length, start.at(-1)) + end;
}

export class Connection {
  #ws;
  #frames = [];
  #joined = new Set();
  #waiting = [];
  #marks = 0;
  #seen = 0;

  /** How the server ended it, such as `1008`; null while it is open. */
  closed = null;
  /** Whether something was sent that may not have been dealt with yet. */
  dirty = false;

  /** Resolves to the connection, or to `{ status }` where the server turned it away. */
  static async open(origin, { url, headers, localAddress }) {
    const connection = new Connection();
    const options = { headers, localAddress, perMessageDeflate: false };
    const ws = new WebSocket(origin.replace('http', 'ws') + url, options);
    connection.#ws = ws;
    ws.on('message', (data) => connection.#take(JSON.parse(data)));
    ws.on('close', (code) => connection.#end(code));
    const refused = once(ws, 'unexpected-response').then(([request, response]) => {
      request.destroy();
      return { status: response.statusCode };
    });
    ws.on('error', () => {});
    const opened = once(ws, 'open').then(() => connection);
    return within(ANSWER_MS_MAX, Promise.race([opened, refused]), () => `no answer to ${url}`);
  }

  send(text) {
    this.dirty = true;
    this.#follow(text);
    this.#ws.send(whole(text));
  }

  /** Waits until the server has dealt with all that was sent. */
  async settle() {
    if (!this.dirty || this.closed !== null) return;
    this.dirty = false;
    if (this.#joined.size >= CHANNELS_MAX) await this.ping();
    else await this.#joinAndLeave();
  }

  /** Sends a ping and waits for its answer. */
  async ping() {
    const answered = once(this.#ws, 'pong');
    this.#ws.ping('abc');
    await this.#unlessClosed(answered, 'a pong');
  }

  /** Waits for the broadcast of this number, or for the end of the connection. */
  async marked(number) {
    await this.#until(() => this.#seen >= number, `mark ${number}`);
  }

  /** Waits until so many frames that `wanted` accepts have come since the last were taken out. */
  async arrived(wanted, count) {
    await this.#until(() => this.#frames.filter(wanted).length >= count, `frame ${count}`);
  }

  /** The number of the newest mark that came. */
  get mark() {
    return this.#seen;
  }

  /** Takes out what has come. */
  take() {
    return this.#frames.splice(0);
  }

  async close(code, reason) {
    if (this.closed !== null) return;
    const closed = once(this.#ws, 'close');
    if (code === undefined) this.#ws.terminate();
    else this.#ws.close(code, reason);
    await closed;
  }

  /** A channel that nothing is published on; its `connected` comes behind all other answers. */
  async #joinAndLeave() {
    this.#marks += 1;
    const id = `${MARK}${this.#marks}`;
    const body = { channel: 'hashtag', id, params: { q: [[MARK]] }, pong: true };
    this.#ws.send(JSON.stringify({ type: 'connect', body }));
    const mine = ({ type, body }) => type === 'connected' && body.id === id;
    await this.#until(() => this.#frames.some(mine), 'an answer to a `connect`');
    this.#frames = this.#frames.filter((frame) => !mine(frame));
    this.#ws.send(JSON.stringify({ type: 'disconnect', body: { id } }));
  }

  #take(frame) {
    if (frame.type === MARK) this.#seen = frame.body;
    else this.#frames.push(frame);
    this.#wake();
  }

  #end(code) {
    this.closed = code;
    this.#wake();
  }

  #wake() {
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      if (this.closed === null && !holds()) return true;
      resolve();
      return false;
    });
  }

  #until(holds, what) {
    if (this.closed !== null || holds()) return Promise.resolve();
    const met = new Promise((resolve) => this.#waiting.push({ holds, resolve }));
    return within(ANSWER_MS_MAX, met, () => `${what} did not come`);
  }

  #unlessClosed(answer, what) {
    return Promise.race([within(ANSWER_MS_MAX, answer, () => `${what} did not come`), this.#until(() => false, what)]);
  }

  /** Knows how many channels are open at most. */
  #follow(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const id = message?.body?.id;
    if (typeof id !== 'string') return;
    if (message.type === 'connect') this.#joined.add(id);
    if (message.type === 'disconnect') this.#joined.delete(id);
  }
}
