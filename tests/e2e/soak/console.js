// The console over 10,000 notes: how soon it is usable, what it holds, how smooth it is. `cargo xtask soak`
// runs it. It prints what it measured, and fails where the page grows; `NOTES` asks for another number.

import { setTimeout as pause } from 'node:timers/promises';
import { launch } from '../lib/browser.js';
import { Server } from '../lib/server.js';
import { Busy, Weighed } from '../lib/smooth.js';
import { World } from '../lib/world.js';

const NOTES = Number(process.env.NOTES ?? 10_000);
const STEPS = 5;
const AT_FIRST = 100;
const OPENINGS = 5;
const CALM_MS = 10_000;
/** How much more may be there at the end than after the first of the steps. */
const GROWTH_MAX = 1.25;

const say = console.log;
const row = (...cells) => say(`| ${cells.join(' | ')} |`);
const ms = (value) => value.toFixed(0);

const server = await Server.start();
const browser = await launch();
try {
  const grown = await measure(new World(server));
  grown.forEach((line) => say(`GROWS: ${line}`));
  process.exitCode = grown.length > 0 ? 1 : 0;
} finally {
  await browser.close();
  await server.stop();
}

async function measure(world) {
  const { author, friend } = await world.people('author', 'friend');
  const busy = new Busy(author, friend);
  await busy.flood(AT_FIRST);

  const openings = [];
  await busy.trickle(async () => {
    for (let n = 0; n < OPENINGS; n += 1) {
      const opened = await Weighed.open(browser, server.origin);
      openings.push(opened.usableMs);
      await opened.close();
    }
  });
  say(`usable at 5 notes/s after ${openings.map(ms).join(', ')} ms (each in a browser that knows nothing yet)\n`);

  const page = await Weighed.open(browser, server.origin);
  const calm = () => page.frames(() => busy.trickle(() => pause(CALM_MS)));
  const before = await calm();

  row('notes', 'notes/s', 'in the page', 'elements', 'nodes', 'listeners', 'heap, MB', 'frame p50, ms', 'p99', 'longest');
  row(...Array(10).fill('---:'));
  const weights = [];
  for (let step = 1; step <= STEPS; step += 1) {
    const [from, began] = [busy.written, performance.now()];
    const frames = await page.frames(async () => {
      await busy.flood(Math.max(from, AT_FIRST) + Math.ceil(NOTES / STEPS));
      await page.reached(busy.written);
    });
    const rate = ((busy.written - from) / (performance.now() - began)) * 1_000;
    const weight = await page.weigh();
    weights.push(weight);
    row(busy.written, rate.toFixed(0), weight.notes, weight.elements, weight.nodes, weight.listeners,
      weight.heapMb.toFixed(1), ms(frames.p50), ms(frames.p99), ms(frames.longest));
  }

  const after = await calm();
  say('\nframes at 5 notes/s, in ms: p50, p99, longest');
  for (const [name, { p50, p99, longest }] of Object.entries({ before, after })) say(`${name}: ${ms(p50)}, ${ms(p99)}, ${ms(longest)}`);
  page.console.assertClean();
  await page.close();
  return Object.keys(weights[0])
    .map((key) => [key, weights[0][key], weights.at(-1)[key]])
    .filter(([, first, last]) => last > first * GROWTH_MAX)
    .map(([key, first, last]) => `${key}: from ${first} to ${last}`);
}
