// A bare WebSocket to `/streaming`, for what the official client never sends.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { markParams, newMark } from './listener.js';
import { Log } from './log.js';
import { within } from './server.js';

const CLOSE_MS_MAX = 30_000;

export class Socket {
  #log = new Log();
  #tag = newMark();
  #marks = newMark();

  static async open(world, token, { headers, path = '/streaming' } = {}) {
    const socket = new Socket();
    socket.world = world;
    const query = token === null ? '' : `?i=${encodeURIComponent(token)}`;
    const url = `${world.origin.replace('http', 'ws')}${path}${query}`;
    socket.ws = new WebSocket(url, { headers });
    socket.ws.on('message', (data) => socket.#log.push(JSON.parse(data)));
    await once(socket.ws, 'open');
    return socket;
  }

  /** Sends a message; strings and buffers go as they are. */
  send(message) {
    const raw = typeof message === 'string' || Buffer.isBuffer(message);
    this.ws.send(raw ? message : JSON.stringify(message));
  }

  connect(channel, id, params, more) {
    this.send({ type: 'connect', body: { channel, id, ...(params && { params }), ...more } });
  }

  disconnect(id) {
    this.send({ type: 'disconnect', body: { id } });
  }

  /** Whether a `connect` with these fields is answered by `connected`. */
  async joins(channel, params, more) {
    const id = newMark();
    this.connect(channel, id, params, { pong: true, ...more });
    const frames = await this.answered();
    return frames.some((frame) => frame.type === 'connected' && frame.body.id === id);
  }

  /**
   * Waits until the server has dealt with all that was sent and gives back what has come.
   * It takes one of the 32 channels for a moment.
   */
  async answered() {
    const id = newMark();
    const answer = (frame) => frame.type === 'connected' && frame.body.id === id;
    this.connect('hashtag', id, markParams(id), { pong: true });
    await this.#log.until(answer);
    this.disconnect(id);
    return this.#log.take().filter((frame) => !answer(frame));
  }

  /**
   * Waits until all that has happened so far has come and gives it back.
   * It takes one of the 32 channels for good.
   */
  async settle() {
    this.connect('hashtag', this.#marks, markParams(this.#tag));
    const before = await this.answered();
    const { id } = await this.world.mark(this.#tag);
    await this.until((frame) => frame.body?.body?.id === id);
    const frames = [...before, ...this.#log.take()];
    return frames.filter((frame) => frame.body?.id !== this.#marks);
  }

  /** The first frame that `wanted` accepts. */
  until(wanted) {
    return this.#log.until(wanted, 'a frame');
  }

  /** How the server ended the connection. */
  async closed() {
    const closed = once(this.ws, 'close');
    const [code, reason] = await within(CLOSE_MS_MAX, closed, () => 'the connection stays open');
    return { code, reason: reason.toString() };
  }

  /** Ends the connection without a word; resolves when it has ended. */
  async close() {
    if (this.ws.readyState === WebSocket.CLOSED) return;
    this.ws.terminate();
    await once(this.ws, 'close');
  }
}
