import type { Schema } from '../schema/tables.ts'

/** A table as it is copied. */
export interface CopiedTable {
  readonly name: keyof Schema
  /** Its primary key: the order in which its rows go. */
  readonly key: readonly string[]
  /** Rows of a slice. */
  readonly slice: number
  /** Whether it gives out ids of its own, none of them twice. */
  readonly givesIds: boolean
}

/** Rows of this size make a slice of a few hundred KB. */
const SLICE = 1_000
/** A body is an answer, compressed: some KB to some hundred. */
const SLICE_OF_BODIES = 100

type Way = Omit<CopiedTable, 'name'>

const by = (...key: readonly string[]): Way => ({ key, slice: SLICE, givesIds: false })
const numbered: Way = { key: ['id'], slice: SLICE, givesIds: true }

/**
 * Every table of the schema, what others point to before those. Within a table a row points at most to itself and to those of lower ids. Null =
 * it is not copied: who works on a database works on that one.
 */
const TABLES = {
  workers: null,
  service_shares: null,
  account_leases: null,
  data_origin: by('id'),
  data_people: by('id'),
  sync_runs: numbered,
  run_orders: by('run_id'),
  transform_orders: by('transform'),
  schedules: by('name'),
  sync_jobs: numbered,
  sync_walks: numbered,
  walk_cursors: by('walk_id', 'hash'),
  sync_tasks: numbered,
  entities: by('network', 'entity_id'),
  entity_aliases: by('network', 'alias'),
  profiles: by('network', 'id'),
  posts: by('network', 'id'),
  media: by('network', 'post_id', 'position'),
  comments: by('network', 'id'),
  likes: by('network', 'post_id', 'author_id'),
  collections: by('network', 'id'),
  collection_items: by('network', 'collection_id', 'post_id'),
  relations: by('network', 'id'),
  metrics: by('network', 'subject', 'subject_id', 'name', 'observed_at'),
  revisions: by('network', 'subject', 'subject_id', 'field', 'seen_at'),
  raw_bodies: { ...by('hash'), slice: SLICE_OF_BODIES },
  raw_pages: numbered,
  rejects: by('walk_id', 'seq', 'path'),
  quota: by('network', 'owner', 'pool', 'window_start'),
  paces: by('network', 'owner'),
  budgets: by('run_id'),
  run_costs: by('run_id', 'network', 'pool'),
  memory: by('network', 'key'),
  transforms: numbered,
} as const satisfies Record<keyof Schema, Way | null>

export const COPIED: readonly CopiedTable[] = Object.entries(TABLES).flatMap(([name, way]) =>
  way === null ? [] : [{ name: name as keyof Schema, ...way }],
)
