/**
 * `npm run bench`: pages per second of a whole run against a bare loop that makes the same calls, parses the same
 * JSON and writes the same rows with prepared statements under the same pragmas. The ratio is what counts: both are
 * measured in one run, in turns, against a sandbox in a process of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { BINARY, socsync, tempFolder } from '../support/cli.ts'
import { bareLoop, callsOf, storedBy } from './bare.ts'

const PROFILES = 60
const ROUNDS = 3

const sandbox = spawn(process.execPath, [BINARY, 'sandbox', '--port', '0', '--size', 'medium'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const env = await environmentOf(sandbox)
const origin = env.SOCSYNC_INSTAGRAM_BASE_URL ?? ''
using folder = tempFolder()
try {
  const ids = await profiles()
  const ratios: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const db = folder.file(`run-${round}.db`)
    await fetch(`${origin}/sandbox/log`, { method: 'DELETE' })
    const began = performance.now()
    const ended = await socsync(['run', '--network', 'instagram', '--db', db, '--quiet', ...ids], { env })
    const wall = performance.now() - began
    if (ended.code !== 0) throw new Error(`the run ended with ${ended.code}: ${ended.stderr}`)
    const took = wall - (await startup(env))
    const calls = await callsOf(origin)
    const bare = await bareLoop(calls, storedBy(db), folder.file(`bare-${round}.db`), env)
    const rates = { run: (calls.length / took) * 1000, bare: (calls.length / bare) * 1000 }
    ratios.push(rates.run / rates.bare)
    print(
      `round ${round}: ${calls.length} pages · run ${rates.run.toFixed(0)} pages/s · bare ${rates.bare.toFixed(0)} pages/s · ratio ${(rates.run / rates.bare).toFixed(2)}`,
    )
  }
  ratios.sort((a, b) => a - b)
  print(`ratio, median of ${ROUNDS}: ${(ratios[Math.floor(ROUNDS / 2)] ?? 0).toFixed(2)}`)
} finally {
  sandbox.kill('SIGTERM')
  await once(sandbox, 'exit')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What starting the binary costs, in ms: not part of a page. */
async function startup(env: Readonly<Record<string, string>>): Promise<number> {
  using other = tempFolder()
  const began = performance.now()
  await socsync(['run', '--network', 'instagram', '--db', other.file('none.db'), '--quiet', 'nobody.here'], {
    env,
  })
  return performance.now() - began
}

/** The first accounts of the sandbox that have posts. */
async function profiles(): Promise<string[]> {
  const answer = await fetch(`${origin}/sandbox/entities/instagram`)
  const names = (await answer.text()).trim().split('\n')
  return names.slice(0, PROFILES)
}

/** The variables that a starting sandbox prints. */
async function environmentOf(child: ChildProcess): Promise<Record<string, string>> {
  const env: Record<string, string> = {}
  if (child.stdout === null) throw new Error('the sandbox has no output')
  for await (const chunk of child.stdout) {
    for (const [, name = '', value = ''] of String(chunk).matchAll(/^export (\w+)=(.*)$/gm)) env[name] = value
    if (env.SOCSYNC_INSTAGRAM_BASE_URL !== undefined) break
  }
  return env
}
