// The tests that there are, by the text of them.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = new URL('../../../', import.meta.url).pathname;

const JAVASCRIPT = /^test\((['`"])(.*?)\1,/gm;
const RUST = /^#\[(?:tokio::)?test\]\n(?:#\[.*\]\n)*(?:async )?fn (\w+)/gm;

/** The tests of a file, each with the text up to the next one. */
export function testsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const [pattern, group] = file.endsWith('.rs') ? [RUST, 1] : [JAVASCRIPT, 2];
  const heads = [...text.matchAll(pattern)];
  return heads.map((head, i) => ({
    file,
    name: head[group].replaceAll("\\'", "'"),
    text: text.slice(head.index, heads[i + 1]?.index),
  }));
}

function filesUnder(folder, wanted) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
    .filter(wanted)
    .sort();
}

/** Those with the official client first, then those of the crate. */
const files = [
  ...filesUnder('tests/e2e/cases', (file) => file.endsWith('.test.js')),
  ...filesUnder('crates/standalone/src', (file) => /tests.*\.rs$/.test(file)),
];

const tests = files.flatMap(testsOf);

const wholeOf = (file) => ({
  file,
  name: file.split('/').at(-1),
  text: readFileSync(join(root, file), 'utf8'),
});

/**
 * A test that names an endpoint or an event; where only helpers of a file do, that file. The one that `before`
 * names stays, so that new tests do not change what is written of old ones.
 */
export function testThatNames(name, before) {
  const words = name.replaceAll(/[/-]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+');
  const quoted = new RegExp(`['"\`/]${words}['"\`]`);
  const all = [...tests, ...files.map(wholeOf)].filter(({ text }) => quoted.test(text));
  return all.find(({ file, name }) => before === link(file, name)) ?? all[0];
}

/** A link of the page to a test. */
export const link = (file, name) => `[${name.replaceAll('_', ' ')}](../${file})`;
