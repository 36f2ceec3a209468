// Every difference from the recorded server that is meant to be, and why.

import { readFileSync } from 'node:fs';

const types = new URL('../../e2e/node_modules/misskey-js/built/autogen/types.d.ts', import.meta.url);

/** Every key that Misskey itself knows: what the recorded fork adds is not among them. */
const misskeys = new Set(
  [...readFileSync(types, 'utf8').matchAll(/^\s+(?:readonly )?['"]?(\w+)['"]?\??:/gm)]
    .map(([, key]) => key),
);

/** Differences of shape, by the last keys of their path. */
const SHAPES = [
];

/** Steps whose events differ, and on which connections (all, where none is named). */
export const STEPS = {
};

/** Steps that are not replayed although the endpoint is ours. */
export const SKIPPED = {
};

/** Events that are told by a clock rather than by a request. */
export const CLOCKED = ['unreadNotification', 'notification pollEnded'];

const used = new Set();

/** Rows of the table that no difference has asked for. */
export function unused() {
  return SHAPES.filter((row) => !used.has(row));
}

/** Why a difference of shape is meant to be; null if it is not. */
export function reasonFor({ path, what }) {
  const key = path.at(-1);
  if (what === 'is missing' && key !== undefined && !misskeys.has(key)) {
    return 'a key of the recorded fork, which Misskey does not have';
  }
  const found = SHAPES.find((row) =>
    row.what === what && row.path.every((part, i) => part === path.at(i - row.path.length)));
  if (found) used.add(found);
  return found?.reason ?? null;
}
