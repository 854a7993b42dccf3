import type { ExpressionBuilder } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import type { Schema } from '../schema/tables.ts'

/** A profile's lock: one job of one worker at a time (docs/design.md §5.3). */
export interface Lock {
  readonly network: string
  readonly entity_id: string
  readonly job_id: number
  readonly worker: string
  readonly at: Instant
}

/** Takes locks of profiles, which come into being with it. Of each whether it was had: false where another job of a worker that is there holds it. */
export const lockEntities = async (tx: Tx, locks: readonly Lock[]): Promise<readonly boolean[]> => {
  const inOrder = [...locks].sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1))
  tx.sendEach(create, inOrder)
  tx.sendEach(take, inOrder)
  const held = await tx.getEach<Key, { lock_job_id: number | null }>(lockOf, locks)
  return locks.map(({ job_id }, index) => held[index]?.lock_job_id === job_id)
}

const keyText = ({ network, entity_id }: Key): string => `${network} ${entity_id}`

/** Frees profiles that jobs hold; what another job holds stays as it is. */
export const unlockEntities = async (
  tx: Tx,
  locks: readonly Pick<Lock, 'network' | 'entity_id' | 'job_id'>[],
): Promise<void> => {
  tx.sendEach(release, locks)
}

/** A profile that is stored, with the number of posts that it declared last; null = it is not. */
export const knownProfile = async (
  tx: Tx,
  key: Key,
): Promise<{ readonly profileId: string; readonly declared: number | null } | null> => {
  const row = await tx.get<Key, { profile_id: string; declared: number | null }>(storedProfile, key)
  return row === undefined ? null : { profileId: row.profile_id, declared: row.declared }
}

/** The profiles that keys turned out to be when they were read; null = they were not. */
export const profilesOf = async (tx: Tx, keys: readonly Key[]): Promise<readonly (string | null)[]> => {
  const rows = await tx.getEach<Key, { profile_id: string | null }>(profileOf, keys)
  return rows.map(row => row?.profile_id ?? null)
}

/** Whether another worker that is there holds any of these profiles. */
export const isAnyHeld = async (
  queries: Queries,
  profiles: readonly { readonly network: string; readonly entityId: string }[],
  worker: string,
): Promise<boolean> => {
  const rows = profiles.map(({ network, entityId: entity_id }) => ({ network, entity_id, worker }))
  return (await queries.getEach(heldByOther, rows)).some(row => row !== undefined)
}

/** What a profile's page said of an id, held against what was known. */
export interface Identified {
  /** The other profile that answered to this key before, or null. */
  readonly changedFrom: string | null
  /** True where another job of the run already has this profile: this one is its duplicate. */
  readonly duplicate: boolean
}

/** A job, and what the profile's page said of the id that it was asked for by. */
export interface Finding {
  readonly job: { readonly id: number; readonly network: string; readonly entityId: string }
  readonly found: { readonly externalId: string; readonly entityId: string; readonly profileId: string }
}

/**
 * Remembers which profiles ids turned out to be. A key that resolved to another (a handle to its channel)
 * becomes an alias of it, and job and lock follow.
 */
export const identify = async (
  tx: Tx,
  findings: readonly Finding[],
  at: Instant,
): Promise<readonly Identified[]> => {
  const duplicates = new Set<Finding>()
  for (const finding of findings) {
    const { job, found } = finding
    if (found.entityId !== job.entityId && !(await rename(tx, finding, at))) duplicates.add(finding)
  }
  const ours = findings.filter(finding => !duplicates.has(finding))
  const keys = ours.map(({ job, found }) => ({ network: job.network, entity_id: found.entityId }))
  const known = await tx.getEach<Key, { profile_id: string | null }>(profileOf, keys)
  const profiles = ours.map(({ job, found }, index) => ({
    ...(keys[index] as Key),
    job_id: job.id,
    profile_id: found.profileId,
  }))
  tx.sendEach(setProfile, profiles)
  tx.sendEach(setTaskProfiles, profiles)
  const before = new Map(ours.map((finding, index) => [finding, known[index]?.profile_id ?? null]))
  return findings.map(finding => {
    const earlier = before.get(finding) ?? null
    const changedFrom = earlier !== finding.found.profileId ? earlier : null
    return { changedFrom, duplicate: duplicates.has(finding) }
  })
}

