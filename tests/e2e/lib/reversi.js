// The engine of Reversi that clients use, unchanged, and the checksum of its state.

import { createRequire } from 'node:module';
import { crc32 } from './crc32.js';

const { default: Reversi } = createRequire(import.meta.url)('misskey-reversi');

export class Game extends Reversi {
  /** What `reversi/verify` compares. */
  checksum() {
    return `${crc32(JSON.stringify({ board: this.board, turn: this.turn }))}`;
  }
}
