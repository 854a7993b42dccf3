import { posix } from 'node:path'

/** A file of `src`: its path from there, with slashes, and its text. */
export interface Source {
  readonly path: string
  readonly text: string
}

export interface Import {
  /** As it is written; `(computed)` where it is no plain text. */
  readonly specifier: string
  /** `import type`, which is gone at run time. */
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

/** The arrows of the design (docs/design.md §3), each taken to its end: which folders a folder may import from. Itself always. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  http: ['core'],
  engine: ['core'],
  store: ['core'],
  export: ['core'],
  report: ['core'],
  pseudonyms: ['core'],
  networks: ['core', 'http'],
  transforms: ['core', 'http', 'engine'],
  sandbox: ['core', 'networks', 'transforms'],
  app: [
    'core',
    'engine',
    'http',
    'store',
    'export',
    'report',
    'pseudonyms',
    'networks',
    'transforms',
    'sandbox',
  ],
  server: ['core', 'http', 'networks', 'export', 'app'],
  cli: ['core', 'http', 'networks', 'export', 'sandbox', 'app', 'server'],
  library: ['core', 'http', 'networks', 'export', 'app'],
}

/**
 * The rooms of a folder and which of its rooms each may import from, itself always; `.` = the files beside them. The
 * facades at the top of `store` stand above its rooms; those of `app` lie between.
 */
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  store: {
    schema: [],
    database: ['schema'],
    sqlite: ['schema', 'database'],
    postgres: ['schema', 'database'],
    queue: ['schema', 'database'],
    page: ['schema', 'database', 'queue'],
    transforms: ['schema', 'database', 'queue'],
    reports: ['schema', 'database', 'queue', 'page', 'transforms'],
    admin: ['schema', 'database', 'queue', 'page', 'transforms'],
    '.': ['schema', 'database', 'sqlite', 'postgres', 'queue', 'page', 'transforms', 'reports', 'admin'],
  },
  app: {
    config: [],
    ids: ['config'],
    credentials: ['config'],
    privacy: ['config'],
    reports: ['config', 'ids', 'privacy'],
    admin: ['config', 'ids', 'privacy'],
    cost: ['config', 'ids', '.'],
    run: ['config', 'ids', 'cost', '.'],
    schedule: ['config', 'run', 'reports', '.'],
    setup: ['config', 'credentials', 'cost', '.'],
    '.': ['config', 'ids', 'credentials', 'cost', 'run', 'privacy', 'reports', 'admin'],
  },
}

/** Folders of which no files may know each other in a circle, not even by type. */
const WITHOUT_CIRCLES: readonly string[] = ['core', 'store', 'app']

/** What a folder may know by its types alone: a command shows what the store reports, and asks it nothing. */
const BY_TYPE: Readonly<Record<string, readonly string[]>> = { server: ['store'], cli: ['store'] }

/** The folders that a package belongs to: one each, but for zod, which stands at every border. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  undici: ['http'],
  'p-queue': ['engine'],
  'p-retry': ['engine'],
  kysely: ['store'],
  'better-sqlite3': ['store'],
  pg: ['store'],
  'pg-boss': ['store'],
  'cron-parser': ['app'],
  'spdx-license-ids': ['app'],
  '@opentelemetry/api': ['app'],
  'csv-stringify': ['export'],
  'hyparquet-writer': ['export'],
  '@observablehq/plot': ['report'],
  linkedom: ['report'],
  graphology: ['export'],
  fastify: ['server'],
  '@fastify/helmet': ['server'],
  '@fastify/rate-limit': ['server'],
  '@fastify/swagger': ['server'],
  'fastify-type-provider-zod': ['server'],
  'prom-client': ['server'],
  commander: ['cli'],
  chalk: ['cli'],
  'cli-progress': ['cli'],
  pino: ['cli'],
  zod: ['app', 'server', 'networks', 'transforms'],
}

/** Folders that do without Node: the words, and the engine that knows neither HTTP nor files. */
const WITHOUT_NODE: readonly string[] = ['core', 'engine']

/** What the folders of the networks may use of what lies beside them. */
const SHARED_BY_NETWORKS: ReadonlySet<string> = new Set(
  ['contract', 'sandbox', 'seeded', 'reader', 'evidence', 'plain-text'].map(name => `networks/${name}.ts`),
)

