// One login, or a visit without one: the API and the stream under it.

import { type ShallowRef, shallowRef } from 'vue';
import { api, Stream } from 'misskey-js';
import type { Note } from 'misskey-js/entities.js';
import { Captures } from './captures';
import { Line, type LineEvent } from './tap';

export type Status = 'connecting' | 'live' | 'lost' | 'refused';

/** An event of a joined channel. */
export type Listener = (type: string, body: unknown) => void;

/** The ids of questions that are only asked to learn that all before them is done. */
export const PROBE = 'probe-';

/** Failed attempts in a row after which the token itself is looked at. */
const ATTEMPTS_BEFORE_DOUBT = 3;

/** Something that happened to a captured note. */
export interface NoteUpdate {
  id: string;
  type: string;
  body: Record<string, unknown> | null;
}

interface Handlers {
  line(event: LineEvent): void;
  noteUpdated(update: NoteUpdate): void;
  reread(note: Note): void;
  /** The note is gone, or hidden from this user. */
  vanished(noteId: string): void;
}

export class Session {
  readonly status: ShallowRef<Status> = shallowRef('connecting');
  readonly captures: Captures;
  readonly line: Line;
  readonly #client: api.APIClient;
  readonly #stream: Stream;
  readonly #waiting = new Map<string, (done: boolean) => void>();
  readonly #live = new Set<() => void>();
  #probes = 0;
  #failed = 0;
  #closed = false;

  constructor(readonly token: string | null, private readonly handlers: Handlers) {
    const origin = location.origin;
    this.#client = new api.APIClient({ origin, credential: token });
    this.line = new Line((event) => this.#happened(event));
    this.captures = new Captures({
      send: (type, body) => this.#sendNow(type, body),
      answered: () => this.answered(),
      reread: (noteId) => this.#reread(noteId),
    });
    const options = { WebSocket: this.line.socketClass() };
    this.#stream = new Stream(origin, token ? { token } : null, options);
    this.#stream.on('_connected_', () => queueMicrotask(() => void this.#opened()));
    this.#stream.on('_disconnected_', () => this.#lost());
    this.on('connected', (body) => this.#waiting.get((body as { id: string }).id)?.(true));
    this.on('noteUpdated', (body) => {
      const update = body as NoteUpdate;
      this.captures.happened(update.id);
      handlers.noteUpdated(update);
    });
  }

  /** Calls an endpoint. Fails with Misskey's error. */
  api<T = unknown>(endpoint: string, params: Record<string, unknown> = {}): Promise<T> {
    return this.#client.request(endpoint as never, params as never) as Promise<T>;
  }

  /**
   * Joins a channel and stays in it over all connections. Gives back how to leave it.
   * Only shared channels are joined without params, once however many listen.
   */
  join(channel: string, params: object | null, listener: Listener): () => void {
    const joined = this.#stream.useChannel(channel as never, params as never);
    // Forks and newer servers have events that no list names.
    joined.emit = ((type: string, body: unknown) => {
      listener(type, body);
      return true;
    }) as typeof joined.emit;
    return () => joined.dispose();
  }

  /** An event of the connection itself that every client gets, such as `emojiAdded`. */
  on(type: string, listener: (body: unknown) => void): void {
    this.#stream.on(type as never, listener as never);
  }

  /** Calls back each time the connection is live, now included. Gives back how to end that. */
  onLive(callback: () => void): () => void {
    this.#live.add(callback);
    if (this.status.value === 'live') callback();
    return () => this.#live.delete(callback);
  }

  /** Marks all notifications as read. */
  readNotifications(): void {
    this.#sendNow('readNotification', {});
  }

  /** Resolves when the server has dealt with all that was sent before. */
  answered(): Promise<boolean> {
    if (this.#stream.state !== 'connected') return Promise.resolve(false);
    this.#probes += 1;
    const id = `${PROBE}${this.#probes}`;
    return new Promise((resolve) => {
      this.#waiting.set(id, (done) => {
        this.#waiting.delete(id);
        if (done) this.#sendNow('disconnect', { id });
        resolve(done);
      });
      const params = { q: [[id]] };
      this.#sendNow('connect', { channel: 'hashtag', id, params, pong: true });
    });
  }

  close(): void {
    this.#closed = true;
    this.#live.clear();
    this.#stream.removeAllListeners();
    this.#stream.close();
    this.#abandon();
  }

  async #opened(): Promise<void> {
    this.captures.renew();
    if (!(await this.answered())) return;
    this.status.value = 'live';
    for (const callback of this.#live) callback();
  }

  #lost(): void {
    this.status.value = 'lost';
    this.#abandon();
  }

  /** Nobody will answer what is still asked. */
  #abandon(): void {
    for (const answer of [...this.#waiting.values()]) answer(false);
  }

  /** What belongs to one connection alone must not wait for the next one. */
  #sendNow(type: string, body: unknown): void {
    if (this.#stream.state === 'connected') this.#stream.send(type as never, body as never);
  }

  #happened(event: LineEvent): void {
    this.handlers.line(event);
    if (event.what === 'open') this.#failed = 0;
    if (event.what !== 'closed' || this.#closed || this.status.value === 'refused') return;
    this.#failed += 1;
    const doubtful = this.#failed % ATTEMPTS_BEFORE_DOUBT === 0 && !event.byUs;
    if (this.token && doubtful) void this.#doubtToken();
  }

  /** A browser doesn't say why a handshake failed; the API does. */
  async #doubtToken(): Promise<void> {
    try {
      await this.api('i');
    } catch (error) {
      const refused = ['AUTHENTICATION_FAILED', 'YOUR_ACCOUNT_SUSPENDED', 'CREDENTIAL_REQUIRED'];
      if (!refused.includes(codeOf(error) ?? '')) return;
      this.close();
      this.status.value = 'refused';
    }
  }

  async #reread(noteId: string): Promise<void> {
    try {
      this.handlers.reread(await this.api<Note>('notes/show', { noteId }));
    } catch (error) {
      if (codeOf(error) === 'NO_SUCH_NOTE') this.handlers.vanished(noteId);
    }
  }
}

/** Misskey's code of an error, such as `NO_SUCH_NOTE`; `null` where there was no answer. */
export function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

/** What an error says, for people. */
export function messageOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
}
