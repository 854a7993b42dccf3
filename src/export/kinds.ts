/** What can be exported, one list each; `all` is every one of them in a folder. */
export const EXPORT_KINDS = [
  'profiles',
  'posts',
  'media',
  'comments',
  'likes',
  'collections',
  'items',
  'relations',
  'metrics',
  'engagement',
  'flat',
  'ids',
  'transforms',
  'jobs',
  'tasks',
] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]

/** How a graph is written; the name of a format is also the ending of its files. */
export const GRAPH_FORMATS = ['gexf', 'graphml'] as const
export type GraphFormat = (typeof GRAPH_FORMATS)[number]

/** All that `export` takes by name. */
export const EXPORTABLE = [...EXPORT_KINDS, 'graph', 'all'] as const
