// How a page of the console does while notes come, and after many of them.

import { Console } from './browser.js';

const TRICKLE_PER_S = 5;
const AT_ONCE = 4;
/** Each so-manieth note gets a reaction, which those who captured it see. */
const REACTED = 5;

/** Two people of a world who keep a timeline busy. */
export class Busy {
  written = 0;

  constructor(author, friend) {
    this.author = author;
    this.friend = friend;
  }

  /** Writes one note, with something of everything in it. */
  async write() {
    this.written += 1;
    const n = this.written;
    const note = await this.author.note(`note ${n} **of many** #stream :wave: https://example.com/${n}\nsecond line`);
    if (n % REACTED === 0) await this.friend.react(note, '🐟');
  }

  /** Writes until so many are written, as fast as the server takes them. */
  async flood(goal) {
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (this.written < goal) await this.write();
    }));
  }

  /** Writes five notes a second while `act` goes on. */
  async trickle(act) {
    const failures = [];
    const write = () => void this.write().catch((error) => failures.push(error));
    const timer = setInterval(write, 1_000 / TRICKLE_PER_S);
    try {
      return await act();
    } finally {
      clearInterval(timer);
      if (failures.length > 0) throw failures[0];
    }
  }
}

/** A page of the console, weighed. */
export class Weighed {
  #devtools;

  /** Opens a page, and tells how long it was until a person could use it, in milliseconds. */
  static async open(browser, origin, options) {
    const weighed = new Weighed();
    const before = performance.now();
    weighed.console = await Console.open(browser, origin, options);
    const { page } = weighed.console;
    await page.locator('article.note').nth(9).waitFor();
    // It answers: a menu opens and closes again.
    const menu = page.getByRole('button', { name: 'Look and language' });
    await menu.click();
    await page.getByRole('radio', { name: 'Dark' }).waitFor();
    weighed.usableMs = performance.now() - before;
    await page.keyboard.press('Escape');
    weighed.#devtools = await weighed.console.context.newCDPSession(page);
    await weighed.#devtools.send('Performance.enable');
    return weighed;
  }

  /** Waits until the note of this number is in the page. */
  reached(number) {
    return this.console.note(`note ${number} `).first().waitFor();
  }

  /** What the page holds: elements and listeners in it, and the memory of its objects after a collection. */
  async weigh() {
    await this.#devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#devtools.send('Performance.getMetrics');
    const value = (name) => metrics.find((metric) => metric.name === name).value;
    const { page } = this.console;
    return {
      notes: await page.locator('article.note').count(),
      elements: await page.evaluate(() => document.querySelectorAll('*').length),
      nodes: value('Nodes'),
      listeners: value('JSEventListeners'),
      heapMb: value('JSHeapUsedSize') / 1e6,
    };
  }

  /** The times between pictures while `act` goes on, in milliseconds, as quantiles. */
  async frames(act) {
    const { page } = this.console;
    await page.evaluate(() => {
      const times = [];
      let last = performance.now();
      let going = true;
      const tick = (now) => {
        times.push(now - last);
        last = now;
        if (going) requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      window.frameTimes = () => {
        going = false;
        return times;
      };
    });
    await act();
    const times = (await page.evaluate(() => window.frameTimes())).sort((a, b) => a - b);
    const at = (share) => times[Math.floor((times.length - 1) * share)];
    return { p50: at(0.5), p99: at(0.99), longest: at(1) };
  }

  close() {
    return this.console.close();
  }
}
