import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findMistakes, importsOf, type Source } from './support/architecture.ts'

const SRC = join(import.meta.dirname, '../src')

test('src is built as docs/design.md §3 says', async () => {
  const files = (await readdir(SRC, { recursive: true })).filter(file => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(10)
  const sources = await Promise.all(
    files.map(async (file): Promise<Source> => {
      const path = join(SRC, file)
      return { path: relative(SRC, path).replaceAll(sep, '/'), text: await readFile(path, 'utf8') }
    }),
  )
  expect(findMistakes(sources)).toEqual([])
})

/** A file with one line that imports something. */
const importing = (path: string, specifier: string, form = 'import { x } from'): Source => ({
  path,
  text: `${form} '${specifier}'\n`,
})

describe('what is allowed', () => {
  test.each([
    ['engine/step.ts', '../core/stream.ts'],
    ['engine/lane.ts', 'p-queue'],
    ['http/http.ts', 'undici'],
    ['http/http.ts', 'node:zlib'],
    ['store/admin/migrate.ts', 'kysely/migration'],
    ['store/queue/jobs.ts', '../database/statement.ts'],
    ['store/postgres/dialect.ts', 'pg'],
    ['store/reports/lists.ts', '../queue/find-jobs.ts'],
    ['store/store.ts', './page/commit.ts'],
    ['transforms/work.ts', '../engine/lane.ts'],
    ['export/csv.ts', 'csv-stringify/sync'],
    ['networks/tiktok/wire.ts', 'zod'],
    ['networks/tiktok/api.ts', '../reader.ts'],
    ['networks/tiktok/streams/user.ts', '../../../http/http.ts'],
    ['networks/tiktok/sandbox/host.ts', '../../seeded.ts'],
    ['networks/registry.ts', './tiktok/index.ts'],
    ['sandbox/host.ts', '../networks/tiktok/sandbox.ts'],
    ['app/run/run.ts', '../../networks/registry.ts'],
    ['app/run/run.ts', '../cost/budget-check.ts'],
    ['server/routes.ts', '../app/run/run.ts'],
    ['cli/run.ts', '../core/errors.ts'],
    ['cli/log.ts', '../http/redact.ts'],
    ['cli/flags.ts', '../networks/registry.ts'],
  ])('%s imports %s', (path, specifier) => {
    expect(findMistakes([importing(path, specifier)])).toEqual([])
  })

  test('a child knows its parent by type, and a command what the store reports', () => {
    const sources = [
      importing('engine/parent.ts', './child.ts'),
      importing('engine/child.ts', './parent.ts', 'import type { x } from'),
      importing('cli/show.ts', '../store/reports/run-report.ts', 'import type { x } from'),
    ]
    expect(findMistakes(sources)).toEqual([])
  })

  test('a sandbox takes types of its wire.ts; index.ts loads it when asked', () => {
    const sources = [
      importing('networks/tiktok/sandbox/host.ts', '../wire.ts', 'import type { x } from'),
      { path: 'networks/tiktok/index.ts', text: "const load = () => import('./sandbox.ts')" },
      { path: 'http/json.ts', text: 'export const read = (t: string): unknown => JSON.parse(t)' },
      {
        path: 'networks/tiktok/streams/user.ts',
        text: 'export const s = { async fetch(a: A) {}, x: h.fetch(1) }',
      },
    ]
    expect(findMistakes(sources)).toEqual([])
  })
})

test('each database is spoken to in words of its own, in its own folder', () => {
  const text = 'const json = sql`select value from json_each(list)`'
  const sources = [
    { path: 'store/sqlite/a.ts', text },
    { path: 'store/postgres/a.ts', text },
    { path: 'store/database/words.ts', text },
    {
      path: 'store/reports/a.ts',
      text: `// not by ${text}\nconst JSON_TYPE = bar.getTotal() // jsonEntries`,
    },
  ]
  expect(findMistakes(sources)).toEqual([])
})

describe('what is a mistake', () => {
  test.each([
    ['core/a.ts', 'node:fs', "core does without Node's modules"],
    ['core/a.ts', '../http/http.ts', 'core may import from nowhere'],
    ['engine/a.ts', 'node:timers', "engine does without Node's modules"],
    ['engine/a.ts', '../store/store.ts', 'engine may import from core'],
    ['engine/a.ts', '../networks/contract.ts', 'engine may import from core'],
    ['http/a.ts', '../networks/reader.ts', 'http may import from core'],
    ['store/a.ts', '../engine/step.ts', 'store may import from core'],
    ['store/queue/a.ts', '../page/commit.ts', 'the room queue of store may import from schema, database'],
    ['store/page/a.ts', '../store.ts', 'the room page of store may import from schema, database, queue'],
    [
      'store/page/a.ts',
      '../sqlite/dialect.ts',
      'the room page of store may import from schema, database, queue',
    ],
    ['store/schema/a.ts', '../sqlite/dialect.ts', 'the room schema of store may import from no other'],
    ['store/reports/a.ts', '../admin/check.ts', 'the room reports of store may import from'],
    ['store/cellar/a.ts', '../schema/rows.ts', 'src/store/cellar is no room of the design'],
    ['app/cost/a.ts', '../run/run.ts', 'the room cost of app may import from'],
    ['transforms/a.ts', '../store/store.ts', 'transforms may import from core, http, engine'],
    ['engine/a.ts', '../transforms/work.ts', 'engine may import from core'],
    ['export/a.ts', '../store/store.ts', 'export may import from core'],
    ['sandbox/a.ts', '../http/http.ts', 'sandbox may import from core, networks, transforms'],
    ['app/a.ts', '../cli/main.ts', 'app may import from'],
    ['cli/a.ts', '../engine/work.ts', 'cli may import from core, http'],
    ['cli/a.ts', '../networks/tiktok/index.ts', 'only the registry names a network'],
    ['cli/a.ts', '../store/store.ts', 'cli may import from core, http'],
    ['server/a.ts', '../cli/main.ts', 'server may import from core, http'],
    ['extra/a.ts', '../core/errors.ts', 'src/extra is no folder of the design'],
    ['main.ts', './core/errors.ts', 'src/main.ts is no folder of the design'],
    ['app/a.ts', '../../package.json', 'nothing outside src'],
    ['networks/tiktok/a.ts', 'undici', 'the package undici belongs to http'],
    ['core/a.ts', 'zod', 'the package zod belongs to app, server'],
    ['app/a.ts', 'kysely/migration', 'the package kysely belongs to store'],
    ['app/a.ts', '@scope/thing/part', 'no folder owns the package @scope/thing'],
    ['app/a.ts', 'fs', 'no folder owns the package fs'],
    ['networks/tiktok/a.ts', '../youtube/wire.ts', 'a network never imports another'],
    ['networks/tiktok/sandbox/a.ts', '../../youtube/sandbox.ts', 'a network never imports another'],
    ['networks/tiktok/a.ts', '../registry.ts', 'a network may use only networks/contract.ts'],
    ['networks/reader.ts', './tiktok/wire.ts', 'only the registry names a network'],
    ['networks/registry.ts', './tiktok/wire.ts', 'only the registry names a network'],
    ['app/a.ts', '../networks/tiktok/index.ts', 'only the registry names a network'],
    ['sandbox/a.ts', '../networks/tiktok/wire.ts', 'only the registry names a network'],
    ['networks/tiktok/sandbox.ts', './normalise.ts', 'a sandbox may take only types'],
    ['networks/tiktok/sandbox/a.ts', '../wire.ts', 'a sandbox may take only types'],
    ['networks/tiktok/index.ts', './sandbox.ts', 'a sandbox is loaded by index.ts'],
  ])('%s imports %s', (path, specifier, rule) => {
    const forms = ['import { x } from', 'import {\n  x,\n  y as z,\n} from', 'export * from', 'import']
    for (const form of forms) {
      const mistakes = findMistakes([importing(path, specifier, form)])
      expect(mistakes).toEqual([expect.stringContaining(`${path} imports ${specifier}: `)])
      expect(mistakes).toEqual([expect.stringContaining(rule)])
    }
  })

  test.each([
    ['core/a.ts', 'const x = await import("undici")', 'core/a.ts imports undici'],
    ['core/a.ts', "type X = import('../http/http.ts').Http", 'core/a.ts imports ../http/http.ts'],
    ['app/a.ts', 'const x = (name: string) => import("../" + name)', 'must name its module in plain text'],
    ['app/a.ts', 'const x = (name: string) => import(name)', 'must name its module in plain text'],
    ['networks/tiktok/sandbox/a.ts', "import { type X } from '../wire.ts'", 'a sandbox may take only types'],
    ['networks/tiktok/api.ts', "const x = () => import('./sandbox.ts')", 'a sandbox is loaded by index.ts'],
    ['app/a.ts', 'export default 1', 'exports are named'],
    ['app/a.ts', 'export { x as default }', 'exports are named'],
    ['app/someFile.ts', '', 'names are kebab-case'],
    ['app/Folder/a.ts', '', 'names are kebab-case'],
    ['app/a.ts', '\n'.repeat(401), '401 lines; 400 are the end'],
    ['networks/tiktok/api.ts', 'const x = JSON.parse(answer.text)', 'JSON.parse rounds long ids'],
    ['app/a.ts', 'const x = await fetch(url)', 'no fetch'],
    ['cli/a.ts', 'const get = globalThis.fetch', 'no fetch'],
    [
      'store/reports/a.ts',
      "sql`json_extract(params, '$.kinds')`",
      '"json_extract" is no SQL of all databases',
    ],
    ['store/queue/a.ts', "eb.fn('json_set', [])", '"json_set" is no SQL of all databases'],
    ['store/reports/a.ts', 'sql`iif(a, b, c)`', '"iif" is no SQL of all databases'],
    ['store/reports/a.ts', "sql`instr (a, 'b')`", '"instr" is no SQL of all databases'],
    ['store/admin/a.ts', 'sql`total(a)`', '"total" is no SQL of all databases'],
    ['store/admin/a.ts', 'sql`insert or ignore into a`', '"insert or" is no SQL of all databases'],
    ['store/database/a.ts', 'sql`pragma quick_check`', '"pragma" is no SQL of all databases'],
    ['store/a.ts', "sql`a glob '*'`", '"glob" is no SQL of all databases'],
    ['app/admin/a.ts', 'sql`order by rowid`', '"rowid" is no SQL of all databases'],
  ])('%s: %s', (path, text, rule) => {
    expect(findMistakes([{ path, text }])).toEqual([expect.stringContaining(rule)])
  })

  test('a circle by type alone, within core, store and app', () => {
    const sources = [
      importing('store/page/a.ts', './b.ts'),
      importing('store/page/b.ts', './a.ts', 'import type { x } from'),
    ]
    expect(findMistakes(sources)).toEqual([
      'store/page/a.ts → store/page/b.ts → store/page/a.ts: files must not load each other in a circle',
    ])
  })

  test('a circle of files, however long, late loading included', () => {
    const sources = [
      importing('core/a.ts', './b.ts'),
      { path: 'core/b.ts', text: "export { y } from './c.ts'\nimport { z } from './d.ts'" },
      { path: 'core/c.ts', text: "const a = () => import('./a.ts')" },
      importing('core/d.ts', './e.ts'),
      importing('core/e.ts', './d.ts'),
    ]
    expect(findMistakes(sources)).toEqual([
      'core/a.ts → core/b.ts → core/c.ts → core/a.ts: files must not load each other in a circle',
      'core/d.ts → core/e.ts → core/d.ts: files must not load each other in a circle',
    ])
  })
})

test('imports are told from what only looks like one', () => {
  const text = [
    "// import { a } from 'undici'",
    "/* import 'undici'\n import('undici') */",
    "const accept = '*/*' // text that would open a comment",
    "const said = 'import of x' + \"from 'undici'\"",
    "export const from = 'undici'",
    "export type Kind = 'undici'",
    'const here = import.meta.dirname',
    "import type { Real } from '../core/real.ts'",
  ].join('\n')
  expect(findMistakes([{ path: 'app/a.ts', text }])).toEqual([])
  expect(
    importsOf("import type { A } from './a.ts'\nexport type { B } from './b.ts'\n await import('./c.ts')"),
  ).toEqual([
    { specifier: './a.ts', typeOnly: true, dynamic: false },
    { specifier: './b.ts', typeOnly: true, dynamic: false },
    { specifier: './c.ts', typeOnly: false, dynamic: true },
  ])
})
