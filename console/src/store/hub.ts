// What all parts of the page share: the session in use, its notes, and what is on the wire.

import { shallowRef, watch } from 'vue';
import { Session } from '../net/session';
import { account } from './accounts';
import { followEmojis } from './emojis';
import { Notes } from './notes';
import { wire } from './wire';

export interface Hub {
  session: Session;
  notes: Notes;
  /** The viewer's id; `null` for a visitor. */
  me: string | null;
}

export const hub = shallowRef<Hub>(open());

function open(): Hub {
  const user = account.value;
  const notes = new Notes(user?.id ?? null);
  const session = new Session(user?.token ?? null, {
    line: (event) => wire.record(event),
    noteUpdated: (update) => notes.apply(update),
    reread: (note) => notes.replace(note),
    vanished: (noteId) => notes.vanish(noteId),
  });
  followEmojis(session);
  return { session, notes, me: user?.id ?? null };
}

watch(() => account.value?.id, () => {
  hub.value.session.close();
  hub.value = open();
});
