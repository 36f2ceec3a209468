// The wire view of the console: every frame, and a hand on the line.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { Console, launch } from '../lib/browser.js';
import { temporaryFolder, within } from '../lib/server.js';
import { newWorld } from '../lib/world.js';

const SCRIPT_MS_MAX = 20_000;

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');
const browser = await launch();
after(() => browser.close());

async function open(context, options = {}) {
  const saved = { columns: [{ key: 'local', channel: 'localTimeline', params: {} }] };
  const opened = await Console.open(browser, world.origin, { view: 'wire', saved, ...options });
  context.after(() => opened.close());
  const { page } = opened;
  return {
    opened,
    page,
    frames: (direction, text) => page.locator(`.frame.${direction}`, { hasText: text }),
    detail: page.getByRole('region', { name: 'The frame in full' }),
    field: page.getByRole('textbox', { name: 'A frame to send' }),
    send: page.getByRole('button', { name: 'Send', exact: true }),
  };
}

test('frames are shown as they go, with channel and type to filter by', async (context) => {
  const { opened, page, frames } = await open(context);
  await frames('out', 'connect').filter({ hasText: 'localTimeline' }).waitFor();
  await alice.note('seen on the wire');
  await frames('in', 'seen on the wire').waitFor();

  await page.getByRole('combobox', { name: 'Type' }).selectOption('note');
  assert.equal(await page.locator('.frame.out').count(), 0);
  await frames('in', 'seen on the wire').waitFor();
  await page.getByRole('combobox', { name: 'Type' }).selectOption('');
  await page.getByRole('combobox', { name: 'Direction' }).selectOption('out');
  assert.equal(await page.locator('.frame.in').count(), 0);
  await page.getByRole('combobox', { name: 'Direction' }).selectOption('');
  await page.getByRole('textbox', { name: 'Search in frames' }).fill('no frame says this');
  await page.getByText('No frame like that yet.').waitFor();
  await page.getByRole('textbox', { name: 'Search in frames' }).fill('');
  assert.equal(await frames('out', 'probe-').count(), 0);
  await page.getByRole('checkbox', { name: /own questions/ }).check();
  await frames('out', 'probe-').first().waitFor();
  opened.assertClean();
});

test('a frame sent by hand works, and what it changes is marked', async (context) => {
  const { opened, page, frames, detail, field, send } = await open(context);
  await page.getByRole('combobox', { name: 'Start from…' }).selectOption('connect (hashtag)');
  await field.fill((await field.inputValue()).replace('stream', 'byhand'));
  await send.click();
  await page.getByText('Sent.').waitFor();
  await frames('in', 'connected').waitFor();
  const note = await alice.note('hello #byhand');
  await frames('in', 'hashtag').filter({ hasText: 'hello #byhand' }).waitFor();

  await field.fill(JSON.stringify({ type: 'subNote', body: { id: note.id } }));
  await send.click();
  await frames('out', note.id).first().waitFor();
  await bob.react(note, '👍');
  await frames('in', 'reacted').waitFor();
  await bob.unreact(note);
  await bob.react(note, '🎉');
  const second = frames('in', '🎉').filter({ hasText: 'reacted' });
  await second.click();
  await detail.locator('.json-line.changed', { hasText: '"reaction": "🎉"' }).locator('del', { hasText: '👍' }).waitFor();

  await field.fill('this is no JSON');
  await page.getByText('Not JSON: a server ignores that.').waitFor();
  await send.click();
  await frames('out', 'this is no JSON').waitFor();
  opened.assertClean();
});

test('a frame is copied as a script that runs', async (context) => {
  const { page, frames, detail } = await open(context);
  await alice.note('before the script');
  await frames('in', 'before the script').click();
  for (const format of ['node', 'misskey-js']) {
    await detail.getByRole('combobox', { name: 'As a script' }).selectOption(format);
    const script = await detail.locator('.script').innerText();
    const lines = await run(context, script);
    // It may still be on its way to join: one of these notes comes after that.
    const said = lines.until((line) => line.includes(`heard by ${format}`));
    const posting = setInterval(() => void alice.note(`heard by ${format}`), 300);
    try {
      await said;
    } finally {
      clearInterval(posting);
    }
  }
  for (const [format, expected] of [['websocat', /websocat .*'ws:/], ['watch', /seseragi watch 'http:.*\n.*--channel 'localTimeline'/]]) {
    await detail.getByRole('combobox', { name: 'As a script' }).selectOption(format);
    assert.match(await detail.locator('.script').innerText(), expected);
  }
});

test('no token gets into what is copied', async (context) => {
  const { opened, page } = await open(context, { view: 'live' });
  await opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await opened.makeUser();
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem('seseragi.accounts'))[0].token);
  await page.getByRole('link', { name: 'Wire' }).click();
  await page.getByRole('button', { name: 'Copy all sent as a script' }).click();
  await page.getByText('Copied.').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /"channel":"main"/);
  assert.match(copied, /MISSKEY_TOKEN/);
  assert.equal(copied.includes(token), false);
  assert.equal((await page.locator('body').innerText()).includes(token), false);
});

test('the connection is cut: the client comes back, and misses nothing', async (context) => {
  const { opened, page, frames } = await open(context);
  await page.getByRole('button', { name: 'Cut the connection' }).click();
  await frames('line', 'closed').filter({ hasText: '3000' }).waitFor();
  await opened.live();
  assert.equal(await frames('line', 'open').filter({ hasNotText: 'opening' }).count(), 2);
  await frames('out', 'connect').filter({ hasText: 'localTimeline' }).nth(1).waitFor();

  await page.getByRole('checkbox', { name: 'Keep it cut' }).check();
  await page.locator('.status.lost').waitFor();
  await alice.note('while you were away');
  assert.equal(await page.locator('.status.live').count(), 0);
  await page.getByRole('checkbox', { name: 'Keep it cut' }).uncheck();
  await opened.live();
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await opened.note('while you were away').waitFor();
});

/** Runs a script beside the packages of these tests; gives its lines. */
async function run(context, script) {
  const { path, remove } = await temporaryFolder(join(import.meta.dirname, '..'));
  const file = join(path, 'script.mjs');
  await writeFile(file, script);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
    await remove();
  });
  const seen = [];
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(line);
    waiting.forEach((check) => check());
  });
  const until = (wanted) => within(SCRIPT_MS_MAX, new Promise((resolve) => {
    const check = () => seen.some(wanted) && resolve();
    waiting.push(check);
    check();
  }), () => `the script printed only: ${seen.join('\n')}`);
  return { until };
}
