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
  },
})
