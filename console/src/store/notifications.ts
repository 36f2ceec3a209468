// The notifications of the user in use: read once, then as they come.

import { shallowRef, watch } from 'vue';
import { refresh } from './accounts';
import { hub } from './hub';

export interface Notification {
  id: string;
  type: string;
  createdAt: string;
  user?: { username: string; name: string | null; host?: string | null };
}

const KEPT_MAX = 40;

export const notifications = shallowRef<readonly Notification[]>([]);
export const unread = shallowRef(0);
/** The newest one that came while the page was open. */
export const latest = shallowRef<Notification | null>(null);

/** The server counts them as read, and says so to all of the user's connections. */
export function markRead(): void {
  unread.value = 0;
  hub.value.session.readNotifications();
}

watch(hub, ({ session, me }) => {
  notifications.value = [];
  unread.value = 0;
  latest.value = null;
  if (!me) return;
  session.join('main', null, (type, body) => {
    if (type === 'notification') came(body as Notification);
    if (type === 'readAllNotifications') unread.value = 0;
    if (type === 'notificationFlushed') notifications.value = [];
    if (type === 'meUpdated') refresh(body as never);
  });
  session.onLive(async () => {
    try {
      const body = { limit: KEPT_MAX, markAsRead: false };
      merge(await session.api<Notification[]>('i/notifications', body));
      unread.value = (await session.api<{ unreadNotificationsCount: number }>('i')).unreadNotificationsCount;
    } catch {
      // The connection is lost as well, and all is read again with the next one.
    }
  });
}, { immediate: true });

function came(notification: Notification): void {
  merge([notification]);
  unread.value += 1;
  latest.value = notification;
}

function merge(found: readonly Notification[]): void {
  const known = new Map([...notifications.value, ...found].map((it) => [it.id, it]));
  const sorted = [...known.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  notifications.value = sorted.slice(0, KEPT_MAX);
}
