import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Ended, socsync, startProgram, tempFolder } from '../support/cli.ts'

/** What a process took. */
export interface Used {
  /** From its start to its end, ms. */
  readonly wallMs: number
  /** What it had of the processors, all threads, ms. */
  readonly cpuMs: number
  readonly peakMb: number
}

const HOOK = fileURLToPath(new URL('usage-hook.mjs', import.meta.url))

/** Runs `socsync` to its end, and tells what it took; another end than 0 is an error. */
export const measured = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Used & Ended> => {
  using folder = tempFolder()
  const path = folder.file('usage.json')
  const began = performance.now()
  const ended = await socsync(args, {
    env: { ...env, NODE_OPTIONS: `--import=${HOOK}`, BENCH_USAGE: path },
  })
  const wallMs = performance.now() - began
  if (ended.code !== 0)
    throw new Error(`socsync ${args.join(' ')} ended with ${ended.code}: ${ended.stdout}${ended.stderr}`)
  const used = JSON.parse(readFileSync(path, 'utf8')) as { cpuMs: number; peakMb: number }
  return { ...ended, wallMs, ...used }
}

/** How long a program runs, ms: the least of some turns, since a machine only ever adds to it. */
export const leastOf = async (
  turns: number,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < turns; turn++) {
    const began = performance.now()
    const { code, stderr } = await startProgram(program, args, { env }).ended
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`)
    least = Math.min(least, performance.now() - began)
  }
  return least
}

/** Takes the files of a database away. */
export const dropFile = (path: string): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
}
