// Which addresses this page follows: links of the web, and pictures of its own server.

import { shallowRef } from 'vue';

/** The origin that the server believes to have, where it differs from the one it is seen under. */
export const serverOrigin = shallowRef(location.origin);

/** A link that may be offered; `null` for `javascript:` and the like. */
export function safeLink(url: string): string | null {
  try {
    const { protocol, href } = new URL(url);
    return protocol === 'https:' || protocol === 'http:' ? href : null;
  } catch {
    return null;
  }
}

/** The address of something on this very server, as it is seen from here; `null` for anything elsewhere. */
export function ownUrl(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const { origin, pathname, search } = new URL(url, location.origin);
    const own = origin === location.origin || origin === serverOrigin.value;
    // With its origin: a path may begin with two slashes, and would be another host alone.
    return own ? location.origin + pathname + search : null;
  } catch {
    return null;
  }
}
