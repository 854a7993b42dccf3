import type { Json } from '../../src/core/json.ts'
import { networks } from '../../src/networks/registry.ts'
import { hash32 } from '../../src/networks/seeded.ts'
import { CONCURRENCY, SCENERY, type Scenery } from '../e2e/faults/scene.ts'
import { unsound } from '../e2e/faults/sound.ts'
import { type Ended, start, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { differences } from '../support/tables.ts'

/** What goes wrong at random: switches of all networks, and of each. */
const FAULTS: readonly { readonly name: string; readonly network?: string; readonly value?: Json }[] = [
  ...[
    'reset',
    'lost',
    'cut',
    'short',
    'truncate',
    'gzip-cut',
    'html',
    'html-502',
    'empty',
    'garbage',
    'twice',
    'not-json',
  ].map(name => ({ name })),
  { name: 'slow', value: 40 },
  ...[500, 502, 503, 504].map(value => ({ name: 'status', value })),
  { name: 'status', value: { status: 429, headers: { 'retry-after': '7' } } },
  { name: 'status', value: { status: 429, headers: { 'retry-after': '600' } } },
  { name: 'status', value: { status: 429 } },
  ...['app-limit', 'unavailable', 'disguise', 'expired', 'cursor-refused'].map(value => ({
    name: 'fault',
    network: 'instagram',
    value,
  })),
  ...['quotaExceeded', 'rateLimitPerMinute', 'backendError', 'invalidPageToken', 'authError'].map(value => ({
    name: 'error',
    network: 'youtube',
    value,
  })),
  ...['error-500', 'rate-limited', 'token-dead', 'cut-json', 'invalid-search-id'].map(name => ({
    name,
    network: 'tiktok',
    value: true,
  })),
]

const POINTS = ['job.create', 'page.asked', 'page.fetched', 'page.written', 'page.committed']
/** What a run may end with while anything may go wrong (docs/design.md §6). */
const ENDS: ReadonlySet<number | string | null> = new Set([0, 3, 4, 5, 75, 143, 'SIGKILL', 'SIGTERM'])
const HOUR = 3_600_000

export interface Soaked {
  readonly seed: number
  /** Runs of the simulated cron. */
  readonly runs: number
  readonly kills: number
  readonly faults: number
  /** Runs by how they ended. */
  readonly ends: Readonly<Record<string, number>>
  /** What is wrong at the end: nothing, if all is well. */
  readonly complaints: readonly string[]
}

/**
 * Hours of cron in minutes: every tick a run of one network's list, with faults that a seed decides, kills and
 * overlapping runs among them. When all is quiet again, one run more must leave exactly the sandbox's world.
 */
export const soak = async (seed: number, goesOn: (runs: number) => boolean): Promise<Soaked> => {
  using folder = tempFolder()
  await using sandbox = await startSandbox({ networks })
  const ends: Record<string, number> = {}
  const complaints: string[] = []
  let [runs, kills, faults] = [0, 0, 0]
  const random = (what: string, below: number): number => hash32(seed, `${what} ${runs}`) % below
  const sceneries: readonly Scenery[] = Object.values(SCENERY)
  const dbOf = ({ network }: Scenery): string => folder.file(`${network}.db`)

  const go = async (scenery: Scenery, { fresh = false, env = {} } = {}): Promise<Ended> => {
    const running = start([...argsOf(scenery, dbOf(scenery)), ...(fresh ? ['--fresh'] : [])], {
      env: { ...sandbox.env, ...env },
    })
    if (random('stop', 20) === 0 && !fresh) setTimeout(() => running.kill('SIGTERM'), 200 + random('ms', 600))
    return running.ended
  }

  while (complaints.length === 0 && goesOn(runs)) {
    runs += 1
    sandbox.switches.clear()
    for (let fault = random('faults', 4); fault > 0; fault--) {
      const one = FAULTS[random(`fault ${fault}`, FAULTS.length)]
      if (one === undefined) continue
      faults += 1
      sandbox.setSwitch(one.name, {
        ...one,
        after: random(`after ${fault}`, 8),
        times: 1 + random(`times ${fault}`, 6),
      })
    }
    const scenery = sceneries[random('network', sceneries.length)] ?? SCENERY.instagram
    const isKilled = random('kill', 3) === 0
    const point = `${POINTS[random('point', POINTS.length)]}:${1 + random('count', 4)}`
    const overlapping = random('overlap', 6) === 0
    const all = await Promise.all([
      go(scenery, { env: isKilled ? { SOCSYNC_CRASH_AT: point } : {} }),
      ...(overlapping ? [go(scenery)] : []),
    ])
    for (const { code, signal, stderr } of all) {
      const end = signal ?? code
      ends[String(end)] = (ends[String(end)] ?? 0) + 1
      if (signal === 'SIGKILL') kills += 1
      if (!ENDS.has(end)) complaints.push(`run ${runs} on ${scenery.network} ended with ${end}: ${stderr}`)
    }
    sandbox.advance(HOUR / 2 + random('minutes', 60) * 60_000)
  }

  sandbox.switches.clear()
  sandbox.advance(26 * HOUR)
  for (const scenery of sceneries) {
    const { code, stderr } = await go(scenery, { fresh: true })
    if (code !== 0) complaints.push(`the last run on ${scenery.network} ended with ${code}: ${stderr}`)
    const file = dbOf(scenery)
    complaints.push(...differences(file, scenery.network, worldOf(sandbox, scenery)), ...unsound(file))
  }
  complaints.push(...sandbox.log.errors)
  return { seed, runs, kills, faults, ends, complaints }
}

const argsOf = ({ network, ids, scopes, since }: Scenery, db: string): readonly string[] => [
  ...['run', '--network', network, '--scope', scopes.join(), '--db', db, '--quiet'],
  ...['--concurrency', String(CONCURRENCY), ...(since === null ? [] : ['--since', since.slice(0, 10)])],
  ...ids,
]

/** What the sandbox's world holds of what is asked for. */
function* worldOf(sandbox: TestSandbox, { network, ids, scopes, since }: Scenery) {
  const isWanted = (createdAt: string | null | undefined): boolean =>
    since === null || (createdAt ?? '') >= since
  for (const id of ids) {
    const records = sandbox.truth(network, id)
    const posts = new Set(
      records.flatMap(one => (one.type === 'post' && isWanted(one.createdAt) ? [one.id] : [])),
    )
    for (const record of records) {
      if (
        record.type === 'post' ? !posts.has(record.id) : record.type === 'media' && !posts.has(record.postId)
      )
        continue
      if (record.type === 'comment' && !scopes.some(scope => scope === 'all' || scope === 'comments'))
        continue
      yield record
    }
  }
}

/** The figures in a line. */
export const tell = ({ seed, runs, kills, faults, ends, complaints }: Soaked): string =>
  `soak, seed ${seed}: ${runs} runs, ${kills} kills, ${faults} faults, ended ${JSON.stringify(ends)}, ${complaints.length} complaints`
