// Times for people, in their language.

import { computed, ref } from 'vue';
import { language } from './index';

/** How often what depends on the present is shown anew. */
const TICK_MS = 10_000;

const now = ref(Date.now());
setInterval(() => { now.value = Date.now(); }, TICK_MS);

const relative = computed(() =>
  new Intl.RelativeTimeFormat(language.value, { numeric: 'auto', style: 'narrow' }));
const absolute = computed(() =>
  new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'medium' }));
const clock = computed(() =>
  new Intl.DateTimeFormat(language.value, {
    hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false,
  }));

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
];

/** How long ago or ahead, such as “3 min. ago”. */
export function ago(date: string): string {
  const seconds = Math.round((Date.parse(date) - now.value) / 1_000);
  if (Number.isNaN(seconds)) return '';
  // What has just come may be ahead of the last tick.
  if (seconds > -TICK_MS / 1_000 && seconds <= TICK_MS / 1_000) return relative.value.format(0, 'second');
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return relative.value.format(Math.trunc(seconds / size), unit);
}

export function isPast(date: string): boolean {
  return Date.parse(date) <= now.value;
}

export function full(date: string): string {
  const time = Date.parse(date);
  return Number.isNaN(time) ? '' : absolute.value.format(time);
}

export function timeOfDay(at: number): string {
  return clock.value.format(at);
}
