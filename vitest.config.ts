import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/suite.ts'],
    setupFiles: ['test/support/suite-file.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The search of all artefacts is at the end.
    teardownTimeout: 300_000,
    maxWorkers: 2,
    // No test changes what others have of the process: a worker keeps what it has loaded, file after file.
    isolate: false,
    // `{ tags: ['long'] }` on a test, or `// @module-tag long` above a file: docs/testing.md.
    tags: [
      { name: 'long', description: 'left out of `npm test`; `npm run test:all` has it', timeout: 300_000 },
    ],
  },
})
