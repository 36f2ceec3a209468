// The stream of a stand-in for Misskey: the channels that nothing but Misskey itself feeds.

import { WebSocketServer } from 'ws';
import { until } from './nodes.js';

export class Streams {
  #server;
  /** The joined channels by their names, each `{ socket, id }`. */
  #joined = new Map();
  /** What requests for the log of a channel are answered, by its name. */
  #logs = new Map();

  /** @param http the server that clients ask for streams */
  constructor(http) {
    this.#server = new WebSocketServer({ server: http, path: '/streaming' });
    this.#server.on('connection', (socket) => {
      socket.on('message', (data) => this.#take(socket, JSON.parse(data)));
    });
  }

  /** Answers the next request for the log of a channel with this. */
  answer(channel, body) {
    const logs = this.#logs.get(channel) ?? [];
    this.#logs.set(channel, [...logs, body]);
  }

  /** Sends an event to all who have joined a channel, as soon as anybody has. */
  async push(channel, type, body) {
    await until(() => this.#joined.has(channel), `nobody joined ${channel}`);
    for (const { socket, id } of this.#joined.get(channel)) {
      socket.send(JSON.stringify({ type: 'channel', body: { id, type, body } }));
    }
  }

  stop() {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #take(socket, { type, body }) {
    if (type === 'connect') {
      const joined = this.#joined.get(body.channel) ?? [];
      this.#joined.set(body.channel, [...joined, { socket, id: body.id }]);
    }
    if (type !== 'ch' && type !== 'channel') return;
    const mine = (seat) => seat.socket === socket && seat.id === body.id;
    const [channel] = [...this.#joined].find(([, seats]) => seats.some(mine)) ?? [];
    const log = body.type === 'requestLog' && this.#logs.get(channel)?.shift();
    if (!log) return;
    socket.send(JSON.stringify({ type: 'channel', body: { id: body.id, type: 'statsLog', body: log } }));
  }
}
