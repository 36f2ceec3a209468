// A column of notes: joins its channel, reads what was before, and reads again after a gap.

import { onBeforeUnmount, ref, shallowRef } from 'vue';
import type { Note } from 'misskey-js/entities.js';
import { codeOf, messageOf } from '../net/session';
import { Feed } from '../store/feed';
import { hub } from '../store/hub';
import { channelOf, type ColumnSpec } from './channels';

const PAGE = 20;

/** An event of a channel that isn't a note. */
export interface ChannelEvent {
  n: number;
  at: number;
  type: string;
  body: unknown;
}

const EVENTS_MAX = 100;

export function useFeed(spec: ColumnSpec) {
  const { session, notes, me } = hub.value;
  const channel = channelOf(spec.channel);
  const feed = new Feed(notes);
  const events = shallowRef<readonly ChannelEvent[]>([]);
  const loading = ref(false);
  const error = ref<string | null>(null);
  const exhausted = ref(channel.history === undefined);
  const needsLogin = channel.login === true && me === null;
  let counted = 0;

  async function read(more: Record<string, unknown>): Promise<Note[]> {
    if (!channel.history || needsLogin) return [];
    loading.value = true;
    try {
      const query = spec.channel === 'hashtag' ? { query: spec.params.q } : spec.params;
      const found = await session.api<Note[]>(channel.history, { ...query, limit: PAGE, ...more });
      error.value = null;
      return found;
    } catch (failure) {
      // Without an answer the stream is lost as well, and says so.
      if (codeOf(failure)) error.value = messageOf(failure);
      return [];
    } finally {
      loading.value = false;
    }
  }

  async function older(): Promise<void> {
    const untilId = feed.oldest;
    if (loading.value || exhausted.value || feed.full || !untilId) return;
    const found = await read({ untilId });
    if (found.length === 0 && !error.value) exhausted.value = true;
    feed.merge(found);
  }

  function happened(type: string, body: unknown): void {
    if (type === 'note') return feed.add(body as Note);
    counted += 1;
    const event = { n: counted, at: Date.now(), type, body };
    events.value = [event, ...events.value].slice(0, EVENTS_MAX);
  }

  if (!needsLogin) {
    const leave = session.join(spec.channel, channel.shared ? null : spec.params, happened);
    const still = session.onLive(async () => feed.merge(await read({})));
    onBeforeUnmount(() => {
      still();
      leave();
      feed.clear();
    });
  }
  return { feed, events, loading, error, exhausted, needsLogin, older };
}
