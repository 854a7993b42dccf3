import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LedgerEntry } from '../../src/core/ports.ts'
import type { Purpose } from '../../src/store/queue/sharing.ts'
import { type Running, startProgram } from './cli.ts'

const PROGRAM = fileURLToPath(new URL('./store-process.ts', import.meta.url))

/** What a process of its own does on a store, one after the other. */
export type StoreWork =
  | { readonly do: 'open'; readonly where: string; readonly purpose: Purpose }
  /** A run on these profiles, read to its end. */
  | { readonly do: 'begin'; readonly network: string; readonly entities: readonly string[] }
  | {
      readonly do: 'read'
      readonly network: string
      readonly runId: number
      readonly streams?: readonly string[]
    }
  | { readonly do: 'claimAll'; readonly network: string; readonly runId: number; readonly count: number }
  | { readonly do: 'charge'; readonly entry: LedgerEntry }
  | { readonly do: 'transform'; readonly transform: string }
  | { readonly do: 'copy'; readonly from: string; readonly to: string }
  | { readonly do: 'rebuild'; readonly where: string; readonly entity: string; readonly caption: string }
  | { readonly do: 'park'; readonly runId: number }
  | { readonly do: 'close' }
  | { readonly do: 'hang' }

/** What it tells: at most one thing a line. */
export interface Saying {
  readonly did?: StoreWork['do']
  readonly failed?: StoreWork['do']
  readonly overtaken?: boolean
  readonly message?: string
  readonly worker?: string
  readonly interrupted?: number
  readonly run?: number
  readonly claimed?: number
  readonly page?: number
  readonly seq?: number
  readonly committed?: boolean
  readonly walks?: readonly (readonly [id: number, stream: string])[]
  readonly charged?: boolean
  readonly submitted?: string
  readonly key?: string
  readonly stopsAt?: string
}

export interface StoreProcess extends Running {
  /** All that it has told so far. */
  said(): readonly Saying[]
  /** The first that it tells with this. Throws where it ends before. */
  until(what: keyof Saying): Promise<Saying>
  /** Resolves when it has done this. Throws where it ends before. */
  untilDid(what: StoreWork['do']): Promise<void>
  /** Resolves when a signal has stopped it. */
  untilStopped(): Promise<void>
}

/** Starts one; `env`: SOCSYNC_CRASH_AT, STOP_AT, CLOCK_SHIFT (`store-process.ts`). Its end is the caller's. */
export const startStoreProcess = (
  work: readonly StoreWork[],
  env: Readonly<Record<string, string>> = {},
): StoreProcess => {
  const { SOCSYNC_TEST_SPOIL = '' } = process.env
  const running = startProgram(process.execPath, [PROGRAM, JSON.stringify(work)], {
    env: { SOCSYNC_TEST_SPOIL, ...env },
  })
  const said = (): readonly Saying[] =>
    running
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Saying)
  let over = false
  void running.ended.then(() => {
    over = true
  })
  const wait = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const ended = over
      const found = look()
      if (found !== undefined) return found
      if (ended) throw new Error(`it ended before: ${running.stdout()}${running.stderr()}`)
      await new Promise(resume => setTimeout(resume, 10))
    }
  }
  return {
    ...running,
    said,
    until: what => wait(() => said().find(saying => saying[what] !== undefined)),
    untilDid: what => wait(() => said().find(({ did }) => did === what)).then(() => {}),
    untilStopped: () => wait(() => (isStopped(running.pid) ? true : undefined)).then(() => {}),
  }
}

const isStopped = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
