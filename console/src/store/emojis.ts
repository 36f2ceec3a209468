// The custom emojis of this server: read when the connection is live, and again when it tells of a change.

import { shallowRef } from 'vue';
import type { Session } from '../net/session';
import { ownUrl } from '../ui/urls';

export interface Emoji {
  name: string;
  url: string;
  aliases?: readonly string[];
}

const CHANGES = ['emojiAdded', 'emojiUpdated', 'emojiDeleted'];

/** By name; empty until they are known, and where the server has none. */
export const emojis = shallowRef<ReadonlyMap<string, Emoji>>(new Map());

/** Keeps the emojis true for as long as a session lasts. */
export function followEmojis(session: Session): void {
  let reading = false;
  let again = false;
  const read = async (): Promise<void> => {
    again = reading;
    if (reading) return;
    reading = true;
    try {
      const found = await session.api<{ emojis: readonly Emoji[] }>('emojis');
      emojis.value = new Map(found.emojis.map((emoji) => [emoji.name, emoji]));
    } catch {
      // A server without that endpoint: emojis are shown by their names.
    } finally {
      reading = false;
    }
    if (again) await read();
  };
  session.onLive(() => void read());
  for (const change of CHANGES) session.on(change, () => void read());
}

/** The address of a local emoji's picture; `null` where there is no such emoji. */
export function emojiUrl(name: string): string | null {
  return ownUrl(emojis.value.get(name)?.url);
}

/** Emojis whose name or alias has this in it, those that begin with it first. */
export function findEmojis(text: string, max: number): readonly Emoji[] {
  const wanted = text.replaceAll(':', '').trim().toLowerCase();
  const names = ({ name, aliases = [] }: Emoji) => [name, ...aliases].map((it) => it.toLowerCase());
  const begins = (emoji: Emoji) => names(emoji).some((name) => name.startsWith(wanted));
  const has = (emoji: Emoji) => names(emoji).some((name) => name.includes(wanted));
  const found = [...emojis.value.values()].filter(has);
  return [...found.filter(begins), ...found.filter((emoji) => !begins(emoji))].slice(0, max);
}
