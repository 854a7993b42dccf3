import { query, type Row } from '../../support/tables.ts'
import { lies, type Night, readStored, type Stored, strayRows } from './diary.ts'
import type { Lasting } from './lasting-faults.ts'
import { type Held, hereIn, holdingsOf, type Reference, type ReferenceNight } from './lasting-reference.ts'
import { DAY_MS, type Ended, type World } from './lasting-world.ts'

/**
 * The nights after its first failure on which a part fails for the n-th time, as it is tried after 1, 2, 4 … days
 * (docs/design.md §5.12). Where something answers without all that is declared, it may count as failed for the third
 * time at once.
 */
const TRIED_AFTER = {
  failing: { 1: 0, 2: 1, 3: 3, 4: 7 },
  unlisted: { 3: 0, 4: 8 },
} as const satisfies Record<string, Readonly<Record<number, number>>>
/** From so many failed runs on a part no longer makes its job partial. */
const GIVEN_UP = 3
/** Tries that a sick part may cost in its first night, and later. */
const TRIES = { first: 5, later: 3 } as const

/** A part that keeps failing, as a night's run tells of it. */
export interface Part {
  /** What is read, and from what; a list may fail in several parts. */
  readonly thing: string
  readonly key: string
  /** Since which night. */
  readonly since: number
  readonly runs: number
  /** The network's words; none where an answer lacks what is declared. */
  readonly error: string
  readonly isUnlisted: boolean
}

/** Whether a row is excused tonight, or these of its columns are. */
export type Excuse = (table: string, row: Row) => boolean | readonly string[]

/** A night of a fault: what it came to, beside the same night without one. */
export interface NightFacts {
  readonly fault: Lasting
  readonly night: number
  readonly healthy: ReferenceNight
  readonly ended: Ended
  readonly now: readonly Part[]
  readonly before: readonly Part[]
}

/** What is not as it is without the fault, though it is not excused; and what is not true. */
export const rowsAmiss = (
  db: string,
  truths: readonly Night[],
  { healthy }: NightFacts,
  sick: Excuse,
): readonly string[] => {
  const stored = readStored(db)
  // What was fetched before is as it was then.
  const fetched = stored.filter(({ row }) => String(row.fetched_at).startsWith(healthy.truth.day))
  return [
    ...differences(holdingsOf(db), healthy, sick, 'all but the sick'),
    ...strayRows(fetched, truths),
    ...lies(stored, truths),
  ]
}

const triedIn = ({ now, before }: NightFacts): readonly Part[] =>
  now.filter(part => part.runs > (earlierOf(part, before)?.runs ?? 0))

/** The same part as the night before told of it: a list that was begun is a part by name from its second night on. */
const earlierOf = ({ key, thing, since }: Part, before: readonly Part[]): Part | undefined =>
  before.find(part => part.key === key) ?? before.find(part => part.thing === thing && part.since === since)

/** A list that fails is its head and the rest of it, and no more from night to night. */
const MOST_PARTS = 2

export const partsAmiss = (facts: NightFacts): readonly string[] => {
  const { now, night } = facts
  return [
    ...now.flatMap(({ key, error, isUnlisted }) =>
      error === '' && !isUnlisted ? [`${key} fails without a word`] : [],
    ),
    ...triedIn(facts)
      .filter(part => !isInTime(part, night))
      .map(({ key, since, runs }) => `${key} fails since night ${since}, and tonight for the ${runs}. time`),
    ...[...Map.groupBy(now, ({ thing }) => thing)].flatMap(([thing, parts]) =>
      parts.length > MOST_PARTS ? [`${thing} fails in ${parts.length} parts`] : [],
    ),
  ]
}

const isInTime = ({ since, runs, isUnlisted }: Part, night: number): boolean =>
  [TRIED_AFTER.failing, ...(isUnlisted ? [TRIED_AFTER.unlisted] : [])].some(
    after => new Map(Object.entries(after)).get(String(runs)) === night - since,
  )

/** The price of a night: that of one without the fault, and the tries of what is due. */
export const callsAmiss = (facts: NightFacts): readonly string[] => {
  const { fault, night, healthy, ended } = facts
  const tried = triedIn(facts)
  const isFirst = night === fault.from
  const tries = tried.reduce((sum, { since }) => sum + (since === night ? TRIES.first : TRIES.later), 0)
  const least = isFirst ? Math.max(tries, TRIES.first) + (fault.finding ?? 0) : tries
  const allowed = healthy.calls + least
  return ended.calls > allowed
    ? [`${ended.calls} calls, at most ${allowed}: ${healthy.calls} undisturbed, ${tried.length} parts tried`]
    : []
}

