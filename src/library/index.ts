export type { Plan } from '../app/plan.ts'
export type { Outcome } from '../app/run/outcome.ts'
export {
  BadInput,
  Locked,
  NoCredential,
  OverBudget,
  Overtaken,
  SocsyncError,
  StoreBroken,
} from '../core/errors.ts'
export type { EngineEvent } from '../core/events.ts'
export type {
  CollectionRow,
  CommentRow,
  EngagementRow,
  FlatRow,
  IdRow,
  ItemRow,
  JobRow,
  LikeRow,
  MediaRow,
  MetricRow,
  PostRow,
  ProfileRow,
  RowKind,
  RowTypes,
  TaskRow,
  TransformRow,
} from './rows.ts'
export { type OpenOptions, openSocsync, type RunOptions, type Socsync } from './socsync.ts'
