import './spoilt-sql.ts'
import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { crashPoint } from '../../src/app/config/crash-point.ts'
import { Overtaken } from '../../src/core/errors.ts'
import type { CrashPoint } from '../../src/core/ports.ts'
import { exactly } from '../../src/core/stream.ts'
import { Lane } from '../../src/engine/lane.ts'
import { step } from '../../src/engine/step.ts'
import { copyStore, rebuildStore } from '../../src/store/maintenance.ts'
import { Store } from '../../src/store/store.ts'
import type { Service } from '../../src/transforms/service.ts'
import { workTransform } from '../../src/transforms/work.ts'
import type { Saying, StoreWork } from './start-store-process.ts'
import { CREDENTIAL, claimOf, jobsOn, OWNER, postsOf, RUN, tinySource, transformOf } from './tiny-source.ts'

/**
 * A process that does real work on a store: `argv[2]` = a list of {@link StoreWork}, of which it tells each result as a line
 * of JSON. `SOCSYNC_CRASH_AT=point:n` kills it there, `STOP_AT=point:n` stops it (SIGSTOP), `CLOCK_SHIFT=ms` sets its clocks wrong.
 */
const { SOCSYNC_CRASH_AT, STOP_AT = '', CLOCK_SHIFT = '0' } = process.env

const shift = Number(CLOCK_SHIFT)
if (shift !== 0) {
  const { now } = Date
  Date.now = () => now() + shift
}

/** Told before anything else happens: whoever kills this process reads it all the same. */
const say = (saying: Saying): void => void writeSync(1, `${JSON.stringify(saying)}\n`)

const stopPoint = (): CrashPoint => {
  const [name, count = '1'] = STOP_AT.split(':')
  let left = Number(count)
  return point => {
    if (point !== name || --left !== 0) return
    say({ stopsAt: point })
    process.kill(process.pid, 'SIGSTOP')
  }
}

const kill = crashPoint(SOCSYNC_CRASH_AT)
const stop = stopPoint()
const crash: CrashPoint = point => {
  kill(point)
  stop(point)
}

const clock = { now: () => Date.now(), sleep: async (ms: number) => void (await pause(ms)) }
const { signal } = new AbortController()
const store = { open: null as Store | null }
const opened = (): Store => {
  if (store.open === null) throw new Error('no store is open')
  return store.open
}

const laneOf = <Of extends ReturnType<typeof tinySource> | Service['source']>(
  source: Of,
  runId: number | null,
) =>
  new Lane<Of>({
    ...{ runId, source, concurrency: exactly(1), ledger: opened(), clock, emit: () => {} },
    ...{ maxWaitMs: 60_000, budget: { left: Number.POSITIVE_INFINITY }, random: () => 0.5 },
  })

/** Reads what is due of a run, page by page, until nothing is left or somebody else has taken this process for dead. */
const read = async (network: string, runId: number, streams?: readonly string[]): Promise<void> => {
  const lane = laneOf(tinySource(network), runId)
  const context = {
    ...{ store: opened(), lane, signal, crash, keep: true, mostTries: 1 },
    owners: new Set([OWNER]),
  }
  const request = { ...claimOf(network, runId), ...(streams && { streams }) }
  for (
    let [walk] = await opened().claim(request);
    walk !== undefined;
    [walk] = await opened().claim(request)
  ) {
    say({ claimed: walk.id, seq: walk.seq })
    for (let at: typeof walk | null = walk; at !== null; ) {
      const committed = await step(at, context)
      say({ page: at.id, seq: at.seq, committed: committed !== null })
      at = committed?.walk ?? null
    }
  }
}

/** Claims everything of a run, and reads nothing. */
const claimAll = async (network: string, runId: number, count: number): Promise<void> => {
  for (;;) {
    const walks = await opened().claim(claimOf(network, runId, count))
    if (walks.length === 0) return
    say({ walks: walks.map(({ id, stream }) => [id, stream]) })
  }
}

/** A service that is done at once, and remembers nothing: what was sent is told. */
const service = (transform: string): Service => ({
  settings: {
    ...{ ...transformOf(transform), url: 'http://127.0.0.1', concurrency: 1, perSecond: null, batch: null },
    ...{ deadlineMs: 60_000, timeoutMs: 1_000, tokenVariable: null },
  },
  source: {
    ...{ network: `transform:${transform}`, credential: CREDENTIAL, owner: OWNER },
    limits: {
      ...{ concurrency: exactly(1), perSecond: null, order: 'by-entity' },
      pools: [{ name: 'calls', allowance: null, window: { kind: 'rolling', ms: 86_400_000 } }],
    },
  },
  submit: async submissions =>
    submissions.map(({ elementId, key }) => {
      say({ submitted: elementId, key })
      return { answer: { jobId: key, status: 'done', result: elementId, error: null }, askAgainAt: null }
    }),
  poll: async () => {
    throw new Error('nothing is ever under way')
  },
})

const WORK: {
  readonly [Name in StoreWork['do']]: (work: Extract<StoreWork, { do: Name }>) => Promise<void>
} = {
  open: async ({ where, purpose }) => {
    store.open = await Store.open({ path: where, clock, crash, keepRaw: true, purpose })
    say({ worker: opened().worker.id, interrupted: opened().interrupted })
  },
  begin: async ({ network, entities }) => {
    const runId = await opened().createRun(RUN)
    say({ run: runId })
    await opened().addJobs(jobsOn(network, runId, entities), new Map())
    await opened().markPlanned(runId)
    await read(network, runId)
  },
  read: ({ network, runId, streams }) => read(network, runId, streams),
  claimAll: ({ network, runId, count }) => claimAll(network, runId, count),
  charge: async ({ entry }) => say({ charged: (await opened().charge(entry)) === null }),
  transform: async ({ transform }) => {
    const { submit, ...of } = service(transform)
    await opened().transforms.queueElements(transformOf(transform), signal)
    await workTransform({
      ...{
        service: { submit, ...of },
        lane: laneOf(of.source, null),
        store: opened().transforms.submissions(),
        clock,
      },
      ...{ emit: () => {}, crash, maxWaitMs: 0, stop: signal, kill: signal, random: () => 0.5 },
    })
  },
  copy: async ({ from, to }) => void (await copyStore(from, to, { crash, progress: () => {} })),
  rebuild: async ({ where, entity, caption }) => {
    await rebuildStore(where, {
      ...{ dryRun: false, backup: `${where}.before-${process.pid}`, crash, progress: () => {} },
      read: ({ walk: { cursor } }) => ({
        page: postsOf(entity, cursor === null ? 0 : Number(Object(cursor).n), caption),
        stream: { lists: 'posts', newestFirst: true },
      }),
    })
  },
  park: async ({ runId }) => void (await opened().park(runId, new Map())),
  close: () => opened().close(),
  hang: async () => {
    setInterval(() => {}, 60_000)
    await new Promise(() => {})
  },
}

for (const work of JSON.parse(process.argv[2] ?? '[]') as StoreWork[]) {
  try {
    await WORK[work.do](work as never)
    say({ did: work.do })
  } catch (error) {
    say({ failed: work.do, overtaken: error instanceof Overtaken, message: String(error) })
    if (!(error instanceof Overtaken)) throw error
  }
}
process.exit(0)
