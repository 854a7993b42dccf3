import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFile } from '../../src/app/admin/db.ts'
import { userId } from '../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../src/networks/registry.ts'
import { RULES } from '../../src/store/admin/check-rules.ts'
import { backUp } from '../../src/store/sqlite/backup.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { copyDatabase, placeOf } from '../support/on-server.ts'
import { PLANTS, plantIn } from '../support/plants.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

describe('db check', () => {
  const folder = tempFolder()
  const whole = folder.file('whole.db')
  let sandbox: TestSandbox

  beforeAll(async () => {
    sandbox = await startSandbox({ networks })
    const ids = ['one.post', 'albums.only', userId(1), 'nobody.here']
    const run = ['run', '--network', 'instagram', '--scope', 'all', '--quiet', '--db', folder.file('run.db')]
    expect(await socsync([...run, ...ids], { env: sandbox.env })).toMatchObject({ code: 0 })
    await backUp(folder.file('run.db'), whole, false)
  })
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const plant = (name: string, sql: string): string => {
    const path = folder.file(`${name}.db`)
    copyDatabase(whole, path)
    plantIn(path, sql)
    return path
  }

  it('finds a file whole that a run left', async () => {
    expect(await checkFile(placeOf(whole))).toEqual({ rules: RULES.length + 3, violations: [], dead: [] })
    const { code, stdout } = await socsync(['db', 'check', '--db', whole, '--json'])
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, schema: 1, db: whole, whole: true })
  })

  it.each(Object.entries(PLANTS))('names %s', async (name, { sql, finds, says }) => {
    const { violations } = await checkFile(placeOf(plant(name, sql)))
    const found = Object.fromEntries(violations.map(({ rule, count }) => [rule, count]))
    const expected = Object.entries(finds).map(([rule, count]) => [
      rule,
      Number.isNaN(count) ? expect.any(Number) : count,
    ])
    expect(found).toEqual(Object.fromEntries(expected))
    for (const { examples, count } of violations) {
      expect(examples).toHaveLength(Math.min(count, 3))
      for (const example of examples) expect(example).toMatch(says)
    }
  })

  it('says so on the command line, and ends with 1', async () => {
    const path = plant('said', PLANTS['a wrong count of open tasks']?.sql ?? '')
    const text = await socsync(['db', 'check', '--db', path])
    expect(text).toMatchObject({ code: 1, stderr: '' })
    expect(text.stdout).toContain(`${path} is damaged`)
    expect(text.stdout).toMatch(/open-tasks · 4 × .*\n {4}job 1: 2, but 0 are open/)
    const json = await socsync(['db', 'check', '--db', path, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      whole: false,
      violations: [{ rule: 'open-tasks', count: 4 }],
    })
    expect(json.code).toBe(1)
  })

  it('has every one of its rules broken here', () => {
    const broken = new Set(Object.values(PLANTS).flatMap(({ finds }) => Object.keys(finds)))
    const rules = ['integrity', 'foreign-key', 'job-status', ...RULES.map(({ name }) => name)]
    expect(rules.filter(rule => !broken.has(rule))).toEqual([])
  })

  it('takes what a killed process left for no damage, and tells of it', async () => {
    const db = folder.file('killed.db')
    const run = ['run', '--network', 'instagram', '--scope', 'all', '--quiet', '--db', db, 'two.pages.of.50']
    const env = { ...sandbox.env, SOCSYNC_CRASH_AT: 'page.committed:1' }
    expect(await socsync(run, { env })).toMatchObject({ signal: 'SIGKILL' })
    expect(await checkFile(placeOf(db))).toMatchObject({ violations: [], dead: [expect.anything()] })
    const checked = await socsync(['db', 'check', '--db', db])
    expect(checked).toMatchObject({ code: 0 })
    expect(checked.stdout).toContain('the next run takes over what it held')
  })
})
