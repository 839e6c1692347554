// @ts-nocheck: tsc does not see that every index is within its array.
// SHA-256 (FIPS 180-4) for many short texts with one beginning: the state after the beginning is kept. A call of
// SubtleCrypto per text would cost many times the hash.

const ROUND_CONSTANTS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

const INITIAL = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

const BLOCK = 64;

/** SHA-256 over texts that begin with one and the same text. */
export class PrefixedSha256 {
  #state = new Int32Array(INITIAL);
  #begun = new Int32Array(8);
  #block = new Uint8Array(2 * BLOCK);
  #words = new Int32Array(64);
  #length;
  #rest;

  /** @param {Uint8Array} prefix what all texts begin with */
  constructor(prefix) {
    this.#length = prefix.length;
    this.#rest = prefix.length % BLOCK;
    const whole = prefix.length - this.#rest;
    for (let at = 0; at < whole; at += BLOCK) compress(this.#state, this.#words, prefix, at);
    this.#begun.set(this.#state);
    this.#block.set(prefix.subarray(whole));
  }

  /**
   * The hash of the prefix and the first bytes of a buffer.
   *
   * @param {Uint8Array} suffix bytes that follow the prefix, at most 55
   * @param {number} count how many of them
   * @returns {Int32Array} eight words, good until the next call
   */
  hash(suffix, count) {
    const block = this.#block;
    let at = this.#rest;
    for (let index = 0; index < count; index += 1) block[at++] = suffix[index];
    block[at++] = 0x80;
    const end = at + 8 <= BLOCK ? BLOCK : 2 * BLOCK;
    block.fill(0, at, end);
    const bits = (this.#length + count) * 8;
    block[end - 4] = bits >>> 24;
    block[end - 3] = bits >>> 16;
    block[end - 2] = bits >>> 8;
    block[end - 1] = bits;
    this.#state.set(this.#begun);
    compress(this.#state, this.#words, block, 0);
    if (end > BLOCK) compress(this.#state, this.#words, block, BLOCK);
    return this.#state;
  }
}

/**
 * Puts one block of 64 bytes into the state.
 *
 * @param {Int32Array} state eight words
 * @param {Int32Array} words room for 64 words
 * @param {Uint8Array} bytes where the block is
 * @param {number} offset where it begins
 */
function compress(state, words, bytes, offset) {
  for (let index = 0, at = offset; index < 16; index += 1, at += 4) {
    words[index] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let index = 16; index < 64; index += 1) {
    const two = words[index - 2];
    const fifteen = words[index - 15];
    const sigma1 = ((two >>> 17) | (two << 15)) ^ ((two >>> 19) | (two << 13)) ^ (two >>> 10);
    const sigma0 = ((fifteen >>> 7) | (fifteen << 25)) ^ ((fifteen >>> 18) | (fifteen << 14)) ^ (fifteen >>> 3);
    words[index] = (words[index - 16] + sigma0 + words[index - 7] + sigma1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let index = 0; index < 64; index += 1) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = (e & f) ^ (~e & g);
    const one = (h + sum1 + choice + ROUND_CONSTANTS[index] + words[index]) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g; g = f; f = e;
    e = (d + one) | 0;
    d = c; c = b; b = a;
    a = (one + sum0 + majority) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}
