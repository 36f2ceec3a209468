// Every frame of the connection, in and out: the newest are kept, bounded in number and in size.

import { shallowRef } from 'vue';
import type { LineEvent } from '../net/tap';
import { PROBE } from '../net/session';

const FRAMES_MAX = 2_000;
const CHARS_MAX = 4_000_000;
/** Channels whose joining is remembered, for scripts. */
const JOINS_MAX = 200;

/** One frame, or something else that happened on the line. */
export interface Frame {
  n: number;
  /** Milliseconds of the clock. */
  at: number;
  direction: 'in' | 'out' | 'line';
  /** The frame as it went over the wire; for the line, what happened. */
  text: string;
  bytes: number;
  /** The `type` of the message, or what happened on the line. */
  type: string;
  /** The `id` inside: that of a channel, or of a note. */
  id: string | null;
  /** The name of the channel that it belongs to. */
  channel: string | null;
  /** The type of the event inside. */
  event: string | null;
  /** Asked by this page only to learn that all before is done. */
  probe: boolean;
}

export interface Counts {
  in: number;
  out: number;
  bytesIn: number;
  bytesOut: number;
}

interface Message {
  type?: unknown;
  body?: { id?: unknown; type?: unknown; channel?: unknown } | null;
}

/** Messages whose body names a channel by its id, or is an event of one. */
const OF_CHANNELS = new Set(['connect', 'disconnect', 'channel', 'ch', 'connected']);
const WITH_EVENT = new Set(['channel', 'ch', 'noteUpdated']);

export class Wire {
  readonly frames = shallowRef<readonly Frame[]>([]);
  readonly counts = shallowRef<Counts>({ in: 0, out: 0, bytesIn: 0, bytesOut: 0 });
  #all: Frame[] = [];
  #chars = 0;
  #next = 1;
  #counts: Counts = { in: 0, out: 0, bytesIn: 0, bytesOut: 0 };
  /** The frame that joined the channel of an id, on this connection. */
  #joinById = new Map<string, { channel: string; text: string }>();
  #watchers = 0;
  #scheduled = false;
  readonly #encoder = new TextEncoder();

  record(event: LineEvent): void {
    if (event.what === 'in' || event.what === 'out') this.#frame(event.what, event.text);
    else this.#line(event);
    this.#bound();
    this.#schedule();
  }

  /** While somebody watches, {@link frames} is kept up to date. Gives back how to end that. */
  watch(): () => void {
    this.#watchers += 1;
    this.#schedule();
    return () => { this.#watchers -= 1; };
  }

  clear(): void {
    this.#all = [];
    this.#chars = 0;
    this.#schedule();
  }

  /** How many frames came in the last minute, of those that are kept. */
  recent(): number {
    const since = Date.now() - 60_000;
    const from = this.#all.findLastIndex(({ at }) => at < since) + 1;
    return this.#all.slice(from).filter(({ direction }) => direction === 'in').length;
  }

  /** The frame that joined the channel of this id. */
  joinOf(id: string): string | null {
    return this.#joinById.get(id)?.text ?? null;
  }

  /** What was sent on the present connection, without the page's own questions. */
  sent(): string[] {
    const opened = this.#all.findLastIndex(({ direction, type }) => direction === 'line' && type === 'open');
    const since = this.#all.slice(opened + 1);
    return since.filter(({ direction, probe }) => direction === 'out' && !probe).map(({ text }) => text);
  }

  /** The frame of the same kind before this one: the same channel and event, the same note. */
  before(frame: Frame): Frame | null {
    return this.#all.findLast((other) =>
      other.n < frame.n && other.direction === frame.direction && other.type === frame.type
      && other.id === frame.id && other.event === frame.event) ?? null;
  }

  #frame(direction: 'in' | 'out', text: string): void {
    const bytes = this.#encoder.encode(text).length;
    this.#counts[direction] += 1;
    this.#counts[direction === 'in' ? 'bytesIn' : 'bytesOut'] += bytes;
    const { type, body } = parse(text);
    const kind = typeof type === 'string' ? type : '—';
    const id = typeof body?.id === 'string' ? body.id : null;
    const probe = id?.startsWith(PROBE) ?? false;
    if (direction === 'out' && kind === 'connect' && id && !probe && typeof body?.channel === 'string') {
      this.#joined(id, body.channel, text);
    }
    const channel = id !== null && OF_CHANNELS.has(kind) ? (this.#joinById.get(id)?.channel ?? null) : null;
    const event = WITH_EVENT.has(kind) && typeof body?.type === 'string' ? body.type : null;
    this.#push({ direction, text, bytes, type: kind, id, channel, event, probe });
  }

  #joined(id: string, channel: string, text: string): void {
    this.#joinById.delete(id);
    this.#joinById.set(id, { channel, text });
    const oldest = this.#joinById.keys().next().value;
    if (this.#joinById.size > JOINS_MAX && oldest !== undefined) this.#joinById.delete(oldest);
  }

  #line(event: LineEvent): void {
    if (event.what === 'open') this.#joinById.clear();
    const text = event.what === 'closed' ? `${event.code} ${event.reason}`.trim() : '';
    const nothing = { bytes: 0, id: null, channel: null, event: null, probe: false };
    this.#push({ direction: 'line', text, type: event.what, ...nothing });
  }

  #push(frame: Omit<Frame, 'n' | 'at'>): void {
    this.#all.push({ n: this.#next, at: Date.now(), ...frame });
    this.#next += 1;
    this.#chars += frame.text.length;
  }

  #bound(): void {
    let from = 0;
    while (this.#all.length - from > FRAMES_MAX || this.#chars > CHARS_MAX) {
      this.#chars -= this.#all[from]?.text.length ?? 0;
      from += 1;
    }
    if (from > 0) this.#all.splice(0, from);
  }

  /** The page learns of new frames at most once for each picture that it shows. */
  #schedule(): void {
    if (this.#scheduled || this.#watchers === 0) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.counts.value = { ...this.#counts };
      this.frames.value = this.#all.slice();
    });
  }
}

function parse(text: string): Message {
  try {
    const message: unknown = JSON.parse(text);
    return message !== null && typeof message === 'object' ? (message as Message) : {};
  } catch {
    return {};
  }
}

export const wire = new Wire();
