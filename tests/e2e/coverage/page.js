// `docs/COMPATIBILITY.md`.

import { endpoints as known } from './contract.js';
import { EVENTS, MESSAGES, MISSING, OPERATIONS } from './table.js';
import { link, testThatNames } from './tests.js';

const INTRODUCTION = `# Compatibility

What the standalone server has of Misskey's stream and API: what causes it, and a test that shows it. A test makes this
page from the running server, from [the contract](PROTOCOL.md) and from the types of \`misskey-js\`, and fails where something has
no test here, or where the page is old. \`cargo xtask compatibility\` writes it anew.

Beside an existing Misskey the endpoints are Misskey's; what the stream lacks there is listed in [GAPS.md](GAPS.md).
`;

/** The path of a test file that a table names. */
export const pathOf = (file) =>
  (file.includes('/') ? file : `tests/e2e/cases/${file}.test.js`);

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (name) => `\`${name}\``;

const eventRows = () => EVENTS.map(([channel, event, cause, file, name]) =>
  [code(channel), code(event), cause, link(pathOf(file), name)]);

function endpointRows(ours, before) {
  return ours.map((endpoint) => {
    const row = before.split('\n').find((line) => line.startsWith(`| ${code(endpoint)} | [`));
    const found = testThatNames(endpoint, row?.split(' | ')[1].replace(/ \|$/, ''));
    if (!found) throw new Error(`no test names the endpoint \`${endpoint}\``);
    return [code(endpoint), link(found.file, found.name)];
  });
}

/** Endpoints by the first part of their names, a line for each; those that are alone together. */
function groups(endpoints) {
  const groups = new Map();
  for (const endpoint of endpoints) {
    const [group] = endpoint.split('/');
    groups.set(group, [...(groups.get(group) ?? []), code(endpoint)]);
  }
  const alone = [...groups.values()].filter((names) => names.length === 1).flat();
  return [...groups.values()].filter((names) => names.length > 1).concat([alone])
    .map((names) => `- ${names.join(', ')}`)
    .join('\n');
}

/** The page, for a server that has these endpoints; `before` is the page so far. */
export function page(ours, before) {
  const sorted = [...ours].sort();
  const theirs = known();
  const lacking = theirs.filter((endpoint) => !ours.includes(endpoint)).sort();
  const beyond = sorted.filter((endpoint) => !theirs.includes(endpoint)).map(code).join(', ');
  return `${[
    INTRODUCTION,
    '## Channels and their events\n',
    table(['channel', 'event', 'cause', 'test'], eventRows()),
    '\n## Messages outside of channels\n',
    table(['message', 'cause', 'test'], MESSAGES.map(([message, cause, file, name]) =>
      [code(message), cause, link(pathOf(file), name)])),
    '\n## Operations\n',
    table(['channel', 'operation', 'what it does', 'test'], OPERATIONS.map(
      ([channel, operation, does, file, name]) =>
        [code(channel), code(operation), does, link(pathOf(file), name)])),
    '\n## Endpoints\n',
    `${sorted.length} endpoints, each with a test that calls it. The client has no types for ${beyond}.\n`,
    table(['endpoint', 'test'], endpointRows(sorted, before)),
    '\n## What is not there\n',
    'Events:\n',
    table(['channel', 'event', 'why'], MISSING.map(([channel, event, why]) =>
      [code(channel), code(event), why])),
    `\nEndpoints that the official client knows, ${lacking.length} of ${theirs.length}:\n`,
    groups(lacking),
  ].join('\n')}\n`;
}
