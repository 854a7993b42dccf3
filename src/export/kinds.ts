/** What can be exported, one list each; `all` is every one of them in a folder. */
export const EXPORT_KINDS = [
  'profiles',
  'posts',
  'media',
  'comments',
  'likes',
  'metrics',
  'engagement',
  'flat',
  'transforms',
  'jobs',
  'tasks',
] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]
