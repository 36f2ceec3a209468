// A server that lives for a test: its folder, its process, and the end of both.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../../e2e/lib/server.js';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;

// `setpriv` has the kernel end the server should the tests themselves be killed.
const GUARD = ['setpriv', '--pdeathsig', 'KILL'];

// What a test that fails half-way leaves behind.
const children = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A program of this name, in these folders or on the path; null if there is none. */
export function program(name, first = []) {
  const path = process.env.PATH.split(':');
  return [...first, ...path].map((folder) => join(folder, name)).find(existsSync) ?? null;
}

/**
 * Whom a server runs as that refuses to be root: one of these users of the system, or nobody
 * else than ourselves where we are not root.
 * @returns {Promise<{ uid: number, gid: number, name: string } | null>}
 */
export async function unprivileged(names) {
  if (process.getuid() !== 0) return null;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = names.map((name) => users.find((user) => user[0] === name)).find(Boolean);
  if (!found) throw new Error(`none of these users exists: ${names.join(', ')}`);
  return { name: found[0], uid: Number(found[2]), gid: Number(found[3]) };
}

/** A new folder; it belongs to `user` if one is given. */
export async function newFolder(user = null) {
  const path = await mkdtemp(join(tmpdir(), 'seseragi-'));
  folders.add(path);
  if (user) await chown(path, user.uid, user.gid);
  return path;
}

export async function removeFolder(path) {
  await rm(path, { recursive: true, force: true });
  folders.delete(path);
}

const as = (user) => (user
  ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups']
  : []);

/** Runs a program to its end; fails with what it said where it fails. */
export async function run(command, args, { user = null, cwd } = {}) {
  const [guard, ...rest] = [...GUARD, ...as(user), command, ...args];
  const child = spawn(guard, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (data) => { said += data; });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal}:\n${said}`);
}

/** The process of a server. */
export class Process {
  #child;
  #lines = [];

  /** Starts `command`, with more in its environment, and waits until it has said a line that `ready` knows. */
  static async start(command, args, { user = null, cwd, env = {}, ready }) {
    const server = new Process();
    await server.#start(command, args, { user, cwd, env, ready });
    return server;
  }

  get log() {
    return this.#lines.join('\n');
  }

  async #start(command, args, { user, cwd, env, ready }) {
    const [guard, ...rest] = [...GUARD, ...as(user), command, ...args];
    this.#child = spawn(guard, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(this.#child);
    this.#child.once('exit', () => children.delete(this.#child));
    const started = new Promise((resolve, reject) => {
      for (const input of [this.#child.stdout, this.#child.stderr]) {
        createInterface({ input }).on('line', (line) => {
          this.#lines.push(line);
          if (ready.test(line)) resolve();
        });
      }
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) =>
        reject(new Error(`${command} ended with ${code ?? signal}:\n${this.log}`)));
    });
    await within(START_MS_MAX, started, () => `${command} does not start:\n${this.log}`);
  }

  /** Ends it with a signal; resolves when it has ended. */
  async end(signal) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await within(STOP_MS_MAX, ended, () => `it does not end:\n${this.log}`);
  }
}
