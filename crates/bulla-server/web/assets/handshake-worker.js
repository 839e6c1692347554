// Solves a challenge off the page's thread. Gets `{ challenge, puzzles, difficulty }`; posts `{ solved }` after each puzzle,
// and `{ nonces }` at the end. To stop it, terminate it.

import { solve } from "./puzzle.js";

addEventListener("message", ({ data: { challenge, puzzles, difficulty } }) => {
  const nonces = [];
  for (let index = 0; index < puzzles; index += 1) {
    nonces.push(solve(challenge, index, difficulty));
    postMessage({ solved: nonces.length });
  }
  postMessage({ nonces });
});
