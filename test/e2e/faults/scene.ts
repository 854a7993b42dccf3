import { openToolbox } from '../../../src/app/open-toolbox.ts'
import { exitCodeOf, type Outcome } from '../../../src/app/run/outcome.ts'
import { resume, run } from '../../../src/app/run/run.ts'
import type { WorkSettings } from '../../../src/app/run/run-request.ts'
import type { EngineEvent } from '../../../src/core/events.ts'
import type { Json } from '../../../src/core/json.ts'
import type { Scope } from '../../../src/core/scope.ts'
import type { Http, HttpAnswer } from '../../../src/http/http.ts'
import { decode } from '../../../src/http/json.ts'
import { Redactor } from '../../../src/http/redact.ts'
import { networks } from '../../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox/world/specials.ts'
import { keepSaid, noteSecrets } from '../../support/artefacts.ts'
import { tempFolder } from '../../support/cli.ts'
import { placeOf } from '../../support/on-server.ts'
import { EVERYTHING } from '../../support/params.ts'
import { START, startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { query, type Row, resultRows } from '../../support/tables.ts'

/** What a network is asked for while something goes wrong: few calls, and among them a list of several pages. */
export interface Scenery {
  readonly network: 'instagram' | 'youtube' | 'tiktok'
  readonly ids: readonly string[]
  readonly scopes: readonly Scope[]
  readonly since: string | null
  /** A part of the address of every call but those for tokens. */
  readonly api: string
  /** The same of every call that brings a page. */
  readonly page: string
  /** A call for a later page of a list: a part of its address, and how many such calls come before. */
  readonly later: { readonly match: string; readonly after: number }
  /** The profile that is first in turn, and a part of the address of calls for it alone; null = calls are shared. */
  readonly alone: { readonly id: string; readonly match: string } | null
  /** Calls that one page may take. */
  readonly callsPerPage: number
  /** Calls of a walk that profiles share: who misses it makes them alone. */
  readonly callsOfSharedWalk: number
}

const { channels } = YOUTUBE_SPECIALS

export const SCENERY = {
  instagram: {
    network: 'instagram',
    ids: ['hollow.middle', 'one.post', 'albums.only'],
    scopes: ['all'],
    since: null,
    api: '/v26.0/',
    page: 'business_discovery',
    later: { match: 'hollow.middle', after: 1 },
    alone: { id: 'one.post', match: 'one.post' },
    callsPerPage: 1,
    callsOfSharedWalk: 0,
  },
  youtube: {
    network: 'youtube',
    ids: [channels.prolific, channels.members, channels.hidden],
    scopes: ['posts'],
    since: null,
    api: '/youtube/v3/',
    page: '/youtube/v3/',
    later: { match: 'pageToken=', after: 0 },
    alone: { id: channels.members, match: `playlistId=UU${channels.members.slice(2)}` },
    callsPerPage: 2,
    callsOfSharedWalk: 0,
  },
  tiktok: {
    network: 'tiktok',
    ids: ['shelf.keeper', 'pier.way47', 'garden.letter65'],
    scopes: ['posts'],
    since: '2026-06-01T00:00:00.000Z',
    api: '/v2/research/',
    page: '/v2/research/',
    later: { match: 'video/query', after: 1 },
    alone: null,
    callsPerPage: 1,
    callsOfSharedWalk: 5,
  },
} as const satisfies Record<string, Scenery>

export type NetworkName = keyof typeof SCENERY

/** How one run differs from an ordinary one. */
export interface Going {
  readonly maxWaitMs?: number
  readonly budget?: number
  readonly concurrency?: number
  /** A deadline of every call in place of its own, ms. */
  readonly deadlineMs?: number
  readonly env?: Readonly<Record<string, string>>
  /** An address in place of the sandbox's. */
  readonly baseUrl?: string
  /** Changes the JSON of an answer on its way; `count` = which one it is, from 1. */
  readonly spoil?: (json: Json, url: string, count: number) => Json
}

/** How a run ended. */
export interface Ended {
  /** Null = there was nothing to do. */
  readonly outcome: Outcome | null
  readonly exit: number
  /** Jobs by status and error type: `{ 'failed network_error': 3 }`. */
  readonly jobs: Readonly<Record<string, number>>
  /** Calls that reached the sandbox, those for tokens left out. */
  readonly calls: number
  readonly events: readonly EngineEvent[]
}

export interface Scene extends AsyncDisposable {
  readonly scenery: Scenery
  readonly sandbox: TestSandbox
  readonly folder: ReturnType<typeof tempFolder>
  readonly db: string
  run(going?: Going): Promise<Ended>
  resume(going?: Going): Promise<Ended>
  /** The arguments of a run in a process of its own. */
  readonly args: { readonly run: readonly string[]; readonly resume: readonly string[] }
}

export const CONCURRENCY = 2

/** A sandbox and an empty place for a file; runs go by the sandbox's clock. */
export const openScene = async (
  scenery: Scenery,
  { now = START, moving = false }: { readonly now?: number; readonly moving?: boolean } = {},
): Promise<Scene> => {
  const folder = tempFolder()
  const sandbox = await startSandbox({ networks, now, moving })
  const db = folder.file('socsync.db')
  const { network, ids, scopes, since } = scenery

  const inProcess = async (
    going: Going,
    go: (settings: WorkSettings, box: Awaited<ReturnType<typeof openToolbox>>) => Promise<Outcome | null>,
  ): Promise<Ended> => {
    const env = { ...sandbox.env, XDG_CONFIG_HOME: folder.path, ...going.env }
    noteSecrets(env)
    await using box = await openToolbox({ flags: {}, env, networks, redactor: new Redactor() })
    const { baseUrl } = going
    const events: EngineEvent[] = []
    const before = callsOf(sandbox).length
    const settings: WorkSettings = {
      db: placeOf(db),
      networks,
      concurrency: going.concurrency ?? CONCURRENCY,
      maxWaitMs: going.maxWaitMs ?? 60_000,
      budget: going.budget ?? null,
      keepRaw: true,
      trigger: 'cli',
      emit: event => events.push(event),
      stop: new AbortController().signal,
      kill: new AbortController().signal,
    }
    const outcome = await go(settings, {
      ...box,
      http: spoiled(box.http, going),
      ...(baseUrl !== undefined && { baseUrl: () => baseUrl }),
    })
    keepSaid(JSON.stringify([outcome, events]))
    return {
      outcome,
      exit: outcome === null ? 0 : exitCodeOf(outcome, false),
      jobs: outcome === null ? {} : jobsOf(db, outcome.runId),
      calls: callsOf(sandbox).length - before,
      events,
    }
  }
  const bounds = since === null ? [] : ['--since', since.slice(0, 10)]
  const flags = ['--db', db, '--concurrency', String(CONCURRENCY), '--quiet']
  return {
    scenery,
    sandbox,
    folder,
    db,
    run: (going = {}) =>
      inProcess(going, (settings, box) =>
        run(
          {
            ids: { args: ids },
            network,
            scopes,
            fullEveryMs: 30 * 86_400_000,
            refreshAfterMs: 6 * 3_600_000,
            fresh: false,
            wait: false,
            params: { ...EVERYTHING, since },
          },
          settings,
          box,
        ),
      ),
    resume: (going = {}) => inProcess(going, (settings, box) => resume({ which: 'all' }, settings, box)),
    args: {
      run: ['run', '--network', network, '--scope', scopes.join(), ...bounds, ...flags, ...ids],
      resume: ['resume', '--all', ...flags],
    },
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** The way out with a deadline of its own, and a hand that changes answers. */
const spoiled = (http: Http, { deadlineMs, spoil }: Going): Http => {
  let count = 0
  return {
    send: async (request, signal) => {
      const limited = deadlineMs === undefined ? request : { ...request, deadlineMs }
      const answer: HttpAnswer = await http.send(limited, signal)
      if (spoil === undefined || answer.status !== 200 || request.url.includes('oauth')) return answer
      count += 1
      const text = JSON.stringify(spoil(answer.json(), request.url, count))
      return { ...answer, text, json: () => decode(text) }
    },
  }
}

/** The calls that the sandbox saw, those for tokens left out. */
export const callsOf = ({ log }: TestSandbox) => log.calls.filter(({ path }) => !/oauth|^\/token$/.test(path))

const jobsOf = (db: string, runId: number): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status, why } of query(
    db,
    `select status, coalesce(error_type, reason) as why from sync_jobs where run_id = ${runId} order by id`,
  )) {
    const key = why === null ? String(status) : `${status} ${why}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** What an undisturbed run stores, and how many calls that takes. */
export interface Undisturbed {
  readonly rows: Readonly<Record<string, readonly Row[]>>
  readonly calls: number
}

const known = new Map<Scenery, Promise<Undisturbed>>()

/** Found out once for each scenery. */
export const undisturbedOf = (scenery: Scenery): Promise<Undisturbed> => {
  const found = known.get(scenery) ?? runUndisturbed(scenery)
  known.set(scenery, found)
  return found
}

const runUndisturbed = async (scenery: Scenery): Promise<Undisturbed> => {
  await using scene = await openScene(scenery)
  const { exit, calls, jobs } = await scene.run()
  if (exit !== 0) throw new Error(`the undisturbed run ended with ${exit}: ${JSON.stringify(jobs)}`)
  return { rows: resultRows(scene.db), calls }
}
