// Plays the recording: the rows, the messages and the clients, in the order they were seen.

import { compare, kindOf } from './compare.js';
import { Connection, MARK } from './connection.js';
import { Journal } from './journal.js';
import { replay } from './handshakes.js';
import { Nodes, metric, until } from './nodes.js';
import { Postgres } from './postgres.js';
import { SECOND, readContext, readRows, readSnapshots, readSteps } from './recording.js';
import { Redis } from './redis.js';
import { Tables } from './tables.js';
import { GENERATED } from './tolerance.js';
import { Upstream } from './upstream.js';

/** A message as a server reads it; null where it is none. */
function decode(raw) {
  try {
    const message = JSON.parse(raw);
    return message?.channel === undefined ? null : message;
  } catch {
    return null;
  }
}

/** Changes that make a process read again what they are about. */
const READ_AGAIN = /^(meta|policies|role|userRole)/;

/** Messages for which Misskey itself is asked, so that what comes of them comes later than its turn. */
const PACKED = /"channel":"antennaStream:|"isHidden":true/;

/** Whose token a connection has, by its URL. */
const tokenOf = ({ url }) => new URL(url, 'http://localhost').searchParams.get('i');

export class Player {
  #host;
  #redis;
  #postgres;
  #database;
  #publisher;
  #tables;
  #journal;
  #upstream;
  #connections = new Map();
  /** Whose each connection is, `null` for visitors. */
  #users = new Map();
  #opened = 0;
  #marks = 0;
  #published = false;
  #packing = false;
  /** What was answered differently to raw requests, by step. */
  #answers = [];
  #asked = null;
  #heard = [];
  /** The step that was begun and not ended. */
  #broken = null;

  nodes;
  steps = readSteps();

