// Every frame of the connection, in and out: the newest are kept, bounded in number and in size.

import { shallowRef } from 'vue';
import type { LineEvent } from '../net/tap';
import { PROBE } from '../net/session';

const FRAMES_MAX = 2_000;
const CHARS_MAX = 4_000_000;

/** One frame, or something else that happened on the line. */
export interface Frame {
  n: number;
  at: number;
  direction: 'in' | 'out' | 'line';
  /** The frame as it went over the wire; for the line, what happened. */
  text: string;
  /** The `type` of the message, or what happened on the line. */
  type: string;
  /** The name of the channel that it belongs to. */
  channel: string | null;
  /** The type of the event inside. */
  event: string | null;
  /** Asked by this page only to learn that all before is done. */
  probe: boolean;
}

interface Message {
  type?: unknown;
  body?: { id?: unknown; type?: unknown; channel?: unknown };
}

class Wire {
  readonly frames = shallowRef<readonly Frame[]>([]);
  readonly counts = shallowRef({ in: 0, out: 0, bytesIn: 0, bytesOut: 0 });
  readonly paused = shallowRef(false);
  #all: Frame[] = [];
  #chars = 0;
  #next = 1;
  #counts = { in: 0, out: 0, bytesIn: 0, bytesOut: 0 };
  /** The channel that each id stands for. */
  #channels = new Map<string, string>();
  #scheduled = false;

  record(event: LineEvent): void {
    if (event.what === 'in' || event.what === 'out') this.#frame(event.what, event.text);
    else this.#line(event);
    this.#bound();
    this.#schedule();
  }

  clear(): void {
    this.#all = [];
    this.#chars = 0;
    this.#schedule();
  }

  #frame(direction: 'in' | 'out', text: string): void {
    this.#counts[direction] += 1;
    this.#counts[direction === 'in' ? 'bytesIn' : 'bytesOut'] += text.length;
    const { type, body } = parse(text);
    const id = typeof body?.id === 'string' ? body.id : null;
    if (direction === 'out' && type === 'connect' && id && typeof body?.channel === 'string') {
      this.#channels.set(id, body.channel);
    }
    const channel = id !== null ? (this.#channels.get(id) ?? null) : null;
    if (direction === 'out' && type === 'disconnect' && id) this.#channels.delete(id);
    const isEvent = type === 'channel' || type === 'noteUpdated' || type === 'ch';
    this.#push({
      direction,
      text,
      type: typeof type === 'string' ? type : '—',
      channel: type === 'noteUpdated' || type === 'subNote' || type === 'unsubNote' ? null : channel,
      event: isEvent && typeof body?.type === 'string' ? body.type : null,
      probe: id !== null && id.startsWith(PROBE),
    });
  }

  #line(event: LineEvent): void {
    if (event.what === 'open') this.#channels.clear();
    const text = event.what === 'closed'
      ? `${event.code}${event.reason && ` ${event.reason}`}`
      : '';
    this.#push({
      direction: 'line', text, type: event.what, channel: null, event: null, probe: false,
    });
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
    // Cut in portions: moving the rest down costs as much as there is of it.
    if (from > 0) this.#all.splice(0, from);
  }

  /** The page learns of new frames at most once for each of its own. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.counts.value = { ...this.#counts };
      if (!this.paused.value) this.frames.value = this.#all.slice();
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
