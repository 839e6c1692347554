// The puzzles of an anonymous handshake: for each the smallest decimal n so that SHA-256 of the text `challenge.i.n` begins
// with enough zero bits.

import { PrefixedSha256 } from "./sha256.js";

/** The ASCII code of "0". */
const ZERO = 48;

/**
 * Solves one puzzle. Takes 2 to the power of the difficulty hashes on average.
 *
 * @param {string} challenge the text of the challenge
 * @param {number} index which puzzle, from 0
 * @param {number} difficulty how many zero bits, at most 32
 * @returns {number} the smallest solution
 */
export function solve(challenge, index, difficulty) {
  const hash = new PrefixedSha256(new TextEncoder().encode(`${challenge}.${index}.`));
  const digits = new Uint8Array(16).fill(ZERO);
  // The number is counted up in decimal, digit by digit: to write it anew each time would cost as much as a hash.
  let length = 1;
  for (let nonce = 0; ; nonce += 1) {
    if (Math.clz32(hash.hash(digits, length)[0] ?? 0) >= difficulty) return nonce;
    let at = length - 1;
    while (at >= 0 && digits[at] === ZERO + 9) digits[at--] = ZERO;
    if (at >= 0) {
      digits[at] = (digits[at] ?? ZERO) + 1;
    } else {
      digits[0] = ZERO + 1;
      digits[length++] = ZERO;
    }
  }
}
