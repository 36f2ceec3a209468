// JSON as lines for people, with what differs from an earlier value.

export interface JsonLine {
  depth: number;
  /** The name of a member, with its quotes and colon. */
  key: string;
  text: string;
  kind: 'mark' | 'string' | 'number' | 'word';
  change: 'same' | 'added' | 'changed' | 'removed';
  /** What stood there before. */
  was?: string;
}

/** More lines would slow the page down and nobody would read them. */
export const LINES_MAX = 1_500;
const NOTHING = Symbol('nothing');

type Change = JsonLine['change'];

/** The lines of a value. Without a `before`, nothing is marked as changed. */
export function lines(value: unknown, before?: unknown): JsonLine[] {
  const out: JsonLine[] = [];
  put(out, 0, '', value, before === undefined ? value : before, '', 'same');
  return out;
}

function put(
  out: JsonLine[], depth: number, key: string, value: unknown, before: unknown, end: string, within: Change,
): void {
  if (out.length >= LINES_MAX) return;
  const change = within !== 'same' ? within : before === NOTHING ? 'added' : 'same';
  if (value === null || typeof value !== 'object') {
    const changed = change === 'same' && !Object.is(value, before);
    const was = changed ? { was: short(before) } : {};
    out.push({ depth, key, text: shown(value) + end, kind: kindOf(value), change: changed ? 'changed' : change, ...was });
    return;
  }
  const isArray = Array.isArray(value);
  const comparable = before !== null && typeof before === 'object' && Array.isArray(before) === isArray;
  // Something of another kind was here: all of it is new.
  const inner = change === 'same' && !comparable ? 'changed' : change;
  const old = comparable ? new Map(Object.entries(before)) : new Map<string, unknown>();
  const members = Object.entries(value);
  const [open, close] = isArray ? '[]' : '{}';
  if (members.length === 0 && old.size === 0) {
    out.push({ depth, key, text: `${open}${close}${end}`, kind: 'mark', change: inner });
    return;
  }
  out.push({ depth, key, text: open!, kind: 'mark', change: inner });
  members.forEach(([name, member], at) => {
    const label = isArray ? '' : `${JSON.stringify(name)}: `;
    const was = old.has(name) ? old.get(name) : inner === 'same' ? NOTHING : undefined;
    put(out, depth + 1, label, member, was, at < members.length - 1 ? ',' : '', inner);
    old.delete(name);
  });
  if (inner === 'same') {
    for (const [name, gone] of old) {
      const label = isArray ? '' : `${JSON.stringify(name)}: `;
      out.push({ depth: depth + 1, key: label, text: short(gone), kind: kindOf(gone), change: 'removed' });
    }
  }
  out.push({ depth, key: '', text: close! + end, kind: 'mark', change: inner });
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function short(value: unknown): string {
  const text = shown(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function kindOf(value: unknown): JsonLine['kind'] {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  return value !== null && typeof value === 'object' ? 'mark' : 'word';
}
