import { entityKey } from '../../core/entity.ts'
import type { Walk, WalkTask } from '../../core/ports.ts'
import type { TaskKind } from '../../core/task.ts'

/** What a record or child is of, as far as it is known. */
interface BelongsTo {
  readonly profileId?: string
  readonly postId?: string | null
  readonly entityId?: string
}

/** Which of a walk's tasks a record or child belongs to. */
export class TasksOfRecords {
  readonly #walk: Walk
  readonly #byProfile = new Map<string, WalkTask>()
  readonly #byEntity = new Map<string, WalkTask>()
  readonly #items = new Map<number, Came>()
  readonly #profiles = new Map<number, string>()
  /** Inline records of later kinds, by job and kind. */
  readonly extra = new Map<number, Map<TaskKind, Came>>()
  /** Tasks that this page has already ended. */
  readonly gone = new Set<number>()

  constructor(walk: Walk) {
    this.#walk = walk
    for (const task of walk.tasks) {
      this.#byProfile.set(task.profileId ?? task.externalId, task)
      this.#byEntity.set(task.entityId, task)
    }
  }

  learn(profileId: string, task: WalkTask): void {
    this.#byProfile.set(profileId, task)
    this.#profiles.set(task.id, profileId)
  }

  /** The profile of a task, which may be known only since this page. */
  profileOf(task: WalkTask): string | null {
    return this.#profiles.get(task.id) ?? task.profileId
  }

  get first(): WalkTask {
    const task = this.#walk.tasks[0]
    if (task === undefined) throw new Error(`walk ${this.#walk.id} serves no task`)
    return task
  }

  /** By what the list names, else by the profile. */
  of({ profileId, postId, entityId }: BelongsTo): WalkTask {
    return (
      (entityId === undefined ? undefined : this.ofEntity(entityId)) ??
      (postId == null ? undefined : this.ofEntity(entityKey('post', postId))) ??
      (profileId === undefined ? undefined : this.#byProfile.get(profileId)) ??
      this.first
    )
  }

  /** The task of what the list names by this key, or none. */
  ofEntity(entityId: string): WalkTask | undefined {
    return this.#byEntity.get(entityId)
  }

  count(task: WalkTask, kind: TaskKind, isNew: boolean): void {
    if (kind === this.#walk.kind) {
      this.#items.set(task.id, oneMore(this.cameOf(task), isNew))
      return
    }
    const kinds = this.extra.get(task.jobId) ?? new Map<TaskKind, Came>()
    kinds.set(kind, oneMore(kinds.get(kind) ?? NOTHING, isNew))
    this.extra.set(task.jobId, kinds)
  }

  cameOf(task: WalkTask): Came {
    return this.#items.get(task.id) ?? NOTHING
  }
}

/** Records that a page brought, and how many of them were not stored before. */
export interface Came {
  readonly items: number
  readonly new: number
}

export const NOTHING: Came = { items: 0, new: 0 }

const oneMore = (came: Came, isNew: boolean): Came => ({
  items: came.items + 1,
  new: came.new + (isNew ? 1 : 0),
})
