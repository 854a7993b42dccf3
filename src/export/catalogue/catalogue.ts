import type { ExportKind } from '../kinds.ts'
import { collections, items } from './collections.ts'
import { comments, likes } from './comments.ts'
import type { TableEntry } from './entry.ts'
import { flat } from './flat.ts'
import { engagement, metrics } from './history.ts'
import { ids } from './ids.ts'
import { media, posts } from './posts.ts'
import { profiles } from './profiles.ts'
import { relations } from './relations.ts'
import { jobs, tasks, transforms } from './work.ts'

/** What every list that can be exported holds, column by column. */
export const CATALOGUE: Readonly<Record<ExportKind, TableEntry>> = {
  profiles,
  posts,
  media,
  comments,
  likes,
  collections,
  items,
  relations,
  metrics,
  engagement,
  flat,
  ids,
  transforms,
  jobs,
  tasks,
}
