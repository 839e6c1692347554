import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], unstubGlobals: true, restoreMocks: true, testTimeout: 120_000 },
  // The proof of work comes from the server's assets.
  server: { fs: { strict: false } },
});
