// Notes that mean harm: they are shown as text, and break nothing.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Console, launch } from '../lib/browser.js';
import { newWorld } from '../lib/world.js';

const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];
const HTML = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script><b>bold</b>';
const NOTES = [
  { text: `markup ${HTML}` },
  { text: 'links javascript:window.harmed=1 [click me](javascript:window.harmed=1) [or me](data:text/html,<script>window.harmed=1</script>) ?[silent](vbscript:x)' },
  { text: `long ${'a'.repeat(2_990)}` },
  { text: `address https://example.com/${'b'.repeat(2_000)}` },
  { text: `turned \u202Eesrever\u202C \u2066\u2067\u202E\u202Enever ended` },
  { text: `stacked ${'Z\u0351\u036B\u0343\u036A'.repeat(200)}` },
  { text: `emoji :${'e'.repeat(2_000)}: and :nobody_knows_it:` },
  { text: `nested ${'**<i>$[x4 $[spin '.repeat(60)}deep` },
  { text: 'sized $[x4 $[x4 $[x4 big]]] $[position.x=9999,y=9999 far] $[scale.x=99,y=99 huge] $[blur b]' },
  { text: `quoted\n${'> '.repeat(100)}deep` },
  { text: `code \`\`\`\n${'c'.repeat(1_500)}\n\`\`\` $[${'f'.repeat(500)} x]` },
  { text: `cw ${HTML}`, cw: `warned <b onclick=alert()>${'w'.repeat(70)}` },
  { text: 'poll', poll: { choices: [HTML.slice(0, 50), 'p'.repeat(50)] } },
];

const world = await newWorld();
const { mallory, bob } = await world.people('mallory', 'bob');
const browser = await launch();
after(() => browser.close());

test('whatever a note says stays text inside its column', async (context) => {
  await mallory.api('i/update', { name: `\u202E${HTML}`.slice(0, 50), description: `${HTML} javascript:window.harmed=1` });
  const columns = [{ key: 'local', channel: 'localTimeline', params: {} }];
  const pages = await Promise.all(SIZES.map((viewport) =>
    Console.open(browser, world.origin, { viewport, saved: { columns } })));
  context.after(() => Promise.all(pages.map((page) => page.close())));
  for (const note of NOTES) {
    const made = await mallory.note(note);
    await bob.react(made, '👍');
  }
  await mallory.note('the last of them');
  for (const opened of pages) {
    const { page } = opened;
    await opened.note('the last of them').waitFor();
    await clickAll(page.getByRole('button', { name: 'Show', exact: true }));
    await clickAll(page.getByRole('button', { name: 'Show all' }));
    assert.equal(await page.locator('article.note').count(), NOTES.length + 1);
    assert.equal(await page.evaluate(() => window.harmed), undefined);
    assert.deepEqual(await strange(page), [], 'elements that no note may make');
    assert.deepEqual(await wide(page), [], 'wider than what holds them');
    await opened.note('links').getByText('click me').click();
    await page.locator('.note-author').first().click();
    await page.getByRole('dialog').getByText('javascript:').waitFor();
    assert.equal(await page.evaluate(() => window.harmed), undefined);
    opened.assertClean();
  }
});

test('a remote user with a name of another world is shown as a name', async (context) => {
  const stranger = await world.person('stranger', `${'h'.repeat(60)}.example`);
  await stranger.api('i/update', { name: '\u{1F600}'.repeat(25) });
  const page = await Console.open(browser, world.origin, { viewport: SIZES[1] });
  context.after(() => page.close());
  await page.makeUser();
  const columns = page.page.getByRole('button', { name: 'Add a column' });
  await columns.click();
  await page.page.getByRole('combobox', { name: 'Channel' }).selectOption('globalTimeline');
  await page.page.getByRole('button', { name: 'Add', exact: true }).click();
  await stranger.note('from afar :custom_emoji: https://example.com/');
  await page.note('from afar').waitFor();
  assert.deepEqual(await wide(page.page), []);
  page.assertClean();
});

test('frames of the wire are text as well', async (context) => {
  const page = await Console.open(browser, world.origin, { view: 'wire', viewport: SIZES[1] });
  context.after(() => page.close());
  await mallory.note(`on the wire ${HTML} ${'x'.repeat(2_000)}`);
  await page.page.locator('.frame.in', { hasText: 'on the wire' }).or(page.page.locator('.frame.in', { hasText: 'note' })).first().click();
  await page.page.getByRole('region', { name: 'The frame in full' }).waitFor();
  assert.equal(await page.page.evaluate(() => window.harmed), undefined);
  assert.deepEqual(await wide(page.page), []);
  page.assertClean();
});

/** Clicks all buttons of a name that a click takes away. */
async function clickAll(buttons) {
  while (await buttons.count() > 0) await buttons.first().click();
}

/** Elements inside of notes that only markup of a note could have made, and links to strange places. */
function strange(page) {
  return page.evaluate(() => {
    const made = document.querySelectorAll('.note script, .note iframe, .note b, .note object, .note [onerror], .note [style*=position]');
    const links = [...document.querySelectorAll('a[href]')].filter((a) => !/^(https?:|#)/.test(a.getAttribute('href')));
    const images = [...document.querySelectorAll('img')].filter((img) => new URL(img.src).origin !== location.origin);
    return [...made, ...links, ...images].map((element) => element.outerHTML.slice(0, 200));
  });
}

/** What sticks out of the page or of its column at the side. */
function wide(page) {
  return page.evaluate(() => {
    const out = [];
    if (document.documentElement.scrollWidth > innerWidth) out.push(`page: ${document.documentElement.scrollWidth}`);
    for (const box of document.querySelectorAll('.column-scroll, .note, .frames, .wire-detail, .user-card')) {
      if (box.scrollWidth > box.clientWidth) out.push(`${box.className}: ${box.scrollWidth} > ${box.clientWidth} ${box.textContent.slice(0, 40)}`);
    }
    return out;
  });
}
