// A running server and the people on it: what nearly every test starts from.

import { after, afterEach, beforeEach } from 'node:test';
import { api as misskey } from 'misskey-js';
import { Listener } from './listener.js';
import { Server } from './server.js';
import { Socket } from './socket.js';

let images = 0;

/** An image of one pixel with content that no other has. */
export function newImage() {
  images += 1;
  const head = Buffer.from('474946383961010001000000003b', 'hex');
  return new Blob([head, `${images}`], { type: 'image/gif' });
}

const PASSWORD = 'correct horse battery staple';
let names = 0;

/**
 * Starts a server that is stopped when the tests of the file are over. What a test opens is
 * closed after it; what was open before the first one stays open.
 */
export async function newWorld(options) {
  const world = new World(await Server.start(options));
  await world.settleIn();
  let lasting = null;
  beforeEach(() => { lasting ??= world.connections(); });
  afterEach(() => world.close((connection) => !lasting.has(connection)));
  after(() => world.end());
  return world;
}

export class World {
  #open = new Set();

  constructor(server) {
    this.server = server;
  }

  get origin() {
    return this.server.origin;
  }

  /**
   * The first account becomes the administrator. Nobody follows or mutes the keeper, so
   * that the keeper's notes can tell a test that all before them has arrived.
   */
  async settleIn() {
    this.keeper = await this.person('keeper');
  }

  /** Signs up a user under a name of its own; `host` makes it a remote one. */
  async person(name, host) {
    names += 1;
    const username = `${name}${names}`;
    const answer = await new misskey.APIClient({ origin: this.origin })
      .request('signup', { username, password: PASSWORD, ...(host && { host }) });
    return new Person(this, answer, PASSWORD);
  }

  /** Signs up several users: `const { alice, bob } = await world.people('alice', 'bob')`. */
  async people(...names) {
    const people = {};
    for (const name of names) people[name] = await this.person(name);
    return people;
  }

  /** Somebody who is not logged in. */
  get visitor() {
    return new Guest(this, null);
  }

  /** Sees to it that a connection is closed in the end. */
  own(connection) {
    this.#open.add(connection);
    return connection;
  }

  connections() {
    return new Set(this.#open);
  }

  async close(chosen = () => true) {
    const closing = [...this.#open].filter(chosen);
    for (const connection of closing) this.#open.delete(connection);
    await Promise.all(closing.map((connection) => connection.close()));
  }

  async end() {
    await this.close();
    const code = await this.server.stop();
    if (code !== 0) throw new Error(`the server ended with ${code}:\n${this.server.log}`);
  }

  /** Posts a note that only those who wait for its hashtag get. */
  async mark(tag) {
    return this.keeper.note({ text: `#${tag}`, visibility: 'home' });
  }
}

/** Somebody who talks to the server, with a token or without one. */
class Guest {
  #client;

  constructor(world, token) {
    this.world = world;
    this.token = token;
    this.#client = new misskey.APIClient({ origin: world.origin, credential: token });
  }

  /** Calls an endpoint; fails with Misskey's error. */
  api(endpoint, params = {}) {
    return this.#client.request(endpoint, params);
  }

  /** Opens a stream with the official client. */
  async stream() {
    return this.world.own(await Listener.open(this.world, this.token));
  }

  /** Opens a stream of its own and joins one channel on it. */
  async join(channel, params) {
    const stream = await this.stream();
    return stream.join(channel, params);
  }

  /** Opens a stream without the official client, to send what it would not. */
  async socket() {
    return this.world.own(await Socket.open(this.world, this.token));
  }
}

export class Person extends Guest {
  constructor(world, user, password) {
    super(world, user.token);
    this.id = user.id;
    this.username = user.username;
    this.password = password;
  }

  /** Posts a note; a string is its text. */
  async note(params) {
    const body = typeof params === 'string' ? { text: params } : params;
    return (await this.api('notes/create', body)).createdNote;
  }

  /** Uploads a file of its own content, an image of one pixel. */
  upload(name = 'pixel.gif', params = {}) {
    return this.api('drive/files/create', { name, file: newImage(), ...params });
  }

  reply(note, params) {
    const body = typeof params === 'string' ? { text: params } : params;
    return this.note({ replyId: note.id, ...body });
  }

  renote(note, params) {
    return this.note({ renoteId: note.id, ...params });
  }

  quote(note, text) {
    return this.note({ renoteId: note.id, text });
  }

  react(note, reaction = '👍') {
    return this.api('notes/reactions/create', { noteId: note.id, reaction });
  }

  unreact(note) {
    return this.api('notes/reactions/delete', { noteId: note.id });
  }

  follow(user) {
    return this.api('following/create', { userId: user.id });
  }

  unfollow(user) {
    return this.api('following/delete', { userId: user.id });
  }

  /** The same person behind an app's token with these permissions. */
  async app(permission) {
    const { token } = await this.api('miauth/gen-token', { session: null, permission });
    return new Person(this.world, { ...this, token }, this.password);
  }
}
