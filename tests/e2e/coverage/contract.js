// What there is to cover: the channels, events and operations of the contract and of the official
// client, and the endpoints that the client knows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tests.js';

const read = (file) => readFileSync(join(root, file), 'utf8');
const types = 'tests/e2e/node_modules/misskey-js/built';

const quoted = (text) => [...text.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name);

/** A section of `docs/PROTOCOL.md`. */
function section(number) {
  const [, text] = read('docs/PROTOCOL.md').split(new RegExp(`^## ${number}\\..*$`, 'm'));
  return text.split(/^## /m)[0];
}

/** Rows of a table: channel, its events, its operations. */
function ofContract() {
  const main = quoted(section(7).split('Pass every type')[0]);
  let before;
  return section(4).split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
    .map(([channel, , , , events, operations]) => {
      before = { see: main, the: before?.events }[events.split(' ')[0]] ?? quoted(events);
      return { channel: quoted(channel)[0], events: before, operations: quoted(operations ?? '') };
    });
}

/** The same, as the types of the official client have them. */
function ofClient() {
  const text = read(`${types}/streaming.types.d.ts`);
  const channels = text.slice(text.indexOf('type Channels = '), text.indexOf('type NoteUpdatedEvent'));
  const names = (block) => [...block.matchAll(/^ {12}(\w+)\??: /gm)].map(([, name]) => name);
  return channels.split(/^ {4}(?=\w+: \{$)/m).slice(1).map((block) => {
    const [events, operations] = block.slice(block.indexOf('events:')).split(/^ {8}receives:/m);
    return { channel: /^\w+/.exec(block)[0], events: names(events), operations: names(operations) };
  });
}

/** The names of all channels, and `[channel, name]` of their events and operations. */
export function contract() {
  const rows = [...ofContract(), ...ofClient()];
  const pairs = (list) => rows.flatMap(({ channel, [list]: names }) => names.map((name) => [channel, name]));
  return {
    channels: [...new Set(rows.map(({ channel }) => channel))],
    events: pairs('events'),
    operations: pairs('operations'),
  };
}

/** The types of `noteUpdated` and of broadcasts that the client knows. */
export function messages() {
  const text = read(`${types}/streaming.types.d.ts`);
  const [updates, broadcasts] = text.slice(text.indexOf('type NoteUpdatedEvent'))
    .split('type BroadcastEvents');
  return [
    ...[...updates.matchAll(/type: '(\w+)'/g)].map(([, name]) => `noteUpdated: ${name}`),
    ...[...broadcasts.matchAll(/^ {4}(\w+): /gm)].map(([, name]) => name)
      .filter((name) => name !== 'noteUpdated'),
  ];
}

/** The endpoints that the client knows. */
export function endpoints() {
  const text = read(`${types}/autogen/endpoint.d.ts`);
  const all = text.slice(text.indexOf('type Endpoints = '));
  return [...all.matchAll(/^ {4}'([^']+)': \{/gm)].map(([, name]) => name);
}
