// What the page's parts ask of each other: answering a note, showing a user, telling the reader.

import { shallowRef } from 'vue';
import type { Note, UserLite } from 'misskey-js/entities.js';
import { t, type Key } from '../i18n';
import { codeOf, messageOf } from '../net/session';

/** What the next note of the composer answers or quotes. */
export const context = shallowRef<{ kind: 'reply' | 'quote'; note: Note } | null>(null);

/** The user whose card is open. */
export const shownUser = shallowRef<UserLite | null>(null);

/** A short message to the reader. */
export interface Toast {
  n: number;
  text: string;
  kind: 'said' | 'wrong' | 'event';
}

const TOASTS_MAX = 4;
const TOAST_MS = 6_000;
let counted = 0;

export const toasts = shallowRef<readonly Toast[]>([]);

export function say(text: string, kind: Toast['kind'] = 'said'): void {
  counted += 1;
  const toast = { n: counted, text, kind };
  toasts.value = [...toasts.value, toast].slice(-TOASTS_MAX);
  setTimeout(() => dismiss(toast.n), TOAST_MS);
}

export function dismiss(n: number): void {
  toasts.value = toasts.value.filter((toast) => toast.n !== n);
}

/** Does something that may fail, and tells the reader where it does. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    say(codeOf(error) ? messageOf(error) : t('failed' satisfies Key), 'wrong');
    return undefined;
  }
}

/** A user's name as it is addressed: `@name` or `@name@host`. */
export function acct({ username, host }: { username: string; host?: string | null }): string {
  return host ? `@${username}@${host}` : `@${username}`;
}
