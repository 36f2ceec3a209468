// Comparing two JSON values by their shape: keys, types, nesting.

const kind = (value) => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/** Objects whose keys are data: reactions by their name, emojis by theirs. */
const MAPS = new Set(['reactions', 'reactionEmojis', 'emojis', 'policies', 'headers', 'mutingNotificationTypes']);

/**
 * The differences of `ours` from `recorded`, as `{ path, what }`. A path such as
 * `note.user.isCat` names the last keys only by which a tolerance can know it.
 */
export function differences(recorded, ours, path = []) {
  const [was, is] = [kind(recorded), kind(ours)];
  if (was !== is) return [{ path, what: `${was} became ${is}` }];
  if (was === 'array') {
    // Every element of a list has the same shape: the first of each side speaks for all.
    if (recorded.length === 0 || ours.length === 0) return [];
    return differences(recorded[0], ours[0], [...path, '0']);
  }
  if (was !== 'object' || MAPS.has(path.at(-1))) return [];
  const found = [];
  for (const key of Object.keys(recorded)) {
    if (key in ours) found.push(...differences(recorded[key], ours[key], [...path, key]));
    else found.push({ path: [...path, key], what: 'is missing' });
  }
  for (const key of Object.keys(ours)) {
    if (!(key in recorded)) found.push({ path: [...path, key], what: 'is new' });
  }
  return found;
}
