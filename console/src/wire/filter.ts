// Which frames are shown.

import type { Frame } from '../store/wire';

export interface Filter {
  direction: '' | Frame['direction'];
  channel: string;
  /** The type of the message, or that of the event inside. */
  type: string;
  text: string;
  /** Also what this page asks only for itself. */
  probes: boolean;
}

export const NO_FILTER: Filter = { direction: '', channel: '', type: '', text: '', probes: false };

export function matches(frame: Frame, filter: Filter): boolean {
  return (filter.probes || !frame.probe)
    && (filter.direction === '' || frame.direction === filter.direction)
    && (filter.channel === '' || frame.channel === filter.channel)
    && (filter.type === '' || frame.type === filter.type || frame.event === filter.type)
    && (filter.text === '' || frame.text.toLowerCase().includes(filter.text.toLowerCase()));
}
