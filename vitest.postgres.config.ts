import { defineConfig } from 'vitest/config'
import usual from './vitest.config.ts'

/** What is about a file itself, what works on both databases anyway, and what runs this. */
const LEFT_OUT = [
  ...[
    'file',
    'backup',
    'db-check',
    'erase',
    'store-failures',
    'large-run',
    'long-list',
    'statements',
    'package',
  ],
  ...['copy', 'tended', 'rebuild', 'on-server', 'schedule'],
].map(name => `test/e2e/${name}.test.ts`)

/**
 * `npm run test:postgres`: the tests of commands, with a database of a PostgreSQL server for each file that they name
 * (`test/support/on-server.ts`).
 */
export default defineConfig({
  test: {
    ...usual.test,
    include: ['test/e2e/**/*.test.ts'],
    exclude: LEFT_OUT,
    env: { SOCSYNC_TEST_DATABASE: 'postgres' },
    // A server answers later than a file, and who looks into it waits for a copy.
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
})
