// @module-tag long
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { MultiGraph as Graph } from 'graphology'
import { parse as parseGexf } from 'graphology-gexf'
import { parse as parseGraphml } from 'graphology-graphml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, type Row } from '../support/tables.ts'

const folder = tempFolder()
const db = folder.file('socsync.db')
let sandbox: TestSandbox

const CHANNEL = 'UCtggNqnHV2t1SqIx2UqiMdg'
const call = async (...args: readonly string[]) => socsync([...args, '--db', db], { env: sandbox.env })

beforeAll(async () => {
  sandbox = await startSandbox()
  const ids = [`youtube:${CHANNEL}`, 'instagram:two.pages.of.50', 'tiktok:shelf.keeper']
  const ended = await call(
    'run',
    '--scope',
    'all',
    '--since',
    '2026-07-01',
    '--limit-comments',
    '40',
    '--quiet',
    ...ids,
  )
  expect(ended.code, ended.stderr).toBe(0)
  const writing = openWrite(db)
  const [post] = writing.prepare(`select * from posts where network = 'youtube' limit 1`).all() as Row[]
  const comment = (
    id: string,
    author: string | null,
    name: string | null,
    content: string,
    at: string | null,
  ): void => {
    writing
      .prepare(
        `insert into comments (network, id, post_id, author_id, author_name, content, created_at, first_seen_at, fetched_at, job_id, walk_id)
          values ('youtube', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        post?.id,
        author,
        name,
        content,
        at,
        post?.fetched_at,
        post?.fetched_at,
        post?.job_id,
        post?.walk_id,
      )
  }
  // What no world tells: strange names, an author without an id, and mentions of all sorts.
  comment(
    'c1',
    'UCodd',
    '"a" & <b>\u0001\t\n😀',
    'hello @Odd.One and odd.one@example.org',
    '2026-09-01T00:00:00.000Z',
  )
  comment('c2', 'UCodd', '"a" & <b>\u0001\t\n😀', '@odd.one again', '2026-09-03T00:00:00.000Z')
  comment('c3', null, '@Odd.One', 'me?', null)
  comment('c4', 'UChandle', '@handled', 'by id', '2026-09-02T00:00:00.000Z')
  comment('c5', 'UCodd', '"a" & <b>\u0001\t\n😀', 'gone: @never', '2026-09-04T00:00:00.000Z')
  writing.exec(`
    update comments set missing_since = '2026-10-01T00:00:00.000Z' where id = 'c5';
    update posts set mentions = '["two.pages.of.50","HANDLED"]' where network = 'youtube' and id = '${post?.id}';
    update posts set mentions = '["Two.Pages.of.50"]' where network = 'instagram' and id = (select min(id) from posts where network = 'instagram')`)
  writing.close()
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const PARSERS: Readonly<Record<string, (text: string) => Graph>> = {
  gexf: text => parseGexf(Graph, text, { allowUndeclaredAttributes: false }),
  graphml: text => parseGraphml(Graph, text),
}

describe.each(Object.keys(PARSERS))('export graph as %s, read by another program', format => {
  let text: string
  let graph: Graph
  const edgesOf = (kind: string): Row[] =>
    graph
      .filterEdges((_, edge) => edge.kind === kind)
      .map(
        edge =>
          ({
            ...graph.getEdgeAttributes(edge),
            source: graph.source(edge),
            target: graph.target(edge),
          }) as Row,
      )

  beforeAll(async () => {
    const out = folder.file(`people.${format}`)
    const ended = await call('export', 'graph', '--out', out)
    expect(ended.code, ended.stderr).toBe(0)
    expect(ended.stderr).toMatch(/^\d+ nodes and \d+ edges in /)
    text = readFileSync(out, 'utf8')
    graph = PARSERS[format]?.(text) as Graph
  })

  it('has a node for each profile of the list', () => {
    for (const profile of query(db, 'select * from profiles')) {
      const node = graph.getNodeAttributes(`${profile.network}:${profile.id}`)
      expect(node).toMatchObject({
        ...{
          network: profile.network,
          role: 'profile',
          id: profile.id,
          label: profile.name ?? profile.username,
        },
        username: String(profile.username).replace(/^@/, ''),
        followers_count: profile.followers_count,
      })
    }
  })

  it('has an edge from each author to each profile below whose posts that one commented', () => {
    const expected = query(
      db,
      `select case when author_id is null then 'youtube:@' || lower(substr(author_name, 2)) else comments.network || ':' || author_id end as source,
        comments.network || ':' || profile_id as target, count(*) as weight,
        min(comments.created_at) as first_at, max(comments.created_at) as last_at
      from comments join posts on posts.network = comments.network and posts.id = post_id
      where comments.missing_since is null and coalesce(author_id, author_name) is not null group by 1, 2`,
    )
    expect(expected.length).toBeGreaterThan(20)
    const sorted = (rows: readonly Row[]): string[] =>
      rows
        .map(row => [row.source, row.target, row.weight, row.first_at ?? '', row.last_at ?? ''].join(' '))
        .sort()
    expect(sorted(edgesOf('commented'))).toEqual(sorted(expected))
  })

  it('has an edge for whom a caption or a comment mentions, to the profile or author where that is known', () => {
    const mentions = edgesOf('mentions')
    const of = (source: string, target: string): Row | undefined =>
      mentions.find(edge => edge.source === source && edge.target === target)
    expect(of('youtube:UCodd', 'youtube:@odd.one')).toMatchObject({
      ...{ weight: 2, first_at: '2026-09-01T00:00:00.000Z', last_at: '2026-09-03T00:00:00.000Z' },
    })
    expect(of(`youtube:${CHANNEL}`, 'youtube:UChandle')).toMatchObject({ weight: 1 })
    // Of another network with that name nobody is meant.
    expect(of(`youtube:${CHANNEL}`, 'youtube:@two.pages.of.50')).toMatchObject({ weight: 1 })
    const [{ id } = {}] = query(db, `select id from profiles where username = 'two.pages.of.50'`)
    expect(of(`instagram:${id}`, `instagram:${id}`)).toMatchObject({ weight: 1 })
    expect(mentions.filter(({ target }) => /never|example/.test(String(target)))).toEqual([])
    expect(graph.getNodeAttributes('youtube:@odd.one')).toMatchObject({ role: 'other', username: 'Odd.One' })
  })

  it('names are whole, but for what XML does not know', () => {
    expect(graph.getNodeAttribute('youtube:UCodd', 'label')).toBe('"a" & <b>\uFFFD\t\n😀')
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  })

  it('is compressed as its name says, and on stdout by --format', async () => {
    const packed = folder.file(`people.${format}.gz`)
    expect((await call('export', 'graph', '--out', packed)).code).toBe(0)
    expect(gunzipSync(readFileSync(packed)).toString()).toBe(text)
    const { stdout } = await call('export', 'graph', '--format', format)
    expect(stdout).toBe(text)
  })

  it('is of one profile, network or time alone', async () => {
    const narrowed = async (...flags: readonly string[]): Promise<Graph> =>
      PARSERS[format]?.((await call('export', 'graph', '--format', format, ...flags)).stdout) as Graph
    const one = await narrowed('--entity', 'two.pages.of.50')
    expect(one.filterNodes((_, node) => node.role === 'profile')).toHaveLength(1)
    expect(one.size).toBe(1)
    const tiktok = await narrowed('--network', 'tiktok')
    expect(tiktok.filterNodes((_, node) => node.role === 'profile')).toHaveLength(1)
    // Whom posts mention is told there.
    expect(tiktok.order).toBe(2)
    expect((await narrowed('--since', '2026-10-02')).size).toBe(0)
  })
})

it.each([
  [['--format', 'csv'], /--format "csv" is not known.*\n.*allowed: gexf, graphml/],
  [['--columns', 'id'], /--columns is about rows, and a graph has none/],
  [['--excel'], /--excel is about rows/],
  [['--out', 'people.gexf', '--format', 'graphml'], /ends as gexf, and --format says graphml/],
])('%j is refused', async (flags, message) => {
  const ended = await call('export', 'graph', ...flags)
  expect(ended).toMatchObject({ code: 2, stdout: '' })
  expect(ended.stderr).toMatch(message)
})

it('rows have no format of graphs', async () => {
  expect(await call('export', 'posts', '--format', 'gexf')).toMatchObject({ code: 2, stdout: '' })
})
