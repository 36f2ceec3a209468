// How the console looks and reads: both sizes, both themes, three languages, and for screen readers.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { Console, launch } from '../lib/browser.js';
import { Server } from '../lib/server.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = join(dirname(process.env.SESERAGI_BIN), '../screenshots');
const SIZES = { 1280: { width: 1280, height: 800 }, 390: { width: 390, height: 844 } };
const LIVE = /live|受信中|수신 중/;

await mkdir(SHOTS, { recursive: true });
// A fresh server with its invented people, as a newcomer starts it.
const server = await Server.start({ args: ['--demo'] });
const browser = await launch();
after(async () => {
  await browser.close();
  await server.stop();
});

for (const colorScheme of ['light', 'dark']) {
  for (const [width, viewport] of Object.entries(SIZES)) {
    test(`nothing serious is wrong at ${width} pixels, ${colorScheme}`, async (context) => {
      const options = { viewport, colorScheme, reducedMotion: 'reduce', bypassCSP: true };
      const opened = await Console.open(browser, server.origin, options);
      context.after(() => opened.close());
      const { page } = opened;
      const shot = (name) => page.screenshot({ path: join(SHOTS, `${name}-${width}-${colorScheme}.png`) });
      const check = async (name) => {
        await shot(name);
        assert.deepEqual(await violations(page), [], name);
      };

      await page.locator('article.note').nth(4).waitFor();
      await check('visitor');
      await opened.makeUser();
      await page.locator('article.note').nth(4).waitFor();
      await page.getByRole('textbox', { name: 'New note' }).focus();
      await page.getByRole('button', { name: 'Poll' }).click();
      await page.getByRole('button', { name: 'Content warning' }).click();
      await check('composer');
      await page.getByRole('button', { name: 'Poll' }).click();
      await page.getByRole('button', { name: 'Content warning' }).click();
      await page.getByRole('button', { name: 'React', exact: true }).first().click();
      await check('reactions');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Users' }).click();
      await check('users');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Look and language' }).click();
      await check('settings');
      await page.keyboard.press('Escape');
      await page.locator('.note-author').first().click();
      await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
      await check('user');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Add a column' }).click();
      await page.getByRole('combobox', { name: 'Channel' }).selectOption('hashtag');
      await check('add');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await check('live');

      await page.getByRole('link', { name: 'Wire' }).click();
      await page.getByRole('combobox', { name: 'Type' }).selectOption('stats');
      await page.locator('.frame.in').nth(1).waitFor();
      await page.locator('.frame.in').first().click();
      await page.locator('.json-line.changed').first().waitFor();
      await check('wire');
      opened.assertClean();
    });
  }
}

for (const [locale, title] of [['en', 'This is a stream.'], ['ja-JP', 'これがストリームです。'], ['ko-KR', '이것이 스트림입니다.']]) {
  test(`a browser in ${locale} is spoken to in its language`, async (context) => {
    const opened = await Console.open(browser, server.origin, { locale, viewport: SIZES[390] });
    context.after(() => opened.close());
    const { page } = opened;
    await page.getByRole('heading', { name: title }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
    await page.locator('.status', { hasText: LIVE }).waitFor();
    await page.locator('article.note').nth(4).waitFor();
    await page.screenshot({ path: join(SHOTS, `language-${locale.slice(0, 2)}.png`) });
    opened.assertClean();
  });
}

test('theme and language can be chosen, and are remembered', async (context) => {
  const opened = await Console.open(browser, server.origin);
  context.after(() => opened.close());
  const { page } = opened;
  const paper = () => page.locator('.column').first().evaluate((element) => getComputedStyle(element).backgroundColor);
  const light = await paper();
  await page.getByRole('button', { name: 'Look and language' }).click();
  await page.getByRole('radio', { name: 'Dark' }).check();
  assert.notEqual(await paper(), light);
  const dark = await paper();
  await page.getByRole('radio', { name: '日本語' }).check();
  await page.getByRole('heading', { name: 'これがストリームです。' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'これがストリームです。' }).waitFor();
  assert.equal(await paper(), dark);
  opened.assertClean();
});

test('everything is in reach of the keyboard', async (context) => {
  const opened = await Console.open(browser, server.origin);
  context.after(() => opened.close());
  const { page } = opened;
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Make me a user');
  await page.keyboard.press('Enter');
  await page.getByRole('form', { name: 'New note' }).waitFor();
  await tabTo(page, 'New note');
  await page.keyboard.type('by hand alone');
  await page.keyboard.press('Control+Enter');
  const note = opened.note('by hand alone');
  await note.waitFor();
  // Nothing moves away under the reader's hands.
  await page.getByRole('button', { name: 'Hold new notes back' }).press('Enter');
  await page.locator('.column-scroll').first().focus();
  for (let steps = 0; !(await note.evaluate((element) => element === document.activeElement)); steps += 1) {
    assert.ok(steps < 100, 'the note is never reached');
    await page.keyboard.press('j');
  }
  await tabTo(page, 'React');
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), 'React with 👍');
  await page.keyboard.press('Enter');
  await opened.reaction('by hand alone', '👍', 1).waitFor();
  opened.assertClean();
});

async function tabTo(page, name) {
  for (let steps = 0; steps < 80; steps += 1) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${name} is not in reach; the focus is on ${await focused(page)}`);
}

function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element.getAttribute('aria-label') ?? element.textContent.trim();
  });
}

/** What axe finds that keeps people out. */
async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
}
