// @module-tag long
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { socsync, tempFolder } from '../support/cli.ts'
import { wrongInCroissant } from '../support/croissant-rules.ts'
import { parseCsv } from '../support/csv.ts'
import { isOfType, wrongInDataPackage } from '../support/data-package-rules.ts'
import { duckdb, readParquet } from '../support/duckdb.ts'
import { isOnServer } from '../support/on-server.ts'
import { wrongInCrate } from '../support/ro-crate-rules.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

const PROFILES = [
  'instagram:albums.only',
  'instagram:17841273339442756',
  'youtube:UCtggNqnHV2t1SqIx2UqiMdg',
  'tiktok:ada.bakes',
  'tiktok:gone.author',
]

interface Field {
  readonly name: string
  readonly type: string
  readonly constraints?: { readonly required: boolean }
}

interface Resource {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly hash: string
  readonly schema: {
    readonly fields: readonly Field[]
    readonly primaryKey: readonly string[]
    readonly foreignKeys?: readonly {
      readonly fields: readonly string[]
      readonly reference: { readonly resource: string; readonly fields: readonly string[] }
    }[]
  }
  readonly socsync: { readonly rows: number; readonly rows_of: Readonly<Record<string, number>> }
}

const folder = tempFolder()
const db = folder.file('newsroom.db')
const config = folder.file('config.json')
let sandbox: TestSandbox

const SAID = {
  title: 'Bakers and piers, 2026',
  description: 'What three accounts said of bread.',
  licence: 'cc-by-4.0',
  version: '2.1.0',
  url: 'https://deposit.example.org/bakers',
  keywords: ['bread'],
  creators: [
    { name: 'Ada Example', orcid: '0000-0002-1825-0097', affiliation: 'Institute of Examples' },
    { name: 'Bo Example' },
  ],
}

const write = (name: string, ...flags: readonly string[]) =>
  socsync(['export', 'all', '--package', '--out', folder.file(name), '--db', db, ...flags])
const textOf = (name: string, file: string): string => readFileSync(join(folder.file(name), file), 'utf8')
const jsonOf = (name: string, file: string) => JSON.parse(textOf(name, file))
const resourcesOf = (name: string): readonly Resource[] => jsonOf(name, 'datapackage.json').resources

