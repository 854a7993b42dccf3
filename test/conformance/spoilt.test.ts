// @module-tag long
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../support/cli.ts'
import { ROOT } from '../support/documents.ts'
import { openTestDatabase, superuserAt } from '../support/postgres.ts'
import { SPOILS, type Spoil, spoil } from '../support/spoilt-sql.ts'

const FILES = ['fence', 'freezes', 'claims', 'kills'].map(name => `test/conformance/${name}.test.ts`)

interface Told {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** What is run each time: nothing that takes long. Between a `describe` and its cases there is a sign. */
const CASES = [
  'two writers on one walk on',
  'a process that stands still on .* and whose lease is said to be over',
  'claims side by side on',
  'many claimers on .* (take each walk once|one alone)',
  'a process killed on .* at page\\.written',
].join('|')

/** These cases of the suite with something taken away from all statements; what failed, and how many passed. */
const runWithout = async (what: Spoil | null): Promise<{ failed: readonly string[]; passed: number }> => {
  using folder = tempFolder()
  await using there = await openTestDatabase('empty')
  const report = folder.file('report.json')
  const asked = ['run', ...FILES, '-t', CASES, '--reporter=json', `--outputFile=${report}`]
  const env = {
    ...process.env,
    SOCSYNC_TEST_SPOIL: what ?? '',
    SOCSYNC_TEST_POSTGRES_URL: await superuserAt(there.url),
  }
  const vitest = `${ROOT}/node_modules/vitest/vitest.mjs`
  await new Promise<void>(resolve => {
    execFile(process.execPath, [vitest, ...asked], { cwd: ROOT, env }, () => resolve())
  })
  const told = JSON.parse(readFileSync(report, 'utf8')) as Told
  const cases = told.testResults.flatMap(({ assertionResults }) => assertionResults)
  const of = (status: string) => cases.filter(one => one.status === status).map(({ fullName }) => fullName)
  return { failed: of('failed'), passed: of('passed').length }
}

const WITHOUT: Readonly<Record<Spoil, readonly string[]>> = {
  fence: ['SQLite', 'PostgreSQL'].flatMap(name => [
    `two writers on one walk on ${name} the one that was overtaken commits after the other: it writes nothing`,
    `two writers on one walk on ${name} the one that was overtaken commits before the other: it writes nothing`,
    `two writers on one walk on ${name} one page is handed in twice at once: it is stored once`,
    `two writers on one walk on ${name} whatever else the one that was overtaken does to the walk, it leaves it alone`,
    `a process that stands still on ${name} and whose lease is said to be over is overtaken: what it had fetched is refused, the other’s is kept`,
  ]),
  overtaken: ['SQLite', 'PostgreSQL'].flatMap(name => [
    `two writers on one walk on ${name} the one that was overtaken asks for nothing more, and what it was charged stays counted`,
  ]),
  'skip-locked': [
    'claims side by side on PostgreSQL who claims does not wait for whoever is claiming, and takes the next walk',
    'claims side by side on PostgreSQL who claims finds what is free behind all that others are about to take',
  ],
}

describe('the conformance suite', { timeout: 900_000 }, () => {
  it('passes with nothing taken away', async () => {
    const { failed, passed } = await runWithout(null)
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(25)
  })

  it.each(SPOILS)('fails without %s', async what => {
    const { failed, passed } = await runWithout(what)
    expect(failed).toEqual(expect.arrayContaining([...WITHOUT[what]]))
    // It is those that fail, and not all.
    expect(passed).toBeGreaterThan(8)
  })
})

it('what is taken away is one comparison, and nothing of other statements', () => {
  const fence =
    'select "id" from "sync_walks" where "id" = $1::bigint and "seq" = $2::bigint and "worker" = $3::text'
  expect(spoil('fence', fence)).toBe(
    'select "id" from "sync_walks" where "id" = $1::bigint and ("seq" = $2::bigint and "worker" = $3::text or 1 = 1)',
  )
  const others = 'update "transforms" set "seq" = ? where "id" = ? and "seq" = ? and "worker" = ?'
  for (const what of SPOILS) expect(spoil(what, others)).toBe(others)
  expect(spoil('skip-locked', 'select 1 for update skip locked')).toBe('select 1 for update')
})
