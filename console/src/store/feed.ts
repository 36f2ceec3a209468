// The notes of one column: bounded, newest first, and held back while somebody reads further down.

import { shallowRef } from 'vue';
import type { Note } from 'misskey-js/entities.js';
import type { Live, Notes } from './notes';

/** How many notes are in the page while new ones come in at the top. */
const SHOWN_MAX = 60;
/** How many there may be while somebody reads back. */
const READING_MAX = 300;
/** How many new notes wait at most; of more, the oldest are forgotten. */
const WAITING_MAX = SHOWN_MAX;

export class Feed {
  readonly shown = shallowRef<readonly Live[]>([]);
  readonly waiting = shallowRef<readonly Live[]>([]);
  /** How many notes came since the reader left the top, also those not kept. */
  readonly missed = shallowRef(0);
  #held = false;

  constructor(private readonly notes: Notes) {}

  /** While held, new notes wait. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.release();
  }

  /** Shows what waits. */
  release(): void {
    const waiting = this.waiting.value;
    this.waiting.value = [];
    this.missed.value = 0;
    this.#put([...waiting, ...this.shown.value], SHOWN_MAX);
  }

  /** A note has come. */
  add(note: Note): void {
    if (this.#has(note.id)) return;
    const entry = this.notes.take(note);
    if (!this.#held) return this.#put([entry, ...this.shown.value], SHOWN_MAX);
    this.missed.value += 1;
    const waiting = [entry, ...this.waiting.value];
    this.waiting.value = waiting.slice(0, WAITING_MAX);
    for (const old of waiting.slice(WAITING_MAX)) this.notes.drop(old);
  }

  /** Fits in notes that were read from the API, wherever they belong. */
  merge(notes: readonly Note[]): void {
    const fresh = notes.filter((note) => !this.#has(note.id)).map((note) => this.notes.take(note));
    const all = [...this.shown.value, ...fresh].sort((a, b) => (a.id < b.id ? 1 : -1));
    this.#put(all, this.#held ? READING_MAX : SHOWN_MAX);
  }

  /** The id of the oldest note, to read on from. */
  get oldest(): string | undefined {
    return this.shown.value.at(-1)?.id;
  }

  get full(): boolean {
    return this.shown.value.length >= READING_MAX;
  }

  clear(): void {
    for (const entry of [...this.shown.value, ...this.waiting.value]) this.notes.drop(entry);
    this.shown.value = [];
    this.waiting.value = [];
    this.missed.value = 0;
  }

  #put(entries: readonly Live[], max: number): void {
    this.shown.value = entries.slice(0, max);
    for (const old of entries.slice(max)) this.notes.drop(old);
  }

  #has(id: string): boolean {
    const same = (entry: Live) => entry.id === id;
    return this.shown.value.some(same) || this.waiting.value.some(same);
  }
}
