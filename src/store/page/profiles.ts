import { entityKey } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
import type { Committed, WalkTask } from '../../core/ports.ts'
import type { Reason } from '../../core/task.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { type Finding, identify } from '../queue/entities.ts'
import { failTasks } from '../queue/failing.ts'
import { endTasks, type JobEnd } from '../queue/tasks.ts'
import { markMissingCollection, markMissingComment, markMissingPost, markMissingProfile } from './absence.ts'
import type { PageWrite } from './page-write.ts'
import type { TasksOfRecords } from './task-of-record.ts'

/** Notes which profiles the page's ids turned out to be; a second id of one profile ends as its duplicate. */
export const identifyTasks = async (
  tx: Tx,
  write: PageWrite,
  owners: TasksOfRecords,
  ended: JobEnd[],
): Promise<Committed['identityChanges']> => {
  const { walk, page, fetchedAt } = write
  const findings: (Finding & { readonly task: WalkTask })[] = []
  for (const found of page.identities) {
    const task = walk.tasks.find(candidate => candidate.externalId === found.externalId)
    if (task === undefined) continue
    owners.learn(found.profileId, task)
    findings.push({ task, found, job: { id: task.jobId, network: walk.network, entityId: task.entityId } })
  }
  const identified = await identify(tx, findings, fetchedAt)
  const duplicates = findings.flatMap(({ task }, index) => (identified[index]?.duplicate ? [task] : []))
  for (const { id } of duplicates) owners.gone.add(id)
  const ending = { status: 'skipped', reason: 'duplicate', errorType: null, message: null } as const
  ended.push(...(await endTasks(tx, duplicates, ending, fetchedAt)))
  const changes = findings.flatMap(({ task, found }, index) => {
    const from = identified[index]?.changedFrom ?? null
    return from === null ? [] : [{ jobId: task.jobId, entityId: found.entityId, from, to: found.profileId }]
  })
  tx.sendEach(
    noteReason,
    changes.map(({ jobId: id }) => ({ id, reason: 'identity-changed' })),
  )
  return changes
}

/** Ends the tasks whose profile, or what else the list names, is not there; marks posts and comments that a look-up did not bring. */
export const skipMissing = async (tx: Tx, write: PageWrite, owners: TasksOfRecords): Promise<JobEnd[]> => {
  const { walk, page, fetchedAt } = write
  const ended: JobEnd[] = []
  /** Ends the task of what the list names by itself, if it does. */
  const endAsked = async (entityId: string, reason: Reason): Promise<void> => {
    const asked = owners.ofEntity(entityId)
    if (asked === undefined || owners.gone.has(asked.id)) return
    owners.gone.add(asked.id)
    ended.push(...(await endMissing(tx, asked, reason, fetchedAt)))
  }
  for (const missing of page.missing) {
    if (missing.subject === 'post') {
      // What a look-up does not bring is gone; what the list names may only not be for us, or not today.
      const key = entityKey('post', missing.id)
      if (owners.ofEntity(key) === undefined || missing.reason === 'not-found')
        await markMissingPost(tx, walk.network, missing.id, fetchedAt)
      await endAsked(key, missing.reason)
      continue
    }
    if (missing.subject === 'collection') {
      if (missing.reason === 'not-found') markMissingCollection(tx, walk.network, missing.id, fetchedAt)
      await endAsked(missing.id, missing.reason)
      continue
    }
    if (missing.subject === 'comment') {
      await markMissingComment(tx, walk.network, missing.id, fetchedAt)
      continue
    }
    const task = walk.tasks.find(candidate => candidate.externalId === missing.id)
    if (task === undefined || owners.gone.has(task.id)) continue
    owners.gone.add(task.id)
    if (missing.reason === 'not-found') await markMissingProfile(tx, walk.network, task.entityId, fetchedAt)
    ended.push(...(await endMissing(tx, task, missing.reason, fetchedAt)))
  }
  return ended
}

/** What is not there, or not for us, is no failure; what cannot be had just now is tried again, ever more seldom. */
const endMissing = async (tx: Tx, task: WalkTask, reason: Reason, at: Instant): Promise<JobEnd[]> => {
  const ending = { status: 'skipped', reason, errorType: null, message: null } as const
  return reason === 'unavailable'
    ? failTasks(tx, [task], { ...ending, errorType: 'network_error', mayPass: true }, at)
    : await endTasks(tx, [task], ending, at)
}

const noteReason: Statement<{ id: number; reason: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ reason: param<string>('reason') })
    .where('id', '=', param<number>('id')),
)
