// The notes that some column shows, each once, and what happens to them.

import { type ShallowReactive, shallowReactive } from 'vue';
import type { Note } from 'misskey-js/entities.js';
import type { NoteUpdate } from '../net/session';

/** A note on the page. What it renotes and replies to has an entry of its own. */
export interface Entry {
  readonly id: string;
  note: Note;
  deleted: boolean;
  renote: Live | null;
  reply: Live | null;
}

export type Live = ShallowReactive<Entry>;

export class Notes {
  readonly #entries = new Map<string, { entry: Live; holders: number }>();

  /** `me` is the viewer's id, to know one's own reactions and votes. */
  constructor(private readonly me: string | null) {}

  get size(): number {
    return this.#entries.size;
  }

  /** Gives the entry of a note, as one more holder of it. */
  take(note: Note): Live {
    const known = this.#entries.get(note.id);
    if (known) {
      known.holders += 1;
      return known.entry;
    }
    const entry = shallowReactive<Entry>({
      id: note.id,
      note,
      deleted: false,
      renote: note.renote ? this.take(note.renote) : null,
      reply: note.reply ? this.take(note.reply) : null,
    });
    this.#entries.set(note.id, { entry, holders: 1 });
    return entry;
  }

  /** Takes back what {@link take} gave. */
  drop(entry: Live): void {
    const known = this.#entries.get(entry.id);
    if (!known || (known.holders -= 1) > 0) return;
    this.#entries.delete(entry.id);
    if (entry.renote) this.drop(entry.renote);
    if (entry.reply) this.drop(entry.reply);
  }

  /** Puts what the server says of a note now in the place of what was known. */
  replace(note: Note): void {
    const entry = this.#entries.get(note.id)?.entry;
    if (entry) entry.note = note;
  }

  /** The note is gone. */
  vanish(noteId: string): void {
    const entry = this.#entries.get(noteId)?.entry;
    if (entry) entry.deleted = true;
  }

  /** Applies an event of a captured note. */
  apply({ id, type, body }: NoteUpdate): void {
    const entry = this.#entries.get(id)?.entry;
    if (!entry) return;
    if (type === 'deleted') entry.deleted = true;
    else entry.note = updated(entry.note, type, body ?? {}, this.me);
  }
}

/** The note after an event; the same note where the event changes nothing that is shown. */
export function updated(
  note: Note,
  type: string,
  body: Record<string, unknown>,
  me: string | null,
): Note {
  const mine = me !== null && body.userId === me;
  switch (type) {
    case 'reacted':
      return reacted(note, String(body.reaction), body.emoji, mine);
    case 'unreacted': {
      const reactions = counted(note.reactions, String(body.reaction), -1);
      return { ...note, reactions, ...(mine && { myReaction: null }) };
    }
    case 'pollVoted':
      return voted(note, Number(body.choice), mine);
    case 'updated': {
      const text = (body.text ?? note.text) as string | null;
      return { ...note, text, cw: (body.cw ?? note.cw) as string | null };
    }
    default:
      return note;
  }
}

function reacted(note: Note, reaction: string, emoji: unknown, mine: boolean): Note {
  const reactions = counted(note.reactions, reaction, 1);
  const { name, url } = (emoji ?? {}) as { name?: string; url?: string };
  const reactionEmojis = name && url
    ? { ...note.reactionEmojis, [name]: url }
    : note.reactionEmojis;
  return { ...note, reactions, reactionEmojis, ...(mine && { myReaction: reaction }) };
}

function voted(note: Note, choice: number, mine: boolean): Note {
  if (!note.poll) return note;
  const choices = note.poll.choices.map((it, at) =>
    at === choice ? { ...it, votes: it.votes + 1, isVoted: it.isVoted || mine } : it);
  return { ...note, poll: { ...note.poll, choices } };
}

function counted(
  counts: Record<string, number>,
  key: string,
  change: number,
): Record<string, number> {
  const { [key]: before = 0, ...others } = counts;
  const after = before + change;
  if (after <= 0) return others;
  // A reaction that was there keeps its place.
  return key in counts ? { ...counts, [key]: after } : { ...others, [key]: after };
}

/** A renote without words of its own: what it renotes is shown in its place. */
export function isPureRenote(note: Note): boolean {
  return note.renoteId != null && note.text == null && note.cw == null && note.replyId == null
    && note.poll == null && (note.fileIds?.length ?? 0) === 0;
}