  /**
   * Starts all servers, with the rows of the time before the first connection.
   * @param {object} options
   * @param {number} options.count how many processes share the work
   * @param {boolean} [options.file] whether they are told by Misskey's own configuration file
   */
  static async start({ count, file }) {
    const player = new Player();
    player.#host = readContext().host;
    [player.#postgres, player.#redis] = await Promise.all([Postgres.start(), Redis.start()]);
    await player.#load();
    await player.#startUpstream();
    player.nodes = await Nodes.start({
      count,
      file,
      host: player.#host,
      database: { host: player.#postgres.folder, port: 5432, ...player.#postgres.settings },
      redis: { path: player.#redis.path, ...player.#redis.settings },
      args: [
        '--upstream', player.#upstream.origin,
        // One of the recorded users opened most of the odd connections, and left them open.
        '--connections-per-user-max', '256',
      ],
    });
    await player.#listen();
    return player;
  }

  /**
   * Plays a step and gives back what differs, each difference with `step` and `conn`. Where a
   * step can't be played to its end nothing after it can be: what is still on its way of it
   * would be taken for a part of the next.
   */
  async play(step) {
    if (this.#broken) throw new Error(`not played, for ${this.#broken} was not played to its end`);
    this.#broken = `step ${step.number}`;
    this.#asked = null;
    for (const { channel, body } of logsOf(step)) this.#upstream.streams.answer(channel, body);
    for (const act of step.done) await this.#act(act, step);
    await this.#settle();
    for (const { message } of this.#late.splice(0)) await this.#journal.after(message);
    this.#broken = null;
    return this.#differences(step);
  }

  async stop() {
    for (const connection of this.#connections.values()) await connection.close();
    await this.nodes?.stop();
    await this.#upstream?.stop();
    await this.#database?.end();
    await this.#redis?.stop();
    await this.#postgres?.stop();
  }

  #late = [];

  async #load() {
    const rows = readRows();
    const snapshots = readSnapshots();
    this.#database = this.#postgres.client();
    await this.#database.connect();
    const sets = [rows.end, ...snapshots.map(({ tables }) => tables)];
    this.#tables = await Tables.create(this.#database, rows, sets);
    this.#journal = new Journal(this.#tables, [...snapshots, { seq: Infinity, tables: rows.end }]);
  }

  /** Finds out whose connection each is; visitors' are nobody's. */
  #findUsers() {
    const { users, tokens } = readContext();
    const owners = new Map(Object.entries(users).map(([name, { token }]) => [token, name]));
    for (const [name, token] of Object.entries(tokens)) owners.set(token, name.split('_')[0]);
    for (const { kind, raw } of this.steps.flatMap(({ done }) => done)) {
      const { type, body } = (kind === 'publish' && decode(raw)?.message) || {};
      if (type === 'userTokenRegenerated') owners.set(body.newToken, owners.get(body.oldToken));
    }
    for (const act of this.steps.flatMap(({ done }) => done)) {
      if (act.kind === 'connect') this.#users.set(act.conn, owners.get(tokenOf(act)) ?? null);
    }
    return owners;
  }

  async #startUpstream() {
    const owners = this.#findUsers();
    const frames = this.steps.flatMap(({ seen }) => seen)
      .filter(({ kind, conn }) => kind === 'recv' && this.#users.get(conn) !== null)
      .map(({ conn, seq, text }) => ({ user: this.#users.get(conn), seq, frame: JSON.parse(text) }));
    this.#upstream = await Upstream.start(owners, frames);
  }

  /** Hears what the processes publish themselves. */
  async #listen() {
    this.#publisher = this.#redis.client();
    const subscriber = this.#redis.client();
    subscriber.on('message', (channel, raw) => this.#heard.push(decode(raw)));
    await subscriber.subscribe(this.#host);
  }

  async #act(act, step) {
    // Within a step it may be asked later than it was: events do not wait for each other's notes.
    this.#upstream.seq = step.done[0].seq;
    switch (act.kind) {
      case 'connect': return this.#connect(act, step);
      case 'send': return this.#send(act);
      case 'client-close': return this.#connections.get(act.conn).close(...act.args);
      case 'client-ping': return this.#connections.get(act.conn).ping();
      case 'publish': return this.#publish(act, step);
      case 'handshake': return this.#handshake(act);
      case 'bridged': return this.#bridge(act, step);
      case 'snapshot': return this.#snapshot(act);
      default: throw new Error(`nothing plays ${act.kind}`);
    }
  }

  async #connect(act, step) {
    await this.#settle();
    const connection = await Connection.open(this.nodes.origin(this.#opened), act);
    this.#opened += 1;
    const rejected = step.seen.find(({ kind, conn }) => kind === 'rejected' && conn === act.conn);
    if (connection.status !== rejected?.status) {
      throw new Error(`${act.conn}: recorded ${rejected?.status ?? 101}, here ${connection.status ?? 101}`);
    }
    if (connection instanceof Connection) this.#connections.set(act.conn, connection);
  }

  async #handshake(act) {
    await this.#settle();
    const found = await replay(this.nodes.origin(this.#opened), act);
    this.#opened += 1;
    this.#answers.push(...found.map((what) => ({ step: act.step, conn: act.label, what })));
  }

  /** What Misskey itself told a client, and now tells through a process. */
  async #bridge(act, step) {
    const frame = JSON.parse(act.text);
    const { id, type, body } = frame.body;
    const joins = step.done.filter(({ kind, conn }) => kind === 'send' && conn === act.conn);
    const join = joins.map(({ text }) => JSON.parse(text)).find((sent) => sent.type === 'connect' && sent.body.id === id);
    if (type === 'stats') await this.#upstream.streams.push(join.body.channel, type, body);
    const before = step.done.slice(0, step.done.indexOf(act) + 1);
    const count = before.filter(({ kind, conn }) => kind === 'bridged' && conn === act.conn).length;
    const connection = this.#connections.get(act.conn);
    await connection.arrived((came) => GENERATED.includes(kindOf(came)), count);
  }

  async #send({ conn, text }) {
    if (this.#published) await this.#settle();
    if (/"readNotification"/.test(text)) this.#asked = 'readAllNotifications';
    this.#connections.get(conn)?.send(text);
  }

  async #publish({ raw, seq }, step) {
    await this.#settleSent();
    const message = decode(raw);
    if (message && message.message.type === this.#asked) return this.#hear(message);
    if (message && !step.direct) {
      await this.#journal.before(message, seq);
      await this.#remember(message);
      this.#late.push({ message });
    }
    this.#published = true;
    this.#packing ||= PACKED.test(raw);
    await this.#publisher.publish(this.#host, raw);
    if (message?.channel === 'internal' && READ_AGAIN.test(message.message.type)) {
      await this.#settle();
      await this.nodes.reread();
    }
  }

  /** What a client asked for makes the process publish, so nobody else does. */
  async #hear(wanted) {
    const same = (message) => message?.channel === wanted.channel && message.message.type === wanted.message.type;
    await until(() => this.#heard.some(same), `${wanted.channel} was not published`);
    this.#published = true;
  }

  /** The lists of notifications that a Misskey keeps in Redis. */
  async #remember({ channel: topic, message: { type, body } }) {
    const [name, user] = topic.split(':');
    if (name !== 'mainStream') return;
    const key = `${this.#host}:notificationTimeline:${user}`;
    const latest = `${this.#host}:latestReadNotification:${user}`;
    if (type === 'notification') await this.#publisher.xadd(key, '*', 'data', JSON.stringify(body));
    if (type === 'notificationFlushed') await this.#publisher.del(key, latest);
    if (type === 'readAllNotifications') {
      const [newest] = await this.#publisher.xrevrange(key, '+', '-', 'COUNT', 1);
      if (newest) await this.#publisher.set(latest, newest[0]);
    }
  }

  async #snapshot({ tables }) {
    await this.#settle();
    if (await this.#tables.sync(tables) > 0) await this.nodes.reread();
  }

  /** Waits until all that was sent and all that was published has had its effect. */
  async #settle() {
    await this.#settleSent();
    await this.#mark();
    if (this.#packing) {
      this.#packing = false;
      await Promise.all(this.nodes.servers.map((server) =>
        until(async () => (await metric(server, 'seseragi_events_held')) === 0, 'notes are not packed')));
      await this.#mark();
    }
    this.#published = false;
    this.#heard = [];
  }

  async #mark() {
    this.#marks += 1;
    const message = { channel: 'broadcast', message: { type: MARK, body: this.#marks } };
    await this.#publisher.publish(this.#host, JSON.stringify(message));
    await Promise.all([...this.#connections.values()].map((each) => each.marked(this.#marks)));
  }

  async #settleSent() {
    await Promise.all([...this.#connections.values()].map((each) => each.settle()));
  }

  #differences({ number, done, seen }) {
    const found = this.#answers.splice(0);
    const told = this.#told(seen);
    for (const [conn, connection] of this.#connections) {
      const recorded = seen.filter((line) => line.conn === conn);
      const frames = recorded.filter(({ kind }) => kind === 'recv').map(({ text }) => JSON.parse(text));
      const differences = compare(comparable(frames, conn), comparable(connection.take(), conn));
      for (const { ours, ...difference } of differences) {
        const shown = ours?.body?.body !== undefined
          && told.get(this.#users.get(conn)).has(bare(ours.body.body));
        found.push({ step: number, conn, ...difference, ours, shown });
      }
      if (connection.closed === null) continue;
      this.#connections.delete(conn);
      const left = done.some(({ kind, conn: other }) => kind === 'client-close' && other === conn);
      const ended = left || recorded.some(({ kind }) => kind === 'close');
      if (!ended) found.push({ step: number, conn, what: `closed ${connection.closed}` });
    }
    return found;
  }

  /** What each user was told by the recorded server, on whatever connection and channel. */
  #told(seen) {
    const told = new Map([...this.#users.values()].map((user) => [user, new Set()]));
    for (const { kind, conn, text } of seen) {
      if (kind === 'recv') told.get(this.#users.get(conn)).add(bare(JSON.parse(text).body?.body));
    }
    return told;
  }
}

/** What Misskey itself answered to requests for logs, and on which channel. */
function* logsOf({ done }) {
  if (!done.some(({ kind }) => kind === 'bridged')) return;
  const channels = new Map();
  for (const { kind, text } of done.filter(({ kind: each }) => ['send', 'bridged'].includes(each))) {
    const { type, body } = JSON.parse(text);
    if (kind === 'send' && type === 'connect') channels.set(body.id, body.channel);
    if (kind === 'bridged' && body.type === 'statsLog') yield { channel: channels.get(body.id), body: body.body };
  }
}

/** What an event tells: all of it but a cache for servers that `main` has not. */
const bare = (body) => JSON.stringify(body, (key, value) =>
  (key === 'reactionAndUserPairCache' ? undefined : value));

/** Frames without those that the first run shows only the shape of. */
const comparable = (frames, conn) => frames.filter((frame) =>
  conn.startsWith(SECOND) || !GENERATED.includes(kindOf(frame)));
