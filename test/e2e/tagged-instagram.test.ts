// @module-tag long
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const DAY_MS = 86_400_000

describe('--lists tagged', () => {
  it('is who tags an own account and in which posts, paid for by itself and as the plan says', async () => {
    await using sandbox = await startSandbox({ networks })
    using folder = tempFolder()
    const db = folder.file('tagged.db')
    const own = sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
    const call = async (name: string, ...flags: string[]) => {
      sandbox.log.clear()
      const args = [name, '--network', 'instagram', '--db', db, '--scope', 'profile', ...flags, own]
      const ended = await socsync(args, { env: sandbox.env })
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      return { ended, calls: sandbox.log.calls.filter(({ path }) => path.endsWith('/tags')) }
    }
    const priceOf = async (...flags: string[]): Promise<number> =>
      JSON.parse((await call('plan', '--json', ...flags)).ended.stdout).plan.units.likely
    expect((await call('run', '--quiet')).calls).toEqual([])
    expect(query(db, 'select count(*) as n from relations')).toEqual([{ n: 0 }])
    sandbox.advance(DAY_MS)
    expect((await priceOf('--lists', 'tagged')) - (await priceOf())).toBe(1)
    expect((await call('run', '--quiet', '--lists', 'tagged')).calls).toHaveLength(1)

    const told = query(db, 'select kind, profile_id, person_id, post_id from relations order by post_id')
    expect(told.length).toBeGreaterThan(20)
    for (const row of told) expect(row).toMatchObject({ kind: 'tagger', profile_id: own })
    for (const { person_id } of told) expect(String(person_id)).toMatch(/^[a-z0-9._]+$/)
    // Whose they are cannot be said.
    expect(query(db, 'select count(*) as n from posts')).toEqual([{ n: 0 }])
    const { stdout } = await socsync(['export', 'relations', '--format', 'jsonl', '--db', db])
    expect(stdout.trim().split('\n')).toHaveLength(told.length)

    // One that is not brought any more is none any more.
    const change = openWrite(db)
    change.exec(
      "update relations set person_id = 'somebody.else', id = 'x' where id = (select min(id) from relations)",
    )
    change.close()
    sandbox.advance(DAY_MS)
    await call('run', '--quiet', '--lists', 'tagged')
    expect(query(db, 'select person_id from relations where missing_since is not null')).toEqual([
      { person_id: 'somebody.else' },
    ])
    expect(query(db, 'select count(*) as n from relations where missing_since is null')).toEqual([
      { n: told.length },
    ])
  }, 120_000)

  it('is not to be had with Instagram Login, which is said and asks for nothing', async () => {
    await using sandbox = await startSandbox({ networks })
    using folder = tempFolder()
    const db = folder.file('tagged.db')
    const env = { ...sandbox.env, SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJsandboxInstagram' }
    const args = ['run', '--network', 'instagram', '--db', db, '--quiet', '--scope', 'profile']
    const ended = await socsync([...args, '--lists', 'tagged', 'me'], { env })
    expect(ended, ended.stderr).toMatchObject({ code: 0 })
    expect(sandbox.log.calls.filter(({ path }) => path.endsWith('/tags'))).toEqual([])
    expect(query(db, "select status, reason from sync_tasks where stream = 'tagged'")).toEqual([
      { status: 'skipped', reason: 'unsupported-by-network' },
    ])
  }, 120_000)
})
