// The language of the page: that of the browser, or the one chosen.

import { computed, ref, watchEffect } from 'vue';
import { read, write } from '../store/saved';
import { en, type Key, type Words } from './en';
import { ja } from './ja';
import { ko } from './ko';

export const LANGUAGES = { en: 'English', ja: '日本語', ko: '한국어' } as const;
export type Language = keyof typeof LANGUAGES;

const WORDS: Record<Language, Words> = { en, ja, ko };

const chosen = ref<Language | null>(read<Language | null>('language', null));

export const language = computed<Language>({
  get: () => (chosen.value && chosen.value in WORDS ? chosen.value : preferred()),
  set: (value) => {
    chosen.value = value;
    write('language', value);
  },
});

/** The words of a key, with `{name}` filled in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return WORDS[language.value][key].replace(/\{(\w+)\}/g, (all, name: string) =>
    String(values[name] ?? all));
}

watchEffect(() => {
  document.documentElement.lang = language.value;
});

function preferred(): Language {
  for (const wanted of navigator.languages) {
    const base = wanted.split('-')[0] as Language;
    if (base in WORDS) return base;
  }
  return 'en';
}

export type { Key };
