// One running `seseragi serve`: started, stopped, killed, started again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = process.env.SESERAGI_BIN;
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 60_000;
// Clients are sent away over this time; an operator would give them longer.
const DRAIN_MS = 200;

// A test that fails half-way must not leave a server behind.
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** A folder that the caller removes with the returned function. */
export async function temporaryFolder(within = tmpdir()) {
  const path = await mkdtemp(join(within, 'seseragi-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export class Server {
  #child;
  #errors = [];

  /** The address of the API and the stream, such as `http://127.0.0.1:40123`. */
  origin;
  /** The address of health, readiness and metrics. */
  admin;

  /**
   * Starts a server and waits until it is ready.
   * @param {object} options
   * @param {string} [options.data] the data directory, `:memory:` if left out
   * @param {string[]} [options.beside] the arguments that name a Misskey to stand beside, instead
   *   of a store of its own
   * @param {number} [options.port] the port to listen on, any free one if left out
   * @param {string[]} [options.args] more arguments of `serve`
   * @param {string[]} [options.under] a command that runs the server, such as `prlimit`
   */
  static async start(options = {}) {
    const server = new Server();
    await server.#start(options);
    return server;
  }

  get pid() {
    return this.#child.pid;
  }

  get port() {
    return Number(new URL(this.origin).port);
  }

  /** What the server has written to its log. */
  get log() {
    return this.#errors.join('\n');
  }

  /** Stops the server as an operator would. Resolves to its exit code. */
  async stop() {
    const ended = this.#ended();
    this.#child.kill('SIGTERM');
    return within(STOP_MS_MAX, ended, () => `the server does not stop:\n${this.log}`);
  }

  /** Ends the server as a power cut would. */
  async kill() {
    const ended = this.#ended();
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #start({ data = ':memory:', beside, port = 0, args = [], under = [] }) {
    if (!BINARY) throw new Error('set SESERAGI_BIN to the path of the `seseragi` binary');
    const store = beside ?? ['--dev', '--data', data];
    const [program, ...rest] = [
      ...under, BINARY, 'serve', ...store,
      '--listen', `127.0.0.1:${port}`, '--admin-listen', '127.0.0.1:0',
      '--drain-ms', String(DRAIN_MS), ...args,
    ];
    this.#child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    children.add(this.#child);
    this.#child.once('exit', () => children.delete(this.#child));
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.#errors.push(line));
    const addresses = this.#addresses();
    [this.origin, this.admin] =
      await within(START_MS_MAX, addresses, () => `the server does not start:\n${this.log}`);
    await this.#untilReady();
  }

  /** The addresses that the server names on its standard output, the public one first. */
  #addresses() {
    const found = [];
    return new Promise((resolve, reject) => {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        const address = /^(?:listening|admin) on (http:\S+)/.exec(line)?.[1];
        if (address) found.push(address);
        if (found.length === 2) resolve(found);
      });
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) =>
        reject(new Error(`the server ended with ${code ?? signal}:\n${this.log}`)));
    });
  }

  async #untilReady() {
    const deadline = Date.now() + START_MS_MAX;
    for (;;) {
      const answer = await fetch(`${this.admin}/readyz`);
      if (answer.ok) return;
      if (Date.now() > deadline) throw new Error(`not ready: ${await answer.text()}`);
    }
  }

  async #ended() {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    if (this.#child.signalCode !== null) return this.#child.signalCode;
    const [code, signal] = await once(this.#child, 'exit');
    return code ?? signal;
  }
}

/** Settings of the developer's own server must not reach the one under test. */
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('SESERAGI_'));
  return Object.fromEntries(kept);
}

/** Resolves as `promise` does, or fails with what `explain` says after `ms`. */
export async function within(ms, promise, explain) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(explain())), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
