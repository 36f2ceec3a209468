// Dark or light: as the system has it, or as chosen.

import { ref, watchEffect } from 'vue';
import { read, write } from '../store/saved';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const saved = read<Theme>('theme', 'auto');
export const theme = ref<Theme>(THEMES.includes(saved) ? saved : 'auto');

watchEffect(() => {
  document.documentElement.dataset.theme = theme.value;
  write('theme', theme.value);
});
