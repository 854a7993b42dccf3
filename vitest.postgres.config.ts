import { defineConfig } from 'vitest/config'
import usual from './vitest.config.ts'

/** Why each is left out: docs/testing.md. */
const LEFT_OUT = [
  // About a file itself.
  ...['file', 'backup', 'db-check', 'erase', 'store-failures', 'statements'],
  // Sizes, and the package: slow, and the same on both.
  ...['large-run', 'long-list', 'package'],
  // They open databases of both kinds by themselves.
  ...['copy', 'tended', 'rebuild', 'told-alike', 'columns', 'schedule', 'password', 'database-clock'],
  ...[
    'workers',
    'workers-budget',
    'workers-transforms',
    'workers-shown',
    'limits-together',
    'account-leases',
  ],
  ...['database-away', 'database-connections', 'workers-lost', 'pooled-readers'].map(
    name => `faults/${name}`,
  ),
  // They speak to the sandbox, and have no database.
  ...['instagram-clients', 'youtube-clients', 'tiktok-wire'],
  // They look into no database, or open a file in the process of the test.
  ...['config', 'shells', 'library'],
  // It runs this.
  'on-server',
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