/** What tonight's run says fails. */
export const failingIn = (db: string, { began }: World): readonly Part[] =>
  query(
    db,
    `select j.entity_id, t.stream, t.external_id, t.part, t.failed_runs, t.failing_since, t.last_error, t.status, t.reason
    from sync_tasks t join sync_jobs j on j.id = t.job_id
    where j.run_id = (select max(id) from sync_runs) and t.failing_since is not null`,
  ).map(row => ({
    thing: `${row.stream} of ${row.external_id}`,
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
export const endedAmiss = ({ ended: { exit, said }, now }: NightFacts, db: string): readonly string[] => {
  const jobs = query(
    db,
    `select entity_id, status, error_type from sync_jobs where run_id = (select max(id) from sync_runs)`,
  )
  const bad = jobs.filter(({ status }) => status !== 'succeeded' && status !== 'skipped')
  // Where a thing was given up, a new part of it is no news.
  const givenUp = new Set(now.filter(({ runs }) => runs >= GIVEN_UP).map(({ thing }) => thing))
  const isNew = now.some(({ thing }) => !givenUp.has(thing))
  const told = bad.map(({ entity_id, status, error_type }) => `${entity_id} ${status} ${error_type ?? ''}`)
  if (exit !== 0 && !(isNew && exit === 3)) return [`exit ${exit}: ${told.join(', ')} ${said}`]
  return now.length > 0 && !isNew && bad.length > 0
    ? [`${told.join(', ')}, although all that fails was given up`]
    : []
}

/** What a run books where its credential is of no use: nothing. */
export const stoppedAmiss = ({ exit, said }: Ended, db: string, { nights }: Reference): readonly string[] => {
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
export const untold = (status: string, parts: readonly Part[]): readonly string[] =>
  parts.flatMap(({ key, error, isUnlisted }) =>
    status.includes(isUnlisted ? 'unlisted' : JSON.stringify(error.slice(0, 40)).slice(1, -1))
      ? []
      : [`status does not tell of ${key}: ${error}`],
  )

/** What is lacking and named nowhere: by nothing that fails, and by no gap of what is declared. */
export const unnamed = async (
  db: string,
  { now, healthy }: NightFacts,
  excuse: Excuse,
  status: () => Promise<string>,
): Promise<readonly string[]> => {
  if (now.length > 0) return []
  const [lacking] = differences(holdingsOf(db), healthy, excuse, 'only the sick')
  return lacking === undefined || tellsOfGap(await status()) ? [] : [`nothing is named, yet ${lacking}`]
}

/** Whether status says that something declared is not stored: an answer may be empty and no failure. */
const tellsOfGap = (status: string): boolean => {
  const { run } = JSON.parse(status) as { run?: { completeness?: { post_gaps?: readonly unknown[] } } }
  return (run?.completeness?.post_gaps ?? []).length > 0
}

/** What is not whole after the first run without the fault: all that is there and was read undisturbed is stored. */
export const notWhole = (
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
    // What comes at last may be measured more often than it was undisturbed, and be known to be gone earlier or later.
    ...differences(
      { ...held, metrics: healthy.metrics },
      healthy,
      exceptHeldAgainstTheWorld(sick, stored, healthy.truth),
      'all but the sick',
    ),
    ...strayRows(stored, truths),
    ...lies(stored, truths),
  ]
}

/** Columns that say what is there, which `lacking` and {@link lies} hold against the world. */
const OF_PRESENCE: readonly string[] = ['comments_stored', 'absent_since', 'absent_walks', 'missing_since']

/** Comments that were read tonight, be it not undisturbed, are held against the world by {@link strayRows}. */
const exceptHeldAgainstTheWorld = (sick: Excuse, stored: readonly Stored[], { day }: Night): Excuse => {
  const isOfTonight = ({ type, row }: Stored): boolean =>
    type === 'comment' && String(row.fetched_at).startsWith(day)
  const fresh = new Set(stored.filter(isOfTonight).map(({ row }) => row.id))
  return (table, row) => {
    const excused = (table === 'comments' && fresh.has(row.id)) || sick(table, row)
    return excused === true ? true : [...OF_PRESENCE, ...(excused === false ? [] : excused)]
  }
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
