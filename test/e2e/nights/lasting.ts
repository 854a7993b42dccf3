import type { Way } from '../../../src/sandbox/break.ts'
import { query, type Row } from '../../support/tables.ts'
import { lies, readStored, type Stored, strayRows } from './diary.ts'
import type { Lasting } from './lasting-faults.ts'
import {
  type Held,
  hereIn,
  holdingsOf,
  LAST_NIGHT,
  LIFTED,
  type Lifting,
  momentOf,
  type Reference,
  type ReferenceNight,
} from './lasting-reference.ts'
import { DAY_MS, type Ended, openNights, type Runner, type World } from './lasting-world.ts'

/**
 * The nights after its first failure on which a part fails for the n-th time, as it is tried after 1, 2, 4 … days
 * (docs/design.md §5.12). Where something answers without all that is declared, it may count as failed for the third
 * time at once.
 */
const TRIED_AFTER = {
  failing: { 1: 0, 2: 1, 3: 3, 4: 7 },
  unlisted: { 3: 0, 4: 4 },
} as const satisfies Record<string, Readonly<Record<number, number>>>
/** From so many failed runs on a part no longer makes its job partial. */
const GIVEN_UP = 3
/** Tries that a sick part may cost in its first night, and later. */
const TRIES = { first: 5, later: 3 } as const

/** A run of the real binary takes a second to start: these of a fault's nights, and the one on which it is lifted. */
const BINARY_NIGHTS: readonly number[] = [0, 3]

/** A part that keeps failing, as a night's run tells of it. */
interface Part {
  readonly key: string
  /** Since which night. */
  readonly since: number
  readonly runs: number
  /** The network's words; none where an answer lacks what is declared. */
  readonly error: string
  readonly isUnlisted: boolean
}

/** Whether a row is excused tonight, or these of its columns are. */
type Excuse = (table: string, row: Row) => boolean | readonly string[]

/** Plays nights of a lasting fault to the one on which it is lifted. Gives what was wrong, by night. */
export const play = async (
  fault: Lasting,
  way: Way,
  reference: Reference,
  { how, lifting }: { readonly how: Runner; readonly lifting: Lifting },
): Promise<readonly string[]> => {
  const { world, nights, seen } = reference
  await using scene = await openNights(world, {
    ...(fault.from === 1 && { from: reference.afterFirst }),
    ...(fault.env && { env: fault.env }),
  })
  scene.sandbox.setSwitch('break', {
    network: world.network,
    value: { way, ...(way === '5xx' || way === '4xx' ? world.refusals[way] : {}) },
    ...fault.calls(seen),
  })
  const excuse = fault.sick(seen, way)
  const truths = [...nights].flatMap(([, { truth }]) => truth)
  const wrong: string[] = []
  const say = (night: number, lines: readonly string[]): void => {
    wrong.push(...lines.slice(0, 4).map(line => `night ${night}: ${line}`))
    if (lines.length > 4) wrong.push(`night ${night}: and ${lines.length - 4} more of these`)
  }
  let parts: readonly Part[] = []

  for (let night = fault.from; night <= LAST_NIGHT; night++) {
    const healthy = nights.get(night)
    if (healthy === undefined) throw new Error(`the undisturbed nights lack number ${night}`)
    const isByBinary = how === 'by the binary' && BINARY_NIGHTS.includes(night - fault.from)
    const ended = await scene.run(healthy.at, { how: isByBinary ? how : 'in process' })
    if (fault.stops) {
      say(night, stoppedAmiss(ended, scene.db, reference))
      continue
    }
    const sick: Excuse = (table, row) => excuse(table, row, night)
    const held = holdingsOf(scene.db)
    const stored = readStored(scene.db)
    const lacking = differences(held, healthy, sick, 'only the sick')
    const now = failingIn(scene.db, world)
    const tried = now.filter(({ key, runs }) => runs > (parts.find(part => part.key === key)?.runs ?? 0))

    say(night, differences(held, healthy, sick, 'all but the sick'))
    // What was fetched before is as it was then.
    const fetched = stored.filter(({ row }) => String(row.fetched_at).startsWith(healthy.truth.day))
    say(night, strayRows(fetched, truths))
    say(night, lies(stored, truths))
    if (lacking.length > 0 && now.length === 0 && !tellsOfGap(await scene.status()))
      say(night, [`nothing is named, yet ${lacking[0]}`])
    say(
      night,
      now.flatMap(({ key, error, isUnlisted }) =>
        error === '' && !isUnlisted ? [`${key} fails without a word`] : [],
      ),
    )
    say(
      night,
      tried.flatMap(part => {
        const { key, since, runs } = part
        return isInTime(part, night)
          ? []
          : [`${key} fails since night ${since}, and tonight for the ${runs}. time`]
      }),
    )
    const allowed =
      healthy.calls +
      tried.reduce((sum, { since }) => sum + (since === night ? TRIES.first : TRIES.later), 0) +
      (night === fault.from ? (fault.finding ?? 0) + (tried.length === 0 ? TRIES.first : 0) : 0)
    if (ended.calls > allowed) {
      const why = `${healthy.calls} undisturbed, ${tried.length} sick parts tried`
      say(night, [`${ended.calls} calls, at most ${allowed}: ${why}`])
    }
    say(night, endedAmiss(ended, now, scene.db))
    parts = now
  }
  if (how === 'by the binary' && !fault.stops) say(LAST_NIGHT, untold(await scene.status(), parts))

  const night = LIFTED[lifting]
  scene.sandbox.switches.clear({ name: 'break' })
  const ended = await scene.run(momentOf(world, night), { how, fresh: lifting === 'fresh' })
  say(
    night,
    notWhole(ended, scene.db, reference, night, (table, row) => excuse(table, row, night)),
  )
  if (scene.sandbox.log.errors.length > 0) say(night, scene.sandbox.log.errors)
  return wrong
}

