// @module-tag long
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { startProgram } from '../support/cli.ts'
import { ROOT } from '../support/documents.ts'
import { superuserAt } from '../support/postgres.ts'

/** What tells most in a few minutes; `npm run test:postgres` runs all files. */
const FILES = ['main-job', 'quota', 'promises'].map(name => `test/e2e/${name}.test.ts`)
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

it('tests that name a file pass on a database of a server', { timeout: 1_200_000 }, async () => {
  const args = [VITEST, 'run', '--config', 'vitest.postgres.config.ts', ...FILES]
  // Its own folder is not open to the user of a server of its own.
  const url = await superuserAt('postgres://localhost/postgres')
  const env = { SOCSYNC_TEST_POSTGRES_URL: url, NO_COLOR: '1' }
  const { code, stdout, stderr } = await startProgram(process.execPath, args, { env, cwd: ROOT }).ended
  expect(code, stdout + stderr).toBe(0)
  expect(stdout).toMatch(new RegExp(`Test Files +${FILES.length} passed`))
})