/** Where JSON is decoded, and why not by the exact decoder: anywhere else it would be an answer with rounded ids. */
const DECODERS: readonly { readonly files: RegExp; readonly because: string }[] = [
  { files: /^http\//, because: 'it is the exact decoder' },
  { files: /^app\/config\/json-file\.ts$/, because: 'files of the user' },
  { files: /^store\/schema\/rows\.ts$/, because: 'columns that we wrote' },
  { files: /^(sandbox|networks\/[^/]+\/sandbox)(\/|\.ts$)/, because: 'requests to the stand-in' },
]

/** Where a database may be spoken to in words that the other does not know (docs/design.md §10). */
const SPOKEN_TO: readonly RegExp[] = [
  /^store\/(sqlite|postgres)\//,
  /^store\/database\/words\.ts$/,
  /^store\/schema\/types\.ts$/,
]

/** What SQLite says and PostgreSQL does not. */
const UNPORTABLE =
  /\b(?:json_(?:extract|each|tree|set|object|type|group_array|valid)|julianday|strftime|(?:instr|iif|ifnull|total)(?=\s*\()|glob|rowid|pragma|insert or (?=ignore|replace)|sqlite_schema|vacuum)\b/

const LONGEST_FILE = 400

/** Everything in which these files are not as the design wants them: file, what it does, and the rule. Sorted. */
export const findMistakes = (sources: readonly Source[]): readonly string[] => {
  const files = sources.map(({ path, text }) => {
    const code = withoutComments(text)
    return { path, text, code, imports: importsOf(code) }
  })
  const mistakes = files.flatMap(({ path, text, code, imports }) => [
    ...imports.flatMap(one => {
      const rule = one.specifier.startsWith('.')
        ? ruleForFile(path, resolve(path, one.specifier), one)
        : ruleForPackage(path, one.specifier)
      return rule === null ? [] : [`${path} imports ${one.specifier}: ${rule}`]
    }),
    ...rulesForText(path, text, code).map(rule => `${path}: ${rule}`),
  ])
  const graph = new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter(
          ({ specifier, typeOnly }) =>
            specifier.startsWith('.') && (!typeOnly || WITHOUT_CIRCLES.includes(folderOf(path))),
        )
        .map(({ specifier }) => resolve(path, specifier)),
    ]),
  )
  return [
    ...mistakes,
    ...cyclesIn(graph).map(cycle => `${cycle.join(' → ')}: files must not load each other in a circle`),
  ].sort()
}

const resolve = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier)

const folderOf = (path: string): string => path.split('/')[0] ?? ''

