// The recorded requests of a real server, replayed: the same answers and the same events,
// by shape, but for the differences that `lib/tolerated.js` lists with their reasons.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Server } from '../e2e/lib/server.js';
import { World, newImage } from '../e2e/lib/world.js';
import { compareFrames } from './lib/compare.js';
import { Connection, isOfGame } from './lib/connection.js';
import { Ids } from './lib/ids.js';
import { missing, readContext, readSteps } from './lib/recording.js';
import { differences } from './lib/shape.js';
import { CHANNELS, ENDS, STEPS, reasonFor, unused } from './lib/tolerated.js';

/** The connections that are compared: users, a visitor, an app. */
const CONNECTIONS = ['admin', 'alice', 'bob', 'dave', 'frank', 'heidi', 'anon', 'app_alice_read'];

class Replay {
  #ids = new Ids();
  #connections = new Map();
  #tokens = new Map();
  #shapes = new Map();
  replayed = 0;

  static async start() {
    const replay = new Replay();
    replay.server = await Server.start({
      args: ['--upload-from-url', 'on', '--allowed-private-networks', '127.0.0.1/32'],
    });
    replay.web = createServer(async (_, response) =>
      response.end(Buffer.from(await newImage().arrayBuffer())));
    await once(replay.web.listen(0, '127.0.0.1'), 'listening');
    replay.world = new World(replay.server);
    await replay.#signUp();
    const visitor = replay.world.visitor;
    replay.endpoints = new Set(await visitor.api('endpoints'));
    return replay;
  }

  /** The users of the recording, in their order, and behind them the keeper of the tests. */
  async #signUp() {
    const { users } = readContext();
    for (const [name, { id }] of Object.entries(users)) {
      const user = await this.world.visitor.api('signup', { username: name, password: 'pass' });
      this.#ids.learn(id, user.id);
      this.#tokens.set(name, user.token);
    }
    await this.world.settleIn();
  }

  /** Why a step is not replayed; null if it is. */
  reasonToSkip({ endpoint, body }) {
    if (endpoint === undefined) return 'no request';
    if (!this.endpoints.has(endpoint)) return `no endpoint ${endpoint} here`;
    if (this.#ids.translate(body ?? {}) === null) return 'it names what was not made here';
    return null;
  }

  /** Sends recorded messages; gives back those that name what isn't known yet. */
  async sendFrames(sent) {
    const left = [];
    for (const { conn, text } of sent) {
      if (!this.#connections.has(conn)) {
        const token = this.#tokens.get(conn.replace('app_', '')) ?? null;
        const unlike = Object.keys(CHANNELS[conn] ?? {});
        this.#connections.set(conn, await Connection.open(this.world, token, unlike));
      }
      if (!this.#connections.get(conn).send(text, this.#ids)) left.push({ conn, text });
    }
    return left;
  }

  /** Makes the request of a step; gives back what differs in the answer. */
  async request({ user, endpoint, body, answer }) {
    this.replayed += 1;
    const asked = this.#ids.translate(body ?? {});
    const { status, res } = endpoint === 'drive/files/create'
      ? await this.#upload(user, answer.res)
      : endpoint === 'drive/files/upload-from-url'
        ? await this.#uploadFromUrl(user, asked)
        : await this.#post(user, endpoint, asked);
    assert.equal(status, answer.status, JSON.stringify(res));
    if (status >= 400) {
      assert.deepEqual(
        [res.error.code, res.error.id, res.error.kind],
        [answer.res.error.code, answer.res.error.id, answer.res.error.kind],
      );
      return;
    }
    if (endpoint === 'miauth/gen-token') this.#tokens.set(body.name, res.token);
    this.#ids.learnAll(answer.res, res);
    this.#note(differences(answer.res, res, [endpoint]));
  }

  /** The recording has no contents of files, only what the server made of them. */
  async #upload(user, recorded) {
    const form = new FormData();
    form.append('i', this.#tokens.get(user));
    const { folderId } = this.#ids.translate({ folderId: recorded.folderId });
    if (folderId !== null) form.append('folderId', folderId);
    form.append('file', newImage(), recorded.name);
    const options = { method: 'POST', body: form };
    const response = await fetch(`${this.server.origin}/api/drive/files/create`, options);
    return { status: response.status, res: await response.json() };
  }

  /** The recorded file came from a server of its own. It is there after the answer. */
  async #uploadFromUrl(user, body) {
    const name = 'from-url.gif';
    const url = `http://127.0.0.1:${this.web.address().port}/${name}`;
    const answer = await this.#post(user, 'drive/files/upload-from-url', { ...body, url });
    for (let found = []; found.length === 0;) {
      ({ res: found } = await this.#post(user, 'drive/files/find', { name }));
    }
    return answer;
  }

  async #post(user, endpoint, body) {
    const token = user ? this.#tokens.get(user) : undefined;
    const response = await fetch(`${this.server.origin}/api/${endpoint}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, res: text === '' ? null : JSON.parse(text) };
  }

  /** What came differently on the connections during a step. */
  async events({ number, received }) {
    const found = [];
    for (const [name, connection] of this.#connections) {
      if (ENDS[number]?.[name]) {
        connection.close();
        this.#connections.delete(name);
        continue;
      }
      const recorded = received
        .filter(({ conn }) => conn === name)
        .map(({ text }) => JSON.parse(text))
        .filter((frame) => connection.expects(frame));
      const ours = await connection.received(recorded.filter(isOfGame).length);
      const { events, shapes } = compareFrames(recorded, ours, this.#ids);
      found.push(...events.map((event) => `${name} ${event}`));
      this.#note(shapes);
    }
    return found;
  }

  #note(differences) {
    for (const difference of differences.filter((each) => reasonFor(each) === null)) {
      const { path, what } = difference;
      const key = `${path.join('.')} ${what}`;
      this.#shapes.set(key, (this.#shapes.get(key) ?? 0) + 1);
    }
  }

  /** The differences of shape that nobody has given a reason for, with their number. */
  get unexplained() {
    return [...this.#shapes].map(([key, count]) => `${key} (${count} times)`).sort();
  }

  async stop() {
    for (const connection of this.#connections.values()) connection.close();
    this.web.close();
    await this.server.stop();
  }
}

/** Whether a game begins in a step, for which nobody does anything. */
const waitsForAGame = ({ received }) => received
  .map(({ text }) => JSON.parse(text))
  .some((frame) => isOfGame(frame) && frame.body.type === 'started');

test('the recording', { skip: missing ?? false }, async (context) => {
  const replay = await Replay.start();
  context.after(() => replay.stop());

  for (const step of readSteps(CONNECTIONS)) {
    const reason = replay.reasonToSkip(step);
    if (reason !== null && step.sent.length === 0 && !waitsForAGame(step)) continue;
    await context.test(`step ${step.number}: ${step.name}`, async () => {
      const left = await replay.sendFrames(step.sent);
      if (reason === null) await replay.request(step);
      await replay.sendFrames(left);
      const events = await replay.events(step);
      const tolerated = STEPS[step.number];
      assert.deepEqual(events.filter((event) => !tolerated?.in.test(event)), []);
      if (tolerated) assert.notDeepEqual(events, [], `nothing differs: ${tolerated.reason}`);
    });
  }

  await context.test('every difference of shape has a reason', () => {
    assert.deepEqual(replay.unexplained, []);
  });

  await context.test('every reason is needed', () => {
    assert.deepEqual(unused(), []);
  });

  await context.test('most of the recording was replayed', () => {
    assert.ok(replay.replayed > 150, `only ${replay.replayed} requests`);
  });
});