const isInTime = ({ since, runs, isUnlisted }: Part, night: number): boolean =>
  [TRIED_AFTER.failing, ...(isUnlisted ? [TRIED_AFTER.unlisted] : [])].some(
    after => new Map(Object.entries(after)).get(String(runs)) === night - since,
  )

/** What tonight's run says fails. */
const failingIn = (db: string, { began }: World): readonly Part[] =>
  query(
    db,
    `select j.entity_id, t.stream, t.external_id, t.part, t.failed_runs, t.failing_since, t.last_error, t.status, t.reason
    from sync_tasks t join sync_jobs j on j.id = t.job_id
    where j.run_id = (select max(id) from sync_runs) and t.failing_since is not null`,
  ).map(row => ({
    key: `${row.stream} of ${row.external_id}${row.part === '' ? '' : ` (${row.part})`} in ${row.entity_id}`,
    since: Math.floor((Date.parse(String(row.failing_since)) - began) / DAY_MS),
    runs: Number(row.failed_runs),
    error: String(row.last_error ?? ''),
    isUnlisted: row.reason === 'unlisted',
  }))

/** Where the file is not as the undisturbed nights left it, but for what the fault excuses; or in that alone. */
const differences = (
  held: Held,
  healthy: Held,
  sick: Excuse,
  among: 'all but the sick' | 'only the sick',
): readonly string[] => {
  const found: string[] = []
  const compare = (key: string, row: Row | undefined, wanted: Row | undefined): void => {
    const table = key.slice(0, key.indexOf(' '))
    const excused = sick(table, wanted ?? row ?? {})
    const isExcused = (column: string): boolean =>
      Array.isArray(excused) ? excused.includes(column) : excused === true
    if (row === undefined || wanted === undefined) {
      const what = row === undefined ? 'is not there' : 'is there, and not undisturbed'
      if ((excused === true) === (among === 'only the sick')) found.push(`${key} ${what}`)
      return
    }
    for (const [column, value] of Object.entries(wanted)) {
      if (row[column] === value || isExcused(column) !== (among === 'only the sick')) continue
      found.push(`${key}: ${column} is ${JSON.stringify(row[column])} for ${JSON.stringify(value)}`)
    }
  }
  for (const of of ['rows', 'metrics'] as const) {
    for (const key of new Set([...healthy[of].keys(), ...held[of].keys()])) {
      compare(key, held[of].get(key), healthy[of].get(key))
    }
  }
  return found
}