const ruleForPackage = (path: string, specifier: string): string | null => {
  const folder = folderOf(path)
  if (specifier === '(computed)') return 'an import must name its module in plain text'
  if (specifier.startsWith('node:')) {
    return WITHOUT_NODE.includes(folder) ? `${folder} does without Node's modules` : null
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const owners = OWNERS[name]
  if (owners === undefined) return `no folder owns the package ${name}`
  return owners.includes(folder) ? null : `the package ${name} belongs to ${owners.join(', ')}`
}

const ruleForFile = (from: string, to: string, how: Import): string | null => {
  const [folder, target] = [folderOf(from), folderOf(to)]
  const allowed = ARROWS[folder]
  if (allowed === undefined) return `src/${folder} is no folder of the design`
  if (to.startsWith('..')) return 'nothing outside src may be imported'
  if (target === folder) {
    const rule = ruleForRooms(folder, roomOf(from), roomOf(to))
    if (rule !== null) return rule
  }
  const known = how.typeOnly && BY_TYPE[folder]?.includes(target)
  if (target !== folder && !allowed.includes(target) && !known) {
    return `${folder} may import from ${allowed.length === 0 ? 'nowhere' : allowed.join(', ')}`
  }
  return target === 'networks' ? ruleForNetworks(from, to, how) : null
}

/** `queue` for `store/queue/jobs.ts`, `.` for `store/store.ts`. */
const roomOf = (path: string): string => /^[^/]+\/([^/]+)\//.exec(path)?.[1] ?? '.'

const ruleForRooms = (folder: string, from: string, to: string): string | null => {
  const rooms = ROOMS[folder]
  if (rooms === undefined || from === to) return null
  const allowed = rooms[from]
  if (allowed === undefined) return `src/${folder}/${from} is no room of the design`
  if (allowed.includes(to)) return null
  return `the room ${from} of ${folder} may import from ${allowed.length === 0 ? 'no other' : allowed.join(', ')}`
}

/** `instagram` for a file in that network's folder, else null. */
const networkOf = (path: string): string | null => /^networks\/([^/]+)\//.exec(path)?.[1] ?? null
const isSandbox = (path: string): boolean => /^networks\/[^/]+\/sandbox(\/|\.ts$)/.test(path)

const ruleForNetworks = (from: string, to: string, { typeOnly, dynamic }: Import): string | null => {
  const [own, other] = [networkOf(from), networkOf(to)]
  if (own === null) {
    if (other === null || (folderOf(from) === 'sandbox' && isSandbox(to))) return null
    const isRegistry = from === 'networks/registry.ts' && to === `networks/${other}/index.ts`
    return isRegistry ? null : 'only the registry names a network, by its index.ts'
  }
  if (other === null) {
    return SHARED_BY_NETWORKS.has(to) ? null : `a network may use only ${[...SHARED_BY_NETWORKS].join(', ')}`
  }
  if (own !== other) return 'a network never imports another'
  if (isSandbox(from) && !isSandbox(to)) {
    const isWire = new RegExp(`^networks/${own}/wire(/|\\.ts$)`).test(to)
    return isWire && typeOnly
      ? null
      : 'a sandbox may take only types, of wire.ts, from its adapter (import type)'
  }
  if (!isSandbox(from) && isSandbox(to)) {
    return dynamic && from === `networks/${own}/index.ts`
      ? null
      : 'a sandbox is loaded by index.ts, when it is asked for'
  }
  return null
}

const rulesForText = (path: string, text: string, code: string): string[] => {
  const rules: string[] = []
  const lines = text.replace(/\n$/, '').split('\n').length
  if (lines > LONGEST_FILE) rules.push(`${lines} lines; ${LONGEST_FILE} are the end`)
  if (!/^([a-z\d]+(-[a-z\d]+)*\/)*[a-z\d]+(-[a-z\d]+)*\.ts$/.test(path)) rules.push('names are kebab-case')
  if (/^\s*export\s+default\b|\bas\s+default\b/m.test(code)) rules.push('exports are named')
  if (/\bJSON\s*\.\s*parse\b/.test(code) && !DECODERS.some(({ files }) => files.test(path))) {
    rules.push('JSON.parse rounds long ids: answers are decoded in http')
  }
  const [unportable] = UNPORTABLE.exec(code) ?? []
  if (unportable !== undefined && !SPOKEN_TO.some(files => files.test(path))) {
    rules.push(
      `"${unportable.trim()}" is no SQL of all databases: spell it in store/sqlite and store/postgres`,
    )
  }
  if (folderOf(path) !== 'http' && /\bglobalThis\.fetch\b|(?:await|return|[=(,:>])\s*fetch\(/.test(code)) {
    rules.push('http is the one way out: no fetch')
  }
  return rules
}

/** A comment, or a text in which what looks like one is none. */
const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g

const withoutComments = (text: string): string =>
  text.replace(COMMENT_OR_TEXT, found => (/^\/[*/]/.test(found) ? ' ' : found))

const STATIC = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]+?\s*\bfrom\s*)?(['"])([^'"\n]+)\2/gm
const DYNAMIC = /\bimport\s*\(\s*(?:(['"`])([^'"`\n$]+)\1\s*[,)])?/g

/** All imports of a text without comments. */
export const importsOf = (code: string): readonly Import[] => [
  ...[...code.matchAll(STATIC)].map(([, type, , specifier = '']) => ({
    specifier,
    typeOnly: type !== undefined,
    dynamic: false,
  })),
  ...[...code.matchAll(DYNAMIC)].map(([, , specifier = '(computed)']) => ({
    specifier,
    typeOnly: false,
    dynamic: true,
  })),
]

/** The ways round in a graph, each once. A child that knows its parent by type alone is none. */
const cyclesIn = (graph: ReadonlyMap<string, readonly string[]>): readonly string[][] => {
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file)
    if (start !== -1) cycles.push([...way.slice(start), file])
    if (start !== -1 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}
