/**
 * `node test/bench/bare-process.ts plan.json`: the bare loop of `bare.ts` in a process of its own, so that it starts as cold as a run
 * does. Prints what the loop took.
 */
import { readFileSync } from 'node:fs'
import { bareLoop, type Call, storedBy } from './bare.ts'

/** What `bare-process.ts` is told. */
export interface BarePlan {
  readonly calls: readonly Call[]
  /** The file of the run whose rows are written again. */
  readonly from: string
  readonly to: string
  readonly env: Readonly<Record<string, string>>
}

const { calls, from, to, env } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BarePlan
const stored = storedBy(from)
const before = process.cpuUsage()
const wallMs = await bareLoop(calls, stored, to, env)
const { user, system } = process.cpuUsage(before)
process.stdout.write(`${JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 })}\n`)
