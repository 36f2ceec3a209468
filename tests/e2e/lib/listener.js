// A stream of the unchanged official client, with a memory of what came.
//
// No test waits for time to pass to see that nothing came. Events reach a connection in the
// order in which they happened, so `settle` causes one more event that must come: whatever
// was to come before it has come by then.

import { Stream } from 'misskey-js';
import { WebSocket } from 'ws';
import { Log } from './log.js';

let marks = 0;

/** A hashtag that nobody else uses. */
export function newMark() {
  marks += 1;
  return `mark${process.pid}x${marks}`;
}

/** Joins the channel that the marks of a connection come on. */
export const markParams = (tag) => ({ q: [[tag]] });

export class Listener {
  #log = new Log();
  #tag = newMark();
  #marks;

  static async open(world, token) {
    const listener = new Listener();
    listener.world = world;
    listener.stream = new Stream(world.origin, token ? { token } : null, { WebSocket });
    remember(listener.stream, listener.#log);
    await listener.until('_connected_');
    listener.#marks = await listener.join('hashtag', markParams(listener.#tag));
    return listener;
  }

  /** Joins a channel and waits until the server has dealt with it. */
  async join(channel, params) {
    const joined = new Joined(this, this.stream.useChannel(channel, params));
    await this.answered();
    return joined;
  }

  /** Captures a note and waits until the server has dealt with it. */
  async capture(note) {
    this.stream.send('subNote', { id: note.id });
    await this.answered();
  }

  async release(note) {
    this.stream.send('unsubNote', { id: note.id });
    await this.answered();
  }

  /** Requests of a connection are handled in order: once this one is answered, all are. */
  async answered() {
    const id = newMark();
    const body = { channel: 'hashtag', id, params: markParams(id), pong: true };
    this.stream.send('connect', body);
    await this.until('connected', (body) => body.id === id);
    this.stream.send('disconnect', { id });
  }

  /** Waits until all that has happened so far has come. */
  async settle() {
    const { id } = await this.world.mark(this.#tag);
    await this.#marks.until('note', (note) => note.id === id);
    this.#marks.log.take();
  }

  /** An event of the stream itself: `noteUpdated`, `emojiAdded`, `_disconnected_`, ... */
  until(type, wanted = () => true) {
    return body(this.#log, type, wanted);
  }

  /** Resolves when the client has lost this connection and has a new one. */
  async reconnected() {
    this.#log.take();
    await this.until('_disconnected_');
    await this.until('_connected_');
  }

  /** What has come about captured notes since the last call. */
  async updates() {
    await this.settle();
    const updates = this.#log.take().filter((event) => event.type === 'noteUpdated');
    return updates.map((event) => event.body);
  }

  /** Closes the connection; resolves when it is closed. */
  async close() {
    if (this.stream.state !== 'connected') return this.stream.close();
    this.#log.take();
    this.stream.close();
    await this.until('_disconnected_');
  }
}

/** A channel that was joined. */
export class Joined {
  log = new Log();

  constructor(listener, connection) {
    this.listener = listener;
    this.connection = connection;
    remember(connection, this.log);
  }

  /** The body of the first event of this type that `wanted` accepts. */
  until(type, wanted = () => true) {
    return body(this.log, type, wanted);
  }

  /** All events since the last call, as `{ type, body }`. */
  async events() {
    await this.listener.settle();
    return this.log.take();
  }

  /** The notes since the last call. */
  async notes() {
    return (await this.events()).filter(({ type }) => type === 'note').map(({ body }) => body);
  }

  /** The ids of the notes since the last call. */
  async ids() {
    return (await this.notes()).map((note) => note.id);
  }

  async leave() {
    this.connection.dispose();
    await this.listener.answered();
  }
}

async function body(log, type, wanted) {
  const event = await log.until((event) => event.type === type && wanted(event.body), `\`${type}\``);
  return event.body;
}

/** Notes down every event that the client emits, of whatever type. */
function remember(emitter, log) {
  const emit = emitter.emit.bind(emitter);
  emitter.emit = (type, body) => {
    log.push({ type, body });
    return emit(type, body);
  };
}
