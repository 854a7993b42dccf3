// @module-tag long
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { socsync, tempFolder } from '../support/cli.ts'
import { type Crew, eventually, openCrew } from '../support/crew.ts'
import { startSandbox } from '../support/sandbox.ts'
import { startServer } from '../support/server.ts'
import { query, RESULT_TABLES } from '../support/tables.ts'

/** Every call of this network costs one unit, so that the sandbox counts what is spent. */
const RUN = ['run', '--network', 'youtube', '--scope', 'all', '--limit-posts', '5']

/** How much one process stores of these profiles in a file, and for how many calls. */
const alone = async (crew: Crew, ids: readonly string[]) => {
  using folder = tempFolder()
  const file = folder.file('alone.db')
  const done = await socsync([...RUN, '--db', file, '--quiet', ...ids], { env: crew.sandbox.env })
  expect(done.code).toBe(0)
  const calls = crew.sandbox.log.counts().youtube?.calls ?? 0
  crew.sandbox.log.clear()
  return {
    calls,
    rows: RESULT_TABLES.map(table => query(file, `select count(*) as n from ${table}`)[0]?.n),
  }
}

describe('a budget that several processes share', { timeout: 400_000 }, () => {
  let crew: Crew
  beforeEach(async () => {
    crew = await openCrew()
  })
  afterEach(async () => {
    expect(crew.sandbox.log.errors).toEqual([])
    await crew[Symbol.asyncDispose]()
  })

  const asked = () => crew.sandbox.log.counts().youtube?.calls ?? 0
  const spent = (run: number) => crew.one(`select spent as n from budgets where run_id = ${run}`)
  const costs = (run: number) => crew.one(`select sum(units) as n from run_costs where run_id = ${run}`)
  const stored = () => Promise.all(RESULT_TABLES.map(table => crew.one(`select count(*) as n from ${table}`)))

  test('is not passed by one unit; what is left goes on another night', async () => {
    const ids = crew.sandbox.entities('youtube', 6)
    const expected = await alone(crew, ids)
    const budget = Math.floor(expected.calls / 2)
    crew.sandbox.setSwitch('slow', { value: 400 })
    const helpers = [await crew.worker(), await crew.worker()]
    const run = await crew.call([...RUN, '--concurrency', '1', '--budget', String(budget), ...ids]).ended
    expect(run).toMatchObject({ code: 3, signal: null })
    expect(run.stdout).toContain('budget')
    expect(helpers.filter(helper => helper.stderr().includes('run.joined')).length).toBeGreaterThan(0)
    expect([await spent(1), await costs(1)]).toEqual([budget, budget])
    expect(asked()).toBe(budget)
    const left = "select count(*) as n from sync_jobs where status = 'partial' and error_type = 'budget'"
    expect(Number(await crew.one(left))).toBeGreaterThan(0)

    crew.sandbox.switches.clear()
    crew.sandbox.advance(86_400_000)
    const rest = await crew.call(['resume', '--all', '--quiet']).ended
    expect(rest, rest.stderr).toMatchObject({ code: 0 })
    expect(await stored()).toEqual(expected.rows)
  })

  // Charged and never sent, and all told: what lies between differs in what is stored, test/conformance/kills.test.ts.
  test.each(['page.asked:6', 'page.committed:6'])(
    'of a worker that is killed at %s is spent to its end by the one that goes on, and once',
    async point => {
      const ids = crew.sandbox.entities('youtube', 6)
      const expected = await alone(crew, ids)
      const budget = Math.floor(expected.calls / 2)
      const order = crew.call([...RUN, '--queue', '--budget', String(budget), ...ids])
      expect((await order.ended).code).toBe(0)
      const dies = crew.call(['worker'], { SOCSYNC_CRASH_AT: point })
      expect((await dies.ended).signal).toBe('SIGKILL')
      const before = Number(await spent(1))
      expect(before).toBeGreaterThan(0)
      expect(before).toBeLessThan(budget)
      await crew.worker()
      await eventually(
        async () => (await crew.one('select count(*) as n from sync_runs where finished_at is null')) === 0,
      )
      const runs = await crew.db.rows('select run_id, units, spent from budgets order by run_id')
      expect(runs.reduce((sum, row) => sum + Number(row.spent), 0)).toBe(budget)
      // What was charged by the one that died and was never sent is all that may be missing.
      expect(asked()).toBeLessThanOrEqual(budget)
      expect(asked()).toBeGreaterThan(before)
    },
  )
})

test('on a file the budget of a run of serve outlives the process', { timeout: 300_000 }, async () => {
  await using sandbox = await startSandbox()
  using folder = tempFolder()
  const ids = sandbox.entities('youtube', 6)
  const env = { ...sandbox.env, SOCSYNC_CRASH_AT: 'page.fetched:6' }
  {
    await using dies = await startServer({ env, folder })
    await dies.post('/v1/runs', { network: 'youtube', scope: ['all'], ids, budget: 40 }).catch(() => {})
    expect((await dies.running.ended).signal).toBe('SIGKILL')
  }
  await using server = await startServer({ env: sandbox.env, folder })
  await server.ended('2')
  const budgets = query(server.db, 'select run_id, units, spent from budgets order by run_id')
  expect(budgets).toHaveLength(2)
  expect(Number(budgets[1]?.units)).toBe(40 - Number(budgets[0]?.spent))
  expect(Number(budgets[0]?.spent) + Number(budgets[1]?.spent)).toBe(40)
  expect(sandbox.log.counts().youtube?.calls).toBeLessThanOrEqual(40)
})
