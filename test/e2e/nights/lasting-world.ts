import { openToolbox } from '../../../src/app/open-toolbox.ts'
import { exitCodeOf } from '../../../src/app/run/outcome.ts'
import { run } from '../../../src/app/run/run.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { SocialRecord } from '../../../src/core/records.ts'
import { Redactor } from '../../../src/http/redact.ts'
import { userId } from '../../../src/networks/instagram/sandbox/world/ids.ts'
import { networks } from '../../../src/networks/registry.ts'
import { YOUTUBE_ACCESS } from '../../../src/networks/youtube/sandbox.ts'
import type { SwitchRule } from '../../../src/sandbox/switches.ts'
import { keepSaid, noteSecrets } from '../../support/artefacts.ts'
import { socsync, tempFolder } from '../../support/cli.ts'
import { copyDatabase, placeOf } from '../../support/on-server.ts'
import { EVERYTHING } from '../../support/params.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import type { Lifting } from './lasting-reference.ts'

export const DAY_MS = 86_400_000
const SEED = 3

/** A small world in which a network has every kind of call, and something new on most nights. */
export interface World {
  readonly network: 'instagram' | 'youtube' | 'tiktok'
  /** Noon of the first night, epoch ms: the world has moved a little by then. */
  readonly began: number
  readonly ids: readonly string[]
  /** Traits of the sandbox that make for a kind of call. */
  readonly traits: readonly SwitchRule[]
  /** How the network words a failure of its own, and a refusal that nobody has heard of. */
  readonly refusals: Readonly<Record<'5xx' | '4xx', { readonly status: number; readonly body: JsonObject }>>
}

export const OWN = userId(0)

export const WORLDS = {
  instagram: {
    network: 'instagram',
    began: Date.UTC(2026, 0, 2, 12),
    ids: [OWN, 'two.pages.of.50', 'one.page.of.25'],
    traits: [],
    refusals: {
      '5xx': {
        status: 500,
        body: {
          error: { message: 'Service temporarily down', code: 2, is_transient: true, type: 'OAuthException' },
        },
      },
      '4xx': {
        status: 400,
        body: { error: { message: '(#4711) Unheard of', code: 4711, type: 'OAuthException' } },
      },
    },
  },
  youtube: {
    network: 'youtube',
    began: Date.UTC(2026, 9, 1, 12),
    // Two pages of uploads; a new one every other day; long lists of comments and replies.
    ids: ['UCn9Qa5bljpzdZxjO9WcYzvQ', 'UCetkweLF1a1BHFr13Rxa9dw', 'UColQ0SzUVdBarmXx-q5l8fg'],
    traits: [],
    refusals: {
      '5xx': {
        status: 500,
        body: {
          error: {
            code: 500,
            message: 'Internal error encountered.',
            errors: [{ domain: 'global', reason: 'backendError', message: 'Internal error encountered.' }],
          },
        },
      },
      '4xx': {
        status: 400,
        body: {
          error: {
            code: 400,
            message: 'Unheard of.',
            errors: [{ domain: 'youtube.unheard', reason: 'unheardOf', message: 'Unheard of.' }],
          },
        },
      },
    },
  },
  tiktok: {
    network: 'tiktok',
    began: Date.UTC(2026, 9, 1, 12),
    // A month of 240 videos; new ones every other day, and a long list of comments; a quieter one.
    ids: ['swept.shelf', 'rain.answer47', 'market.letter57'],
    traits: [{ name: 'inline-replies', network: 'tiktok', value: 'some' }],
    refusals: {
      '5xx': {
        status: 500,
        body: { error: { code: 'internal_error', message: 'Something is wrong.', log_id: '2026100100' } },
      },
      '4xx': {
        status: 400,
        body: { error: { code: 'unheard_of', message: 'Unheard of.', log_id: '2026100101' } },
      },
    },
  },
} as const satisfies Record<string, World>

/** A client in the place of the key: what can fail about a token. */
export const OAUTH = {
  SOCSYNC_YOUTUBE_API_KEY: '',
  SOCSYNC_YOUTUBE_CLIENT_ID: YOUTUBE_ACCESS.clientId,
  SOCSYNC_YOUTUBE_CLIENT_SECRET: YOUTUBE_ACCESS.clientSecret,
  SOCSYNC_YOUTUBE_REFRESH_TOKEN: YOUTUBE_ACCESS.refreshToken,
} as const

