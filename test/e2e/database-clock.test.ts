// @module-tag long
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { socsync } from '../support/cli.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { startSandbox } from '../support/sandbox.ts'
import { startServer } from '../support/server.ts'

const DAY = 86_400_000
const SHIFT = resolve(import.meta.dirname, '../support/shift-clock.ts')
/** A machine whose clock is two days ahead, or right. */
const clockOf = (days: number) => ({
  NODE_OPTIONS: `--import ${SHIFT}`,
  SHIFT_MS: String(days * DAY),
})
const IDS = ['--network', 'youtube', '--scope', 'all']

it('what is told of limits is by the clock of the server, whatever the machine that asks is set to', {
  timeout: 240_000,
}, async () => {
  await using sandbox = await startSandbox({ now: Date.now(), ticking: true })
  await using db = await openTestDatabase('empty')
  const [channel = ''] = sandbox.entities('youtube', 1)
  const env = { ...sandbox.environment, SOCSYNC_DB: db.url, SOCSYNC_YOUTUBE_DAILY_UNITS: '3' }
  expect(await socsync(['run', ...IDS, '--quiet', channel], { env })).toMatchObject({ code: 75 })
  const [quota] = await db.rows('select used, exhausted_until from quota')
  expect(quota).toMatchObject({ used: 3, exhausted_until: expect.any(String) })

  const began = Date.now()
  const told = async (args: readonly string[], days: number) => {
    const { code, stdout, stderr } = await socsync([...args, '--json'], { env: { ...env, ...clockOf(days) } })
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
    return JSON.parse(stdout)
  }
  const closed = { used: 3, exhausted_until: quota?.exhausted_until, refused_as: 'quota-exhausted' }
  for (const days of [0, 2]) {
    expect((await told(['auth', 'quota'], days)).quota).toMatchObject([closed])
    expect((await told(['status'], days)).quota).toMatchObject([closed])
    const { plan } = await told(['plan', ...IDS, channel], days)
    const [{ left, windows, done_at }] = plan.networks[0].pools
    expect(left).toBe(0)
    // Through when the last of its days begins, and the first is this one.
    const ahead = windows - (Date.parse(done_at) - began) / DAY
    expect(ahead).toBeGreaterThan(0.9)
    expect(ahead).toBeLessThan(2.1)
    await using server = await startServer({ env: { ...env, ...clockOf(days) }, db: db.url })
    const { items } = await server.get('/v1/networks')
    const [pool] = items.find(({ name }: { name: string }) => name === 'youtube').quota
    expect(pool).toMatchObject({ exhausted_until: quota?.exhausted_until, used: 3 })
    expect(await (await server.ask('/metrics')).text()).toMatch(
      /^socsync_quota_left\{network="youtube".*\} 0$/m,
    )
  }
})
