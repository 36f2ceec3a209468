// Moving between the notes of a column by keyboard: j and k, or Page Down and Page Up.

const NEXT = new Set(['j', 'PageDown']);
const PREVIOUS = new Set(['k', 'PageUp']);

/** Focuses the next or the previous note of the column that the event comes from. */
export function step(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea, select')) return;
  const by = NEXT.has(event.key) ? 1 : PREVIOUS.has(event.key) ? -1 : 0;
  if (by === 0) return;
  const notes = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('article')];
  const from = notes.findIndex((note) => note.contains(document.activeElement));
  const next = notes[from < 0 ? 0 : from + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
