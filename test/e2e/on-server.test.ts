// @module-tag long
import { expect, it } from 'vitest'
import { runFiles } from '../support/nested-suite.ts'
import { superuserAt } from '../support/postgres.ts'

/** What tells most in a few minutes; `npm run test:postgres` runs all files. */
const FILES = ['main-job', 'quota', 'promises'].map(name => `test/e2e/${name}.test.ts`)

it('tests that name a file pass on a database of a server', { timeout: 1_200_000 }, async () => {
  // Its own folder is not open to the user of a server of its own.
  const url = await superuserAt('postgres://localhost/postgres')
  const how = { config: 'vitest.postgres.config.ts', env: { SOCSYNC_TEST_POSTGRES_URL: url } }
  const { code, stdout, stderr } = await runFiles(FILES, how)
  expect(code, stdout + stderr).toBe(0)
  expect(stdout).toMatch(new RegExp(`Test Files +${FILES.length} passed`))
})
