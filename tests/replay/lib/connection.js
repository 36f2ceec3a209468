// An open connection of the replay: sends what the recorded one sent.

import { Socket } from '../../e2e/lib/socket.js';

/** The channels that this server has so far; a `connect` to another one is left out. */
const CHANNELS = new Set([
  'main', 'homeTimeline', 'localTimeline', 'hybridTimeline', 'globalTimeline',
  'userList', 'hashtag', 'antenna', 'channel',
]);

export class Connection {
  #joined = new Set();

  static async open(world, token) {
    const connection = new Connection();
    connection.socket = await Socket.open(world, token);
    return connection;
  }

  /** Sends a recorded message; false if it is not for this server. */
  send(text, ids) {
    const message = JSON.parse(text);
    if (message.type === 'connect') {
      if (!CHANNELS.has(message.body.channel)) return false;
      this.#joined.add(message.body.id);
    }
    const translated = ids.translate(message);
    if (translated === null) return false;
    this.socket.send(translated);
    return true;
  }

  /** Whether a recorded frame is of a channel that was joined here, or of none. */
  expects(frame) {
    return frame.type !== 'channel' || this.#joined.has(frame.body.id);
  }

  /** What has come since the last call. */
  async received() {
    return this.socket.settle();
  }

  close() {
    this.socket.close();
  }
}
