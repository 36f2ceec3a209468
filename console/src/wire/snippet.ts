// A frame in one line: what its row doesn't say anyway.

import type { Frame } from '../store/wire';

const CHARS_MAX = 200;

interface Body {
  user?: { username?: unknown };
  text?: unknown;
  cw?: unknown;
}

const known = new WeakMap<Frame, string>();

/** Who says what, for a note; else the innermost body, as JSON. */
export function snippet(frame: Frame): string {
  const cached = known.get(frame);
  if (cached !== undefined) return cached;
  const made = make(frame).slice(0, CHARS_MAX);
  known.set(frame, made);
  return made;
}

function make({ text, event }: Frame): string {
  if (event === null) return text;
  try {
    const { body } = JSON.parse(text) as { body: { id?: unknown; body?: Body | null } };
    const inner = body.body;
    if (typeof inner?.user?.username !== 'string') return JSON.stringify(inner ?? body);
    const words = [inner.cw, inner.text].filter((part) => typeof part === 'string').join(' · ');
    return `@${inner.user.username}: ${words}`;
  } catch {
    return text;
  }
}
