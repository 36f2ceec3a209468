// Events in the order they came, and waiting for one of them.

import { within } from './server.js';

const EVENT_MS_MAX = 10_000;

export class Log {
  #events = [];
  #waiting = [];

  push(event) {
    this.#events.push(event);
    this.#waiting = this.#waiting.filter(({ wanted, resolve }) => {
      if (!wanted(event)) return true;
      resolve(event);
      return false;
    });
  }

  /** The first event that `wanted` accepts, come or still to come. */
  until(wanted, what = 'an event') {
    const found = this.#events.find(wanted);
    if (found) return Promise.resolve(found);
    const promise = new Promise((resolve) => this.#waiting.push({ wanted, resolve }));
    return within(EVENT_MS_MAX, promise, () =>
      `${what} did not come; these did: ${JSON.stringify(this.#events).slice(0, 2_000)}`);
  }

  /** Takes out all that has come. */
  take() {
    return this.#events.splice(0);
  }
}
