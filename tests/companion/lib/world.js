// A small Misskey without the Misskey: a database with users, a Redis, and a proxy before each.

import { Nodes, until } from './nodes.js';
import { Postgres } from './postgres.js';
import { Proxy } from './proxy.js';
import { Redis } from './redis.js';
import { ENUMERATORS, SCHEMA } from './schema.js';
import { Tables } from './tables.js';
import { Connection, MARK } from './connection.js';

const HOST = 'misskey.example';

/** The token of `user{n}`. */
export const tokenOf = (n) => `token${String(n).padStart(11, '0')}`;

const user = (n) => ({
  id: `user${n}`, username: `user${n}`, host: null, token: tokenOf(n),
  isSuspended: false, isDeleted: false, isRoot: n === 0, isLocked: false, isBot: false, isCat: false,
  isExplorable: true, followersCount: 0, followingCount: 0, notesCount: 0,
  requireSigninToViewContents: false,
});

const note = (id, more) => ({
  id, createdAt: new Date().toISOString(), userId: 'user0', user: user(0), text: null, cw: null,
  visibility: 'public', localOnly: false, renoteId: null, replyId: null, fileIds: [], files: [],
  reactions: {}, reactionCount: 0, renoteCount: 0, repliesCount: 0, ...more,
});

export class World {
  #clients = [];
  #marks = 0;

  postgres;
  redis;
  /** The proxy in front of PostgreSQL. */
  databaseProxy;
  /** The proxy in front of Redis. */
  redisProxy;
  nodes;
  tables;

  /** Starts everything, with users `user0`, `user1` and so on who all follow `user0`. */
  static async start({ users, args = [], count = 1, rereadMs }) {
    const world = new World();
    [world.postgres, world.redis] = await Promise.all([Postgres.start(), Redis.start()]);
    world.databaseProxy = await Proxy.start(world.postgres.path);
    world.redisProxy = await Proxy.start(world.redis.path);
    world.publisher = world.redis.client();
    await world.#fill(users);
    world.nodes = await Nodes.start({
      count, args, rereadMs, host: HOST,
      database: { host: '127.0.0.1', port: world.databaseProxy.port, ...world.postgres.settings },
      redis: { host: '127.0.0.1', port: world.redisProxy.port, ...world.redis.settings },
    });
    return world;
  }

  async #fill(users) {
    this.client = this.postgres.client();
    await this.client.connect();
    const numbers = Array.from({ length: users }, (_, n) => n);
    const start = {
      user: numbers.map(user),
      user_profile: numbers.map((n) => ({ userId: `user${n}`, mutedInstances: [] })),
      following: numbers.slice(1).map((n) =>
        ({ id: `follow${n}`, followerId: `user${n}`, followeeId: 'user0', withReplies: false })),
      meta: [{ id: 'x', policies: {}, rootUserId: 'user0', ugcVisibilityForVisitor: 'local' }],
    };
    this.tables = await Tables.create(this.client, { columns: SCHEMA, start }, [ENUMERATORS]);
  }

  /** Opens a stream as `user{n}`; the status where it was turned away. */
  async open(n, node = n) {
    const url = `/streaming?i=${tokenOf(n)}`;
    const client = await Connection.open(this.nodes.origin(node), { url, headers: {} });
    if (client instanceof Connection) this.#clients.push(client);
    return client;
  }

  /** Opens a stream as each of these users, a few at a time, and joins the home timeline. */
  async openAll(numbers) {
    const left = [...numbers];
    const clients = [];
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (let n = left.shift(); n !== undefined; n = left.shift()) {
        const client = await this.open(n);
        client.send(JSON.stringify({ type: 'connect', body: { channel: 'homeTimeline', id: 'home' } }));
        await client.settle();
        clients.push(client);
      }
    }));
    return clients;
  }

  /** Publishes a message as Misskey does. */
  async publish(channel, message) {
    await this.publisher.publish(HOST, JSON.stringify({ channel, message }));
  }

  /** Publishes bytes that may be no message at all. */
  async publishRaw(bytes) {
    await this.publisher.publish(HOST, bytes);
  }

  /** Has `user0` post a followers-only note. */
  async post(id) {
    await this.publish('notesStream', note(id, { text: id, visibility: 'followers' }));
  }

  /** Publishes a mark again and again until these clients have got one. */
  async reached(clients) {
    const first = this.#marks + 1;
    await until(async () => {
      this.#marks += 1;
      await this.publish('broadcast', { type: MARK, body: this.#marks });
      return clients.every((client) => client.mark >= first);
    }, 'events do not flow', 60_000);
  }

  async stop() {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.redisProxy?.delay(0);
    this.databaseProxy?.delay(0);
    await this.nodes?.stop();
    await this.databaseProxy?.stop();
    await this.redisProxy?.stop();
    await this.client?.end();
    await this.redis?.stop();
    await this.postgres?.stop();
  }
}