/** How a night's run is made: by a toolbox of its own in this process, or by the real binary. */
export type Runner = 'in process' | 'by the binary'

export interface Ended {
  readonly exit: number | null
  /** Calls that the sandbox saw, those for tokens too. */
  readonly calls: number
  /** What it said, where it was a process. */
  readonly said: string
}

/** A world with a file: nights are run on it one after the other. */
export interface Nights extends AsyncDisposable {
  readonly sandbox: TestSandbox
  readonly db: string
  /** A cron's run at this moment, or a person's that is to find more: with `--fresh`, or with `--full-every 0s`. */
  run(at: number, options?: { readonly how?: Runner; readonly lifting?: Lifting | null }): Promise<Ended>
  /** `status --json` of the newest run. */
  status(): Promise<string>
  truth(): SocialRecord[]
}

/**
 * Opens a world at a moment, on an empty file or on a copy of one. Within a night the world stands, however long the
 * run waits: what two runs of a night read is the same.
 */
export const openNights = async (
  world: World,
  { from, env = {} }: { readonly from?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Nights> => {
  const folder = tempFolder()
  const db = folder.file('socsync.db')
  if (from !== undefined) copyDatabase(from, db)
  let night = world.began
  const still = networks.map(({ name, loadSandbox }) => ({
    name,
    loadSandbox: async () => {
      const open = await loadSandbox()
      return (options: Parameters<typeof open>[0]) => open({ ...options, now: () => night })
    },
  }))
  const sandbox = await startSandbox({
    networks: still,
    seed: SEED,
    moving: true,
    now: world.began,
    rules: world.traits,
  })
  const given = Object.entries({ ...sandbox.env, XDG_CONFIG_HOME: folder.path, ...env })
  const environment = Object.fromEntries(given.filter(([, value]) => value !== ''))
  noteSecrets(environment)
  return {
    sandbox,
    db,
    async run(at, { how = 'in process', lifting = null } = {}) {
      const go = how === 'in process' ? runHere : runProcess
      night = at
      sandbox.advance(at - sandbox.clock.now())
      sandbox.log.clear()
      const ended = await go(world, { db, lifting, env: environment })
      return { ...ended, calls: sandbox.log.counts()[world.network]?.calls ?? 0 }
    },
    status: async () => (await socsync(['status', '--json', '--db', db], { env: environment })).stdout,
    truth: () => world.ids.flatMap(id => sandbox.truth(world.network, id)),
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** How a person says it. */
const LIFTING_FLAGS: Readonly<Record<Lifting, readonly string[]>> = {
  due: [],
  fresh: ['--fresh'],
  full: ['--full-every', '0s'],
}

interface Going {
  readonly db: string
  readonly lifting: Lifting | null
  readonly env: Readonly<Record<string, string>>
}

const runHere = async (world: World, { db, lifting, env }: Going): Promise<Omit<Ended, 'calls'>> => {
  await using box = await openToolbox({ flags: {}, env, networks, redactor: new Redactor() })
  const outcome = await run(
    {
      ids: { args: world.ids },
      network: world.network,
      scopes: ['all'],
      fullEveryMs: lifting === 'full' ? 0 : box.settings.fullEvery,
      refreshAfterMs: box.settings.refreshAfter,
      fresh: lifting === 'fresh',
      wait: false,
      params: EVERYTHING,
    },
    {
      db: placeOf(db),
      networks,
      concurrency: null,
      maxWaitMs: box.settings.maxWait,
      budget: null,
      keepRaw: true,
      trigger: 'cli',
      emit: () => {},
      stop: new AbortController().signal,
      kill: new AbortController().signal,
    },
    box,
  )
  keepSaid(JSON.stringify(outcome))
  return { exit: exitCodeOf(outcome, false), said: '' }
}

const runProcess = async (world: World, { db, lifting, env }: Going): Promise<Omit<Ended, 'calls'>> => {
  const what = ['--network', world.network, '--scope', 'all']
  const args = ['run', ...what, ...LIFTING_FLAGS[lifting ?? 'due'], '--db', db, '--quiet', ...world.ids]
  const { code, stdout, stderr } = await socsync(args, { env })
  return { exit: code, said: stdout + stderr }
}