beforeAll(async () => {
  sandbox = await startSandbox()
  const run = ['run', '--scope', 'all', '--limit-comments', '40', '--quiet', '--db', db, ...PROFILES]
  const ended = await socsync(run, { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  const file = openWrite(db)
  file.exec(`update posts set comments_refused_to = 'owner-of-the-key' where network = 'instagram'`)
  file.exec(`update sync_jobs set error_message = 'app 4711 may not' where network = 'tiktok'`)
  file.close()
  writeFileSync(config, JSON.stringify({ deposit: SAID }))
  for (const format of ['csv', 'json', 'jsonl', 'parquet']) {
    const ended = await write(format, '--format', format, '--config', config)
    expect(ended.code, ended.stderr).toBe(0)
  }
  expect(await write('plain')).toMatchObject({ code: 0 })
}, 240_000)

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe.each(['csv', 'json', 'jsonl', 'parquet', 'plain'])('a package as %s', name => {
  it('is a data package by the standard', () => {
    expect(wrongInDataPackage(jsonOf(name, 'datapackage.json'))).toEqual([])
  })

  it('is an RO-Crate by its own validator, and names every file', async () => {
    const files = readdirSync(folder.file(name))
    expect(await wrongInCrate(textOf(name, 'ro-crate-metadata.json'), files)).toEqual([])
  })

  it('is a Croissant dataset by the specification', async () => {
    expect(await wrongInCroissant(jsonOf(name, 'croissant.json'))).toEqual([])
  })

  it('has the same size and checksum in each description, those of the file', () => {
    const crate = jsonOf(name, 'ro-crate-metadata.json')['@graph']
    const { distribution } = jsonOf(name, 'croissant.json')
    const manifest = jsonOf(name, 'manifest.json')
    const told = new Map<string, { bytes: number; sha256: string }>(
      [...manifest.files, ...manifest.documents].map(file => [file.name, file]),
    )
    const there = readdirSync(folder.file(name)).filter(file => file !== 'manifest.json')
    expect([...told.keys()].sort()).toEqual(there.sort())
    for (const file of there) {
      const body = readFileSync(join(folder.file(name), file))
      const sha256 = createHash('sha256').update(body).digest('hex')
      expect(told.get(file)).toMatchObject({ bytes: body.length, sha256 })
    }
    for (const { path, bytes, hash } of resourcesOf(name)) {
      const sha256 = told.get(path)?.sha256
      expect({ bytes, hash }).toEqual({ bytes: told.get(path)?.bytes, hash: `sha256:${sha256}` })
      const inCrate = crate.find((entity: { '@id': string }) => entity['@id'] === path)
      expect(inCrate).toMatchObject({ contentSize: String(bytes), sha256 })
      const inCroissant = distribution.find((file: { '@id': string }) => file['@id'] === path)
      expect(inCroissant).toMatchObject({ contentUrl: path, contentSize: `${bytes} B`, sha256 })
      expect(textOf(name, 'README.md')).toContain(`| ${bytes} | \`${sha256}\` |`)
    }
  })
})

describe('what the data package says of a table', () => {
  const tables = () =>
    resourcesOf('csv').map(resource => ({ resource, rows: parseCsv(textOf('csv', resource.path)) }))
  type Cells = Readonly<Record<string, string | null>>
  const keyOf = (row: Cells, key: readonly string[]): string => JSON.stringify(key.map(name => row[name]))

  it('is true of each of its cells, its key and its references', () => {
    const all = tables()
    expect(all.filter(({ rows }) => rows.length > 0).length).toBeGreaterThan(6)
    for (const { resource, rows } of all) {
      const { fields, primaryKey, foreignKeys = [] } = resource.schema
      const [header = ''] = textOf('csv', resource.path).split('\r\n')
      expect(header.split(',')).toEqual(fields.map(field => field.name))
      for (const row of rows)
        for (const { name, type, constraints } of fields) {
          const cell = row[name] ?? null
          if (cell === null ? constraints?.required : !isOfType(cell, type))
            expect.fail(`${resource.name}.${name} holds ${cell}, and should ${type}`)
        }
      expect(new Set(rows.map(row => keyOf(row, primaryKey))).size).toBe(rows.length)
      for (const { fields: columns, reference } of foreignKeys) {
        const others = all.find(other => other.resource.name === reference.resource)?.rows ?? []
        const there = new Set(others.map(row => keyOf(row, reference.fields)))
        expect(rows.filter(row => !there.has(keyOf(row, columns)))).toEqual([])
      }
      expect(resource.socsync.rows).toBe(rows.length)
      const counted = Object.entries(resource.socsync.rows_of).reduce((sum, [, count]) => sum + count, 0)
      expect(counted).toBe(rows.length)
    }
    expect(all.flatMap(({ resource }) => resource.schema.foreignKeys ?? [])).toHaveLength(6)
  })

  it('is what DuckDB reads of Parquet, JSON and JSON lines', async () => {
    for (const { path, schema, socsync: told } of resourcesOf('parquet')) {
      const columns = await duckdb(`describe select * from '${join(folder.file('parquet'), path)}'`)
      expect(columns.map(({ column_name: name }) => name)).toEqual(schema.fields.map(({ name }) => name))
      expect(await readParquet(join(folder.file('parquet'), path))).toHaveLength(told.rows)
    }
    const [{ path = '', schema } = { schema: null }] = resourcesOf('jsonl')
    const [first = '{}'] = textOf('jsonl', path).split('\n')
    expect(Object.keys(JSON.parse(first))).toEqual(schema?.fields.map(({ name }) => name))
    const [array] = resourcesOf('json')
    expect(jsonOf('json', array?.path ?? '')).toHaveLength(array?.socsync.rows ?? -1)
  })

  it('refers to nothing where only some rows were wanted, which says so', async () => {
    expect(await write('some', '--since', '2020-01-01', '--network', 'tiktok')).toMatchObject({ code: 0 })
    expect(resourcesOf('some').flatMap(({ schema }) => schema.foreignKeys ?? [])).toEqual([])
    expect(wrongInDataPackage(jsonOf('some', 'datapackage.json'))).toEqual([])
    const said = textOf('some', 'README.md')
    expect(said).toContain('only what fits network tiktok, since 2020-01-01T00:00:00.000Z')
    expect(said).not.toContain('Instagram')
    expect(textOf('some', 'list.txt')).toBe('tiktok:ada.bakes\ntiktok:gone.author\n')
  })
})

describe('what is said', () => {
  it('by the config file is in each description', async () => {
    const data = jsonOf('csv', 'datapackage.json')
    const croissant = jsonOf('csv', 'croissant.json')
    const { '@graph': graph } = jsonOf('csv', 'ro-crate-metadata.json')
    const root = graph.find((entity: { '@id': string }) => entity['@id'] === './')
    const datasette = jsonOf('csv', 'metadata.json')
    for (const [title, version] of [
      [data.title, data.version],
      [croissant.name, croissant.version],
      [root.name, root.version],
    ])
      expect({ title, version }).toEqual({ title: SAID.title, version: SAID.version })
    for (const text of [data.description, croissant.description, root.description, datasette.description])
      expect(text).toContain(SAID.description)
    expect([data.homepage, croissant.url, root.url, datasette.about_url]).toEqual(Array(4).fill(SAID.url))
    expect(data.licenses).toMatchObject([{ name: 'CC-BY-4.0' }])
    expect(croissant.license).toBe(data.licenses[0].path)
    expect(root.license).toEqual({ '@id': data.licenses[0].path })
    expect(datasette).toMatchObject({ license_url: data.licenses[0].path })
    const orcid = 'https://orcid.org/0000-0002-1825-0097'
    expect(data.contributors).toMatchObject([
      { title: 'Ada Example', path: orcid, organization: 'Institute of Examples' },
      { title: 'Bo Example' },
    ])
    expect(croissant.creator).toMatchObject([{ name: 'Ada Example', url: orcid }, { name: 'Bo Example' }])
    expect(root.creator).toHaveLength(2)
    expect(graph).toContainEqual(
      expect.objectContaining({ '@id': orcid, '@type': 'Person', name: 'Ada Example' }),
    )
  })

  it('by nobody is told as such', () => {
    expect(textOf('plain', 'README.md')).toMatch(/No licence was stated/)
    expect(jsonOf('plain', 'datapackage.json')).not.toHaveProperty('licenses')
    expect(jsonOf('plain', 'croissant.json')).toMatchObject({
      license: { name: 'No licence stated' },
      creator: [{ name: 'Not stated' }],
      url: './',
    })
    expect(textOf('plain', 'ro-crate-metadata.json')).toContain('No licence stated')
  })

  it('of the collection: list, flags, runs, times, networks, and that it is made up', () => {
    expect(textOf('plain', 'list.txt').split('\n').filter(Boolean)).toEqual(PROFILES)
    const { socsync: told, description } = jsonOf('plain', 'datapackage.json')
    expect(description).toContain('Made-up data of the sandbox')
    expect(told.real).toBe(false)
    expect(told.networks.map(({ name, listed }: { name: string; listed: number }) => [name, listed])).toEqual(
      [
        ['instagram', 2],
        ['youtube', 1],
        ['tiktok', 2],
      ],
    )
    const [times] = query(db, `select min(created_at) as first, max(created_at) as last from posts`)
    expect(told.collection).toMatchObject({
      runs: 1,
      asked: [{ runs: 1, scopes: ['all'], flags: { 'limit-comments': 40 } }],
      published: { from: times?.first, to: times?.last },
    })
    expect(description).toContain('--limit-comments 40')
  })

  it('to be missing is what `status` says', async () => {
    const { stdout } = await socsync(['status', '--json', '--db', db])
    const { completeness } = JSON.parse(stdout).run
    const { socsync: told } = jsonOf('plain', 'datapackage.json')
    const sumOf = (of: string): Record<string, [number, number]> => {
      const sums: Record<string, [number, number]> = {}
      for (const gap of told.missing)
        if (gap.of === of) {
          const [missing, within] = sums[gap.reason] ?? [0, 0]
          sums[gap.reason] = [missing + (gap.missing ?? 0), within + gap.within]
        }
      return sums
    }
    const comments = completeness.comment_gaps.map(
      (gap: { reason: string; comments: number; posts: number }) => [gap.reason, [gap.comments, gap.posts]],
    )
    expect(comments.length).toBeGreaterThan(1)
    expect(sumOf('comments')).toEqual(Object.fromEntries(comments))
    const posts = completeness.post_gaps.map((gap: { reason: string; posts: number; profiles: number }) => [
      gap.reason,
      [gap.posts, gap.profiles],
    ])
    expect(sumOf('posts')).toEqual(Object.fromEntries(posts))
    expect(sumOf('profiles')).toEqual({ 'not-found': [1, 1] })
  })

  it('is nothing of who asked, and of this machine', () => {
    for (const name of ['csv', 'plain'])
      for (const file of readdirSync(folder.file(name))) {
        const text = textOf(name, file)
        for (const secret of [folder.path, 'owner-of-the-key', 'app 4711', 'comments_refused_to'])
          expect(text.includes(secret), `${file}: ${secret}`).toBe(false)
      }
    expect(textOf('csv', 'posts.csv')).toMatch(/^network,id,/)
  })
})

it('the metadata for Datasette is of tables and columns that the database has', () => {
  const { databases } = jsonOf('csv', 'metadata.json')
  const name = isOnServer ? 'socsync' : 'newsroom'
  expect(Object.keys(databases)).toEqual([name])
  const { tables } = databases[name]
  expect(Object.keys(tables)).toEqual(expect.arrayContaining(['posts', 'sync_jobs', 'engagement']))
  for (const [table, { columns, units, facets, sort_desc, label_column }] of Object.entries<{
    columns: Record<string, string>
    units: Record<string, string>
    facets: string[]
    sort_desc?: string
    label_column?: string
  }>(tables)) {
    const there = query(db, `select name from pragma_table_info('${table}')`).map(({ name }) => name)
    const named = [...Object.keys(columns), ...Object.keys(units), ...facets]
    const chosen = [sort_desc, label_column].filter(name => name !== undefined)
    expect([...named, ...chosen].filter(name => !there.includes(name))).toEqual([])
    expect(Object.values(columns).every(text => /\.$/.test(text))).toBe(true)
  }
  expect(tables.media.units).toEqual({ width: 'px', height: 'px', duration_ms: 'ms' })
})

it('a package of a list of which nobody is there says so, and is as valid', async () => {
  const empty = folder.file('empty.db')
  const run = ['run', '--quiet', '--db', empty, 'tiktok:gone.author']
  expect(await socsync(run, { env: sandbox.env })).toMatchObject({ code: 0 })
  const out = folder.file('empty')
  expect(await socsync(['export', 'all', '--package', '--out', out, '--db', empty])).toMatchObject({
    code: 0,
  })
  expect(wrongInDataPackage(jsonOf('empty', 'datapackage.json'))).toEqual([])
  expect(await wrongInCroissant(jsonOf('empty', 'croissant.json'))).toEqual([])
  const crate = textOf('empty', 'ro-crate-metadata.json')
  expect(await wrongInCrate(crate, readdirSync(out))).toEqual([])
  expect(resourcesOf('empty').find(({ name }) => name === 'profiles')?.socsync).toMatchObject({ rows: 0 })
  expect(textOf('empty', 'README.md')).toContain('TikTok: 1 profile of the list: not-found')
})

describe('a package is refused before anything is written', () => {
  const bad = folder.file('bad.json')
  it.each([
    [['posts', '--package'], /--package goes with all/],
    [['graph', '--package'], /--package goes with all, not with a graph/],
    [['all', '--package', '--format', 'singer'], /messages of Singer are one file/],
    [['all', '--package', '--excel'], /--excel changes what cells hold/],
    [['all', '--package', '--gzip'], /leave out --gzip/],
    [['all', '--package', '--licence', 'CC-BY-4'], /"CC-BY-4".*\n.*did you mean CC-BY-4\.0/],
    [['all', '--package', '--title', ' '], /--title " " must be a text/],
    [['all', '--licence', 'MIT'], /--licence goes with --package/],
  ])('%j', async (args, says) => {
    const out = folder.file('refused')
    const refused = await socsync(['export', ...args, '--out', out, '--db', db])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(says)
    expect(existsSync(out)).toBe(false)
  })

  it.each([
    [{ licens: 'MIT' }, /"licens" in deposit of .*\n.*did you mean "licence"/],
    [{ url: 'here' }, /deposit\.url of .* must be an address/],
    [{ creators: [{ orcid: '0000-0002-1825-0097' }] }, /name of deposit\.creators\[0\]/],
    [{ creators: [{ name: 'A', orcid: '0000-0002-1825-0098' }] }, /orcid of deposit\.creators\[0\]/],
    [{ version: '1' }, /deposit\.version of .* must be a version such as 1\.0\.0/],
  ])('for the config %j', async (deposit, says) => {
    writeFileSync(bad, JSON.stringify({ deposit }))
    const out = folder.file('refused')
    const args = ['export', 'all', '--package', '--config', bad, '--out', out, '--db', db]
    const refused = await socsync(args)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(says)
    expect(existsSync(out)).toBe(false)
  })

  it('where a file of it is there, unless forced', async () => {
    const refused = await write('plain')
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toMatch(/is there already/)
    expect(await write('plain', '--force')).toMatchObject({ code: 0 })
  })
})
