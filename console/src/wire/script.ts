// Frames as something to run elsewhere. A token never gets in: scripts read it from the environment.

import { type Frame, wire } from '../store/wire';

export const FORMATS = ['node', 'misskey-js', 'websocat', 'watch'] as const;
export type Format = (typeof FORMATS)[number];

/** The frames to send to get to see a frame again. */
export function framesFor(frame: Frame): string[] {
  if (frame.direction === 'out') {
    const join = frame.type === 'ch' && frame.id ? wire.joinOf(frame.id) : null;
    return join ? [join, frame.text] : [frame.text];
  }
  if (frame.type === 'noteUpdated' && frame.id) {
    return [JSON.stringify({ type: 'subNote', body: { id: frame.id } })];
  }
  const join = frame.id ? wire.joinOf(frame.id) : null;
  return join ? [join] : [];
}

/** A script that sends these frames to this server and prints what comes. */
export function script(format: Format, frames: readonly string[]): string {
  switch (format) {
    case 'node': return node(frames);
    case 'misskey-js': return misskeyJs(frames);
    case 'websocat': return websocat(frames);
    case 'watch': return watch(frames);
  }
}

function streamUrl(): string {
  return `${location.origin.replace(/^http/, 'ws')}/streaming`;
}

function node(frames: readonly string[]): string {
  return `// npm install ws; MISSKEY_TOKEN is the token of a user, or unset for a visitor.
import { WebSocket } from 'ws';

const token = process.env.MISSKEY_TOKEN;
const headers = token ? { authorization: \`Bearer \${token}\` } : {};
const socket = new WebSocket(${JSON.stringify(streamUrl())}, { headers });
const frames = [
${frames.map((frame) => `  ${literal(frame)},\n`).join('')}];

socket.on('open', () => frames.forEach((frame) => socket.send(frame)));
socket.on('message', (data) => console.log(String(data)));
socket.on('error', (error) => console.error(error.message));
socket.on('close', (code, reason) => console.error('closed', code, String(reason)));
`;
}

/** A frame as source: between single quotes where that leaves it readable. */
function literal(frame: string): string {
  return /['\\\n\r\u2028\u2029]/.test(frame) ? JSON.stringify(frame) : `'${frame}'`;
}

function misskeyJs(frames: readonly string[]): string {
  const lines = frames.map((frame, at) => {
    const message = parse(frame);
    if (message?.type !== 'connect') return `stream.send(${message ? JSON.stringify(message) : literal(frame)});`;
    const { channel, params } = message.body as { channel: string; params?: unknown };
    const args = [channel, ...(params ? [params] : [])].map((arg) => JSON.stringify(arg)).join(', ');
    const name = `channel${at + 1}`;
    return `const ${name} = stream.useChannel(${args});
for (const type of ${JSON.stringify(eventsOf(channel))}) {
  ${name}.on(type, (body) => console.log(${JSON.stringify(channel)}, type, body));
}`;
  });
  return `// npm install misskey-js ws; MISSKEY_TOKEN is the token of a user, or unset for a visitor.
import { Stream } from 'misskey-js';
import { WebSocket } from 'ws';

const token = process.env.MISSKEY_TOKEN;
const stream = new Stream(${JSON.stringify(location.origin)}, token ? { token } : null, { WebSocket });
stream.on('noteUpdated', (body) => console.log('noteUpdated', body));

${lines.join('\n')}
`;
}

function websocat(frames: readonly string[]): string {
  const quoted = frames.map((frame) => ` \\\n  ${shell(frame)}`).join('');
  return `# MISSKEY_TOKEN is the token of a user, or unset for a visitor.
printf '%s\\n'${quoted} |
  websocat --no-close \${MISSKEY_TOKEN:+-H="Authorization: Bearer $MISSKEY_TOKEN"} ${shell(streamUrl())}
`;
}

function watch(frames: readonly string[]): string {
  const channels = frames.map(parse).filter((message) => message?.type === 'connect').map((message) => {
    const { channel, params } = message!.body as { channel: string; params?: object };
    const some = params && Object.keys(params).length > 0;
    return ` \\\n  --channel ${shell(some ? `${channel}=${JSON.stringify(params)}` : channel)}`;
  });
  return `# SESERAGI_TOKEN is the token of a user, or unset for a visitor.
seseragi watch ${shell(location.origin)}${channels.join('')}
`;
}

function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const EVENTS: Record<string, string[]> = {
  main: ['notification', 'mention', 'reply', 'renote', 'follow', 'followed', 'unfollow', 'meUpdated', 'readAllNotifications', 'unreadNotification'],
  userList: ['note', 'userAdded', 'userRemoved'],
  drive: ['fileCreated', 'fileUpdated', 'fileDeleted', 'folderCreated', 'folderUpdated', 'folderDeleted'],
  serverStats: ['stats', 'statsLog'],
  queueStats: ['stats', 'statsLog'],
  admin: ['newAbuseUserReport'],
  chatUser: ['message', 'deleted', 'react', 'unreact'],
  chatRoom: ['message', 'deleted', 'react', 'unreact'],
  reversi: ['matched', 'invited'],
  reversiGame: ['started', 'ended', 'canceled', 'changeReadyStates', 'updateSettings', 'log', 'reacted'],
};

function eventsOf(channel: string): string[] {
  return Object.hasOwn(EVENTS, channel) ? EVENTS[channel]! : ['note'];
}

function parse(text: string): { type?: unknown; body?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
