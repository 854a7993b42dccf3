import { readBound, readMoment, refuseEmptySpan } from '../app/config/bounds.ts'
import { loadConfig } from '../app/config/config.ts'
import { oneOf } from '../app/config/one-of.ts'
import { openToolbox } from '../app/open-toolbox.ts'
import { type Plan, plan } from '../app/plan.ts'
import { runStatus } from '../app/reports/status.ts'
import { storedRows } from '../app/reports/stored-rows.ts'
import { exitCodeOf, type Outcome } from '../app/run/outcome.ts'
import { resume, run } from '../app/run/run.ts'
import {
  type Bounds,
  checkLists,
  fromSettings,
  type RunRequest,
  type WorkSettings,
} from '../app/run/run-request.ts'
import { namedTransforms } from '../app/transform.ts'
import { ENTITY_KINDS, type EntityKind } from '../core/entity.ts'
import { BadInput } from '../core/errors.ts'
import type { EngineEvent } from '../core/events.ts'
import type { ListName, Queries } from '../core/params.ts'
import { Redactor } from '../http/redact.ts'
import { networks } from '../networks/registry.ts'
import type { RowTypes } from './rows.ts'

/** Where things are. What is left out is taken from the environment, the config file and the defaults, as commands do. */
export interface OpenOptions {
  /** A file, or `postgres://…`. */
  readonly db?: string
  readonly config?: string
  /** The credentials file. */
  readonly credentials?: string
  /** The built-in sandbox in place of the networks, with `./sandbox.db` where no `db` is given. */
  readonly sandbox?: boolean
  /** In place of `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** What a run is asked for: the flags of `socsync run`, by their names. Lengths of time are texts such as `6h`. */
export interface RunOptions {
  /** Ids as a list has them, or the path of a list. */
  readonly ids: readonly string[] | { readonly file: string }
  /** The network of all ids; left out = each says its own. */
  readonly network?: string
  /** What ids point at that do not say it by an address or a prefix (`post:…`); left out = profiles. */
  readonly as?: EntityKind
  readonly scope?: readonly ('profile' | 'posts' | 'comments' | 'likes' | 'all')[]
  /** A day, a moment, an id, or `last`. */
  readonly since?: string
  readonly until?: string
  readonly limitPosts?: number
  readonly limitComments?: number
  readonly replies?: 'none' | 'inline' | 'full'
  readonly lists?: readonly ListName[]
  readonly lookback?: string
  readonly fullEvery?: string
  readonly refreshAfter?: string
  readonly concurrency?: number
  readonly budget?: number
  readonly maxWait?: string
  readonly raw?: 'pages' | 'off'
  readonly transforms?: readonly string[]
  /** What searches ask for that `ids` name (`search:NAME`), by their names, over those of the config file. */
  readonly searches?: Queries
  readonly fresh?: boolean
  readonly wait?: boolean
  /** Aborted: no further page is begun, those in flight are finished and stored; the run is resolved as interrupted. */
  readonly signal?: AbortSignal
  /** Told what happens, as it happens: the events that the log's lines are made of. */
  readonly onEvent?: (event: EngineEvent) => void
}

/** Which rows are wanted; all conditions hold together. */
export interface RowOptions {
  readonly network?: string
  /** A profile, by an id in any form that a list takes, or its name. */
  readonly entity?: string
  readonly job?: number
  readonly run?: number
  /** A day or moment, or a length of time such as `7d`. */
  readonly since?: string
}

/** How a run ended, and the code with which the command would have. */
export type Ended = Outcome & { readonly exitCode: number }

type RunStatus = Awaited<ReturnType<typeof runStatus>>

/** socsync in this process, with the promises of its commands. What commands refuse is thrown as a `SocsyncError` with `hint` and `exitCode`. */
export interface Socsync extends AsyncDisposable {
  readonly db: string
  run(options: RunOptions): Promise<Ended>
  /** Goes on with what is unfinished: of some jobs, of a run, or of all. Null = there is nothing to go on with. */
  resume(
    which: 'all' | { readonly jobs: readonly number[] } | { readonly run: number },
    options?: Omit<RunOptions, 'ids'>,
  ): Promise<Ended | null>
  /** What `run` with the same options would cost; nothing is fetched or made. */
  plan(options: RunOptions): Promise<Plan>
  /** How a run stands, the newest unless one is named. */
  status(options?: { readonly run?: number }): Promise<RunStatus>
  /** What is stored, row by row, all of one moment. */
  rows<Kind extends keyof RowTypes>(
    kind: Kind,
    options?: RowOptions,
  ): AsyncGenerator<RowTypes[Kind], void, undefined>
  close(): Promise<void>
}

/** Reads the settings and credentials, and opens the way out; the database is opened by each call. To be closed. */
export const openSocsync = async (options: OpenOptions = {}): Promise<Socsync> => {
  const { env = process.env, ...places } = options
  const given = known(places, PLACES, 'openSocsync')
  const box = await openToolbox({ flags: given, env, networks, redactor: new Redactor() })
  const { db } = box.settings

  /** The settings of one call: its own options over those of all. */
  const settle = async (call: RunFlags): Promise<{ settings: Settings; work: WorkSettings }> => {
    const { settings } = await loadConfig({ flags: { ...given, ...call }, env, networks })
    const { signal, onEvent, transforms } = call
    const work: WorkSettings = {
      db,
      networks,
      concurrency: settings.concurrency,
      maxWaitMs: settings.maxWait,
      budget: settings.budget,
      keepRaw: settings.raw === 'pages',
      transforms: namedTransforms(transforms ?? [], box.transforms),
      trigger: 'api',
      emit: onEvent ?? (() => {}),
      stop: signal ?? new AbortController().signal,
      kill: new AbortController().signal,
    }
    return { settings, work }
  }
  const ended = (outcome: Outcome, { strict }: Settings): Ended => ({
    ...outcome,
    exitCode: exitCodeOf(outcome, strict),
  })

  return {
    db,
    run: async call => {
      const checked = known(call, RUN, 'run')
      const { settings, work } = await settle(checked)
      return ended(await run(requestOf(checked, settings, box.searches), work, box), settings)
    },
    resume: async (which, call = {}) => {
      const { settings, work } = await settle(known(call, RUN, 'resume'))
      const chosen = typeof which === 'object' && 'run' in which ? { runId: which.run } : which
      const outcome = await resume({ which: chosen }, work, box)
      return outcome === null ? null : ended(outcome, settings)
    },
    plan: async call => {
      const checked = known(call, RUN, 'plan')
      const { settings, work } = await settle(checked)
      return plan(requestOf(checked, settings, box.searches), work, box, false)
    },
    status: ({ run: id } = {}) => runStatus(db, id ?? null, box.clock.now()),
    rows: <Kind extends keyof RowTypes>(kind: Kind, of: RowOptions = {}) => {
      const { network = null, entity = null, job = null, run: id = null, since } = known(of, ROWS, 'rows')
      const from = since === undefined ? null : readMoment(since, 'since', Date.now())
      const rows = storedRows({ db, kind, network, entity, job, run: id, since: from, networks })
      // Its keys are the columns of the kind, which the types say (`rows.ts`).
      return rows as AsyncGenerator<unknown, void, undefined> as AsyncGenerator<
        RowTypes[Kind],
        void,
        undefined
      >
    },
    close: () => box.close(),
    [Symbol.asyncDispose]: () => box.close(),
  }
}

type Settings = Awaited<ReturnType<typeof loadConfig>>['settings']
type RunFlags = Partial<RunOptions>

const PLACES = ['db', 'config', 'credentials', 'sandbox'] as const
const RUN: readonly (keyof RunOptions)[] = [
  ...([
    'ids',
    'network',
    'as',
    'scope',
    'since',
    'until',
    'limitPosts',
    'limitComments',
    'replies',
    'lists',
  ] as const),
  ...([
    'lookback',
    'fullEvery',
    'refreshAfter',
    'concurrency',
    'budget',
    'maxWait',
    'raw',
    'transforms',
  ] as const),
  ...(['searches', 'fresh', 'wait', 'signal', 'onEvent'] as const),
]
const ROWS = ['network', 'entity', 'job', 'run', 'since'] as const

/** A mistyped option would do nothing, and somebody believes that it does. */
const known = <T extends object>(options: T, names: readonly string[], place: string): T => {
  const stranger = Object.keys(options).find(name => !names.includes(name))
  if (stranger === undefined) return options
  throw new BadInput(`${place} has no option "${stranger}"`, { hint: `allowed: ${names.join(', ')}` })
}

const requestOf = (call: RunOptions, settings: Settings, configured: Queries): RunRequest => {
  const { ids, network, as, since, until, fresh, wait, lists, searches } = call
  if (lists !== undefined)
    checkLists(settings.lists, { scopes: settings.scope, network: network ?? null }, networks, 'lists')
  const sinceLast = since === 'last'
  const bounds = { ...boundOf(sinceLast ? undefined : since, 'since'), ...boundOf(until, 'until') }
  refuseEmptySpan(bounds)
  return {
    ids: 'file' in ids ? { file: ids.file } : { args: ids },
    network: network ?? null,
    as: as === undefined ? as : oneOf(as, ENTITY_KINDS, 'as'),
    ...fromSettings(settings, bounds, { ...configured, ...searches }),
    sinceLast,
    fresh: fresh ?? false,
    wait: wait ?? false,
  }
}

const boundOf = (text: string | undefined, name: 'since' | 'until'): Bounds => {
  if (text === undefined) return {}
  const bound = readBound(text, name)
  return 'id' in bound ? { [`${name}Id`]: bound.id } : { [name]: bound.instant }
}
