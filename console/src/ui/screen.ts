// Which elements are on the screen, by one observer for all of them.

import { onBeforeUnmount, onMounted, type Ref } from 'vue';

const listeners = new WeakMap<Element, (on: boolean) => void>();
const observer = new IntersectionObserver((entries) => {
  for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
});

/** Calls `enter` when the element comes onto the screen and `leave` when it goes or is removed. */
export function onScreen(element: Ref<HTMLElement | null>, enter: () => void, leave: () => void): void {
  let shown = false;
  const set = (on: boolean) => {
    if (on === shown) return;
    shown = on;
    if (on) enter();
    else leave();
  };
  onMounted(() => {
    if (!element.value) return;
    listeners.set(element.value, set);
    observer.observe(element.value);
  });
  onBeforeUnmount(() => {
    if (element.value) observer.unobserve(element.value);
    set(false);
  });
}
