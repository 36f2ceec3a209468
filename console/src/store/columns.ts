// The columns and their order, remembered in this browser.

import { ref, watch } from 'vue';
import { type ColumnSpec, type Params } from '../live/channels';
import { randomHex } from './random';
import { read, write } from './saved';

/** More would leave no room for the page's own questions under the server's limit of 32. */
export const COLUMNS_MAX = 16;

const FIRST: readonly ColumnSpec[] = [
  { key: 'local', channel: 'localTimeline', params: {} },
  { key: 'load', channel: 'serverStats', params: {} },
];

export const columns = ref<ColumnSpec[]>(remembered());

watch(columns, (value) => write('columns', value), { deep: true });

export function add(channel: string, params: Params): void {
  if (columns.value.length >= COLUMNS_MAX) return;
  columns.value.push({ key: randomHex(), channel, params });
}

/** A column with other params is another one: it joins anew. */
export function change(key: string, params: Params): void {
  columns.value = columns.value.map((spec) =>
    spec.key === key ? { ...spec, key: randomHex(), params } : spec);
}

export function remove(key: string): void {
  columns.value = columns.value.filter((spec) => spec.key !== key);
}

/** Moves a column by so many places. */
export function move(key: string, by: number): void {
  const from = columns.value.findIndex((spec) => spec.key === key);
  const to = from + by;
  if (from < 0 || to < 0 || to >= columns.value.length) return;
  const [spec] = columns.value.splice(from, 1);
  columns.value.splice(to, 0, spec!);
}

function remembered(): ColumnSpec[] {
  const saved = read<unknown>('columns', null);
  if (!Array.isArray(saved)) return [...FIRST];
  const valid = saved.filter((spec: Partial<ColumnSpec> | null): spec is ColumnSpec =>
    typeof spec?.key === 'string' && typeof spec.channel === 'string'
    && spec.params !== null && typeof spec.params === 'object');
  return valid.slice(0, COLUMNS_MAX);
}
