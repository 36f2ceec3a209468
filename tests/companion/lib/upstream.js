// A stand-in for the Misskey server itself: packs notes as the recorded one packed them.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { Streams } from './streams.js';

/** The packed notes that a frame carries. */
function* notesOf({ type, body }) {
  if (type !== 'channel' || typeof body.body !== 'object' || body.body === null) return;
  if (['note', 'mention', 'reply', 'renote'].includes(body.type)) yield body.body;
  if (body.type === 'notification' && body.body.note) yield body.body.note;
}

export class Upstream {
  #server;
  #users;
  #packed = new Map();

  /** The channels that no other server feeds. */
  streams;

  /** The requests that were answered, each `{ user, noteId, status }`. */
  requests = [];

  /**
   * @param tokens whose token each one is
   * @param frames recorded frames, each `{ user, seq, frame }`
   */
  static async start(tokens, frames) {
    const upstream = new Upstream();
    upstream.#users = tokens;
    for (const { user, seq, frame } of frames) {
      const ofAntenna = frame.body?.type === 'note';
      for (const note of notesOf(frame)) upstream.#learn(user, note, { seq, ofAntenna });
    }
    upstream.#server = createServer((request, response) => upstream.#answer(request, response));
    upstream.streams = new Streams(upstream.#server);
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Where the step begins that is being played: a note is packed as it was packed next. */
  seq = 0;

  async stop() {
    const closed = once(this.#server, 'close');
    this.streams.stop();
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Timelines carry notes that were packed for servers: those have a cache that no client sees. */
  #learn(user, note, when) {
    if ('reactionAndUserPairCache' in note) return;
    const key = `${user} ${note.id}`;
    if (!this.#packed.has(key)) this.#packed.set(key, []);
    this.#packed.get(key).push({ ...when, note });
  }

  async #answer(request, response) {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    const { status, body } = this.#show(request, text);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  #show({ method, url, headers }, text) {
    const failed = (status, code) => ({ status, body: { error: { code, message: code, kind: 'client' } } });
    if (method !== 'POST' || url !== '/api/notes/show') return failed(404, 'UNKNOWN_API_ENDPOINT');
    const { i, noteId } = JSON.parse(text);
    const token = /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1] ?? i;
    const user = this.#users.get(token);
    if (user === undefined) return failed(401, 'AUTHENTICATION_FAILED');
    const known = this.#packed.get(`${user} ${noteId}`) ?? [];
    // What goes to `main` was packed earlier, before counts went up.
    const packed = known.toSorted((a, b) => b.ofAntenna - a.ofAntenna);
    const found = packed.find(({ seq }) => seq >= this.seq) ?? packed.at(-1);
    const answer = found ? { status: 200, body: found.note } : failed(400, 'NO_SUCH_NOTE');
    this.requests.push({ user, noteId, status: answer.status });
    return answer;
  }
}
