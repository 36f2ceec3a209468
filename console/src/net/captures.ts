// Which notes are captured: those on the screen, each once on the wire however often it is shown.

const BATCH_MS = 100;
const READS_AT_ONCE = 4;
/** How long the stream may lag behind an answer of the API. */
const SETTLE_MS = 1_000;

/** What captures need of a connection. */
export interface Capturer {
  /** Sends a message of the protocol, if the connection is open. */
  send(type: string, body: unknown): void;
  /** Resolves when the server has dealt with all that was sent; `false` when it can't any more. */
  answered(): Promise<boolean>;
  /** Reads a note again and applies what has become of it. */
  reread(noteId: string): Promise<void>;
}

interface Held {
  shown: number;
  /** What happened to the note so far, counted; a reading that overlaps with an event is not the last. */
  events: number;
}

/**
 * Between a note's arrival and its capture there is a gap in which events pass unseen. So a note
 * is read again once its capture is in force, and once more whenever an event came so close to the
 * reading that nobody can tell whether it is in the answer.
 */
export class Captures {
  readonly #held = new Map<string, Held>();
  #fresh = new Set<string>();
  #queue: string[] = [];
  #reading = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly capturer: Capturer) {}

  /** How many notes are captured. */
  get size(): number {
    return this.#held.size;
  }

  /** A note has come onto the screen, in one more place. */
  show(noteId: string): void {
    const held = this.#held.get(noteId);
    if (held) {
      held.shown += 1;
      return;
    }
    this.#held.set(noteId, { shown: 1, events: 0 });
    this.#fresh.add(noteId);
    this.#timer ??= setTimeout(() => void this.#capture(), BATCH_MS);
  }

  /** A note has left the screen, in one place. */
  hide(noteId: string): void {
    const held = this.#held.get(noteId);
    if (!held || (held.shown -= 1) > 0) return;
    this.#held.delete(noteId);
    if (!this.#fresh.delete(noteId)) this.capturer.send('unsubNote', { id: noteId });
  }

  /** Something happened to a note. */
  happened(noteId: string): void {
    const held = this.#held.get(noteId);
    if (held) held.events += 1;
  }

  /** A new connection knows no captures: all are made again. */
  renew(): void {
    this.#fresh = new Set(this.#held.keys());
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    void this.#capture();
  }

  async #capture(): Promise<void> {
    this.#timer = null;
    const batch = [...this.#fresh];
    if (batch.length === 0) return;
    this.#fresh.clear();
    for (const id of batch) this.capturer.send('subNote', { id });
    if (!(await this.capturer.answered())) return;
    this.#queue.push(...batch);
    this.#readOn();
  }

  #readOn(): void {
    while (this.#reading < READS_AT_ONCE) {
      const id = this.#queue.shift();
      if (id === undefined) return;
      const held = this.#held.get(id);
      if (!held) continue;
      this.#reading += 1;
      void this.#read(id, held).finally(() => {
        this.#reading -= 1;
        this.#readOn();
      });
    }
  }

  async #read(id: string, held: Held): Promise<void> {
    const before = held.events;
    await this.capturer.reread(id);
    setTimeout(() => {
      if (held.events === before || this.#held.get(id) !== held) return;
      this.#queue.push(id);
      this.#readOn();
    }, SETTLE_MS);
  }
}