/** False where another job has the profile that the key resolved to. */
const rename = async (tx: Tx, { job, found }: Finding, at: Instant): Promise<boolean> => {
  const key = { network: job.network, entity_id: found.entityId }
  tx.send(create, { ...key, at })
  if (job.entityId !== OWN) tx.send(addAlias, { ...key, alias: job.entityId })
  const held = await tx.lock<Key, { lock_job_id: number | null }>(lockOf, key)
  const isOthers = (held?.lock_job_id ?? job.id) !== job.id
  if (isOthers || (await tx.run(renameJob, { id: job.id, entity_id: found.entityId })) === 0) return false
  tx.send(moveLock, { ...key, job_id: job.id, old: job.entityId })
  tx.send(forget, { network: job.network, entity_id: job.entityId })
  return true
}

/** Whoever stands behind the credential: another one tomorrow. */
const OWN = 'me'

type Key = { network: string; entity_id: string }

/** One profile by its key: the statements below begin with one of these. */
const one = builder
  .selectFrom('entities')
  .where('network', '=', param<string>('network'))
  .where('entity_id', '=', param<string>('entity_id'))
const change = builder
  .updateTable('entities')
  .where('network', '=', param<string>('network'))
  .where('entity_id', '=', param<string>('entity_id'))

const create: Statement<Key & { at: string }> = statement(
  builder
    .insertInto('entities')
    .values({
      network: param<string>('network'),
      entity_id: param<string>('entity_id'),
      watermarks: '{}',
      first_seen_at: param<string>('at'),
    })
    .onConflict(conflict => conflict.doNothing()),
)

const take: Statement<Lock> = statement(
  change
    .set({
      lock_job_id: param<number>('job_id'),
      lock_worker: param<string>('worker'),
      locked_at: param<string>('at'),
    })
    .where(eb =>
      eb.or([
        eb('lock_worker', 'is', null),
        eb('lock_worker', 'not in', eb.selectFrom('workers').select('id')),
      ]),
    ),
)

/** By the key: looked for by its job alone, each end of a job would read the whole table. */
const release: Statement<Key & { job_id: number }> = statement(
  change
    .set({ lock_job_id: null, lock_worker: null, locked_at: null })
    .where('lock_job_id', '=', param<number>('job_id')),
)

const addAlias: Statement<Key & { alias: string }> = statement(
  builder
    .insertInto('entity_aliases')
    .values({
      network: param<string>('network'),
      alias: param<string>('alias'),
      entity_id: param<string>('entity_id'),
    })
    .onConflict(conflict =>
      conflict.columns(['network', 'alias']).doUpdateSet(eb => ({ entity_id: eb.ref('excluded.entity_id') })),
    ),
)

const lockOf: Statement<Key> = statement(one.select('lock_job_id'))

const heldByOther: Statement<Key & { worker: string }> = statement(
  one
    .select('lock_worker')
    .where('lock_worker', '!=', param<string>('worker'))
    .where('lock_worker', 'in', eb => eb.selectFrom('workers').select('id')),
)

/** Changes nothing where the run has a job of that name already. */
const renameJob: Statement<{ id: number; entity_id: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ entity_id: param<string>('entity_id') })
    .where('id', '=', param<number>('id'))
    .where(eb =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('sync_jobs as other')
            .select('other.id')
            .whereRef('other.run_id', '=', 'sync_jobs.run_id')
            .whereRef('other.network', '=', 'sync_jobs.network')
            .where('other.entity_id', '=', param<string>('entity_id')),
        ),
      ),
    ),
)

const before = (eb: ExpressionBuilder<Schema, 'entities'>) =>
  eb
    .selectFrom('entities as before')
    .where('before.network', '=', param<string>('network'))
    .where('before.entity_id', '=', param<string>('old'))

const moveLock: Statement<Key & { job_id: number; old: string }> = statement(
  change.set(eb => ({
    lock_job_id: param<number>('job_id'),
    lock_worker: before(eb).select('before.lock_worker'),
    locked_at: before(eb).select('before.locked_at'),
  })),
)

const forget: Statement<Key> = statement(
  builder
    .deleteFrom('entities')
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id')),
)

const profileOf: Statement<Key> = statement(one.select('profile_id'))

const setProfile: Statement<Key & { profile_id: string }> = statement(
  change.set({ profile_id: param<string>('profile_id') }),
)

const setTaskProfiles: Statement<{ job_id: number; profile_id: string }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ profile_id: param<string>('profile_id') })
    .where('job_id', '=', param<number>('job_id'))
    .where('profile_id', 'is', null),
)

const storedProfile: Statement<Key> = statement(
  builder
    .selectFrom('entities')
    .innerJoin('profiles', join =>
      join
        .onRef('profiles.network', '=', 'entities.network')
        .onRef('profiles.id', '=', 'entities.profile_id'),
    )
    .select(['profiles.id as profile_id', 'profiles.posts_count as declared'])
    .where('entities.network', '=', param<string>('network'))
    .where('entities.entity_id', '=', param<string>('entity_id')),
)
