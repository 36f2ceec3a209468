// Chromium, and pages of the console in it.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Starts the browser that Debian brings, or the one that `CHROMIUM` names. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
}

/** A page of the console, with what the browser complained of and whom the page asked. */
export class Console {
  complaints = [];
  elsewhere = [];

  /**
   * Opens the console in a browser of its own, with no memory, and waits until it is live.
   * @param {import('playwright-core').Browser} browser
   * @param {string} origin
   * @param {object} options
   * @param {object} [options.saved] what the browser remembers of the console
   * @param {string} [options.view] `live` or `wire`
   */
  static async open(browser, origin, { saved = {}, view = 'live', ...options } = {}) {
    const opened = new Console();
    opened.context = await browser.newContext({
      viewport: { width: 1280, height: 800 }, locale: 'en', colorScheme: 'light', ...options,
    });
    await opened.context.addInitScript((entries) => {
      for (const [key, value] of entries) {
        const name = `seseragi.${key}`;
        if (localStorage.getItem(name) === null) localStorage.setItem(name, JSON.stringify(value));
      }
    }, Object.entries(saved));
    opened.page = await opened.context.newPage();
    opened.#listen(origin);
    await opened.page.goto(`${origin}/#${view}`);
    await opened.live();
    return opened;
  }

  #listen(origin) {
    const { page } = this;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    const own = [`${origin}/`, `${origin.replace('http', 'ws')}/`, 'data:', 'blob:'];
    const asked = (url) => own.some((start) => url.startsWith(start)) || this.elsewhere.push(url);
    page.on('request', (request) => asked(request.url()));
    page.on('websocket', (socket) => asked(socket.url()));
  }

  /** Waits until the stream runs. */
  live() {
    return this.page.locator('.status.live').waitFor();
  }

  /** Makes a user with one click; gives back the name with its `@`. */
  async makeUser() {
    await this.page.getByRole('button', { name: 'Make me a user' }).click();
    await this.page.getByRole('form', { name: 'New note' }).waitFor();
    await this.live();
    return this.page.locator('.menu-name').innerText();
  }

  /** Posts a note with the composer. */
  async post(text) {
    await this.page.getByRole('textbox', { name: 'New note' }).fill(text);
    await this.page.getByRole('button', { name: 'Post' }).click();
  }

  /** The note with this text. */
  note(text) {
    return this.page.locator('article.note', { hasText: text });
  }

  /** The button of a reaction to a note, with its count. */
  reaction(text, reaction, count) {
    return this.note(text).locator('.reaction', { hasText: `${reaction}${count}` });
  }

  /** Nothing went wrong in the browser, and no one but the server was asked for anything. */
  assertClean() {
    assert.deepEqual(this.complaints, [], 'the browser complained');
    assert.deepEqual(this.elsewhere, [], 'something was requested from elsewhere');
  }

  close() {
    return this.context.close();
  }
}