/** How a run should not have ended: partial is allowed as long as something has failed in fewer than three runs. */
const endedAmiss = ({ exit, said }: Ended, parts: readonly Part[], db: string): readonly string[] => {
  const jobs = query(
    db,
    `select entity_id, status, error_type from sync_jobs where run_id = (select max(id) from sync_runs)`,
  )
  const bad = jobs.filter(({ status }) => status !== 'succeeded' && status !== 'skipped')
  const isFresh = parts.some(({ runs }) => runs < GIVEN_UP)
  const told = bad.map(({ entity_id, status, error_type }) => `${entity_id} ${status} ${error_type ?? ''}`)
  if (exit !== 0 && !(isFresh && exit === 3)) return [`exit ${exit}: ${told.join(', ')} ${said}`]
  return parts.length > 0 && !isFresh && bad.length > 0
    ? [`${told.join(', ')}, although all that fails was given up`]
    : []
}

/** What a run books where its credential is of no use: nothing. */
const stoppedAmiss = ({ exit, said }: Ended, db: string, { nights }: Reference): readonly string[] => {
  const found = exit === 5 || exit === 75 ? [] : [`exit ${exit} ${said}`]
  for (const { entity_id, reason } of query(
    db,
    `select j.entity_id, coalesce(t.reason, 'failing since ' || t.failing_since) as reason
    from sync_tasks t join sync_jobs j on j.id = t.job_id where j.run_id = (select max(id) from sync_runs)
    and t.stream <> '' and (t.failing_since is not null or t.status in ('succeeded', 'skipped'))`,
  )) {
    found.push(`${entity_id} is booked ${reason}`)
  }
  const before = nights.get(0)
  return before === undefined
    ? found
    : [...found, ...differences(holdingsOf(db), before, () => false, 'all but the sick')]
}

/** What status leaves unsaid of the parts that fail. */
const untold = (status: string, parts: readonly Part[]): readonly string[] =>
  parts.flatMap(({ key, error, isUnlisted }) =>
    status.includes(isUnlisted ? 'unlisted' : JSON.stringify(error.slice(0, 40)).slice(1, -1))
      ? []
      : [`status does not tell of ${key}: ${error}`],
  )

/** Whether status says that something declared is not stored: an answer may be empty and no failure. */
const tellsOfGap = (status: string): boolean => {
  const { run } = JSON.parse(status) as { run?: { completeness?: { post_gaps?: readonly unknown[] } } }
  return (run?.completeness?.post_gaps ?? []).length > 0
}

/** What is not whole after the first run without the fault: all that is there and was read undisturbed is stored. */
const notWhole = (
  { exit, said }: Ended,
  db: string,
  { world, nights }: Reference,
  night: number,
  sick: Excuse,
): readonly string[] => {
  const healthy = nights.get(night)
  if (healthy === undefined) throw new Error(`the undisturbed nights lack number ${night}`)
  const held = holdingsOf(db)
  const stored = readStored(db)
  const here = hereIn(stored)
  const truths = [...nights].flatMap(([, { truth }]) => truth)
  const lacking = [...healthy.here].filter(key => !here.has(key) && healthy.truth.truth.has(key))
  const balanced = balancedIn(lacking, healthy, stored)
  return [
    ...(exit === 0 ? [] : [`exit ${exit} ${said}`]),
    ...failingIn(db, world).map(({ key }) => `${key} still fails`),
    ...lacking.filter(key => !balanced.has(key)).map(key => `${key} is not there`),
    ...differences(held, healthy, sick, 'all but the sick'),
    ...strayRows(stored, truths),
    ...lies(stored, truths),
  ]
}

/** So many comments of a post may have come while as many went. */
const FEW = 3

/**
 * Comments that came while as many went, all of it during the fault: the number that was declared when their post's were
 * last read is that of tonight, and nothing but a full pass finds them.
 */
const balancedIn = (
  lacking: readonly string[],
  { truth }: ReferenceNight,
  stored: readonly Stored[],
): ReadonlySet<string> => {
  const byPost = Map.groupBy(lacking, key => {
    const record = truth.truth.get(key)
    return record?.type === 'comment' ? record.postId : null
  })
  const settled = new Set(
    stored.flatMap(({ type, row }) =>
      type === 'post' && row.comments_declared !== null && row.comments_declared === row.comments_count
        ? [row.id]
        : [],
    ),
  )
  return new Set(
    [...byPost].flatMap(([postId, keys]) => (settled.has(postId) && keys.length <= FEW ? keys : [])),
  )
}
