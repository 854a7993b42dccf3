import { socsync, tempFolder } from '../support/cli.ts'
import { bareLoop, callsOf, storedBy } from './bare.ts'
import { startSandboxProcess } from './processes.ts'

const PROFILES = 60
const ROUNDS = 3

/**
 * Pages per second of a whole run against a bare loop that makes the same calls, parses the same JSON and writes the same rows
 * with prepared statements under the same pragmas. The ratio is what counts: both are measured in one run, in turns,
 * against a sandbox in a process of its own.
 */
export const benchPages = async (): Promise<void> => {
  await using sandbox = await startSandboxProcess('medium')
  const { origin, env } = sandbox
  using folder = tempFolder()
  const answer = await fetch(`${origin}/sandbox/entities/instagram`)
  const ids = (await answer.text()).trim().split('\n').slice(0, PROFILES)
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
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** What starting the binary costs, in ms: not part of a page. */
const startup = async (env: Readonly<Record<string, string>>): Promise<number> => {
  using other = tempFolder()
  const began = performance.now()
  await socsync(['run', '--network', 'instagram', '--db', other.file('none.db'), '--quiet', 'nobody.here'], {
    env,
  })
  return performance.now() - began
}
