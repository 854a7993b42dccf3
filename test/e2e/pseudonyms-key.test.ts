import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { isOnServer } from '../support/on-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { startServer } from '../support/server.ts'

const folder = perTest(tempFolder)
const sandbox = perTest<TestSandbox>(startSandbox)

const SAYS = 'made the key of pseudonyms in'

/** The config of who stores pseudonyms, with the key in a file that is not there yet. */
const storing = (): {
  readonly env: Record<string, string>
  readonly key: string
  readonly config: string
} => {
  const [key, config] = [folder().file('some.key'), folder().file('config.json')]
  writeFileSync(config, JSON.stringify({ privacy: { pseudonymise: true }, pseudonym_key: key }))
  return { env: { ...sandbox().env, SOCSYNC_CONFIG: config }, key, config }
}

const run = (env: Record<string, string>, ...flags: readonly string[]) =>
  socsync(['run', '--db', folder().file('some.db'), '--scope', 'profile', ...flags, 'tiktok:ada.bakes'], {
    env,
  })

it('a run says where it made its key, once, and never the key', async () => {
  const { env, key } = storing()
  const first = await run(env, '--refresh-after', '0s')
  expect(first.code, first.stderr).toBe(0)
  expect(first.stderr.split('\n').filter(line => line.includes(SAYS))).toEqual([
    `${SAYS} ${key}: keep it, since without it the same people have other pseudonyms, and pass it on to nobody`,
  ])
  expect(first.stdout + first.stderr).not.toContain(readFileSync(key, 'utf8').trim())
  const second = await run(env, '--refresh-after', '0s')
  expect(second.code, second.stderr).toBe(0)
  expect(second.stderr).not.toContain(SAYS)
})

it('a quiet run is quiet about it', async () => {
  const { env, key } = storing()
  expect(await run(env, '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(existsSync(key)).toBe(true)
})

// There a worker does it, which is quiet in the tests.
it.skipIf(isOnServer)('a server says so in its log', async () => {
  const { env, key, config } = storing()
  await using server = await startServer({ env, args: ['--config', config] })
  const { body } = await server.post('/v1/runs', { ids: ['tiktok:ada.bakes'], scope: ['profile'] })
  await server.ended(body.id)
  const { stderr } = await server.end('SIGTERM')
  const told = stderr.split('\n').filter(line => line.includes(SAYS))
  expect(told).toHaveLength(1)
  expect(JSON.parse(told[0] ?? '').msg).toContain(key)
})
