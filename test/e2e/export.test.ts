import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { socsync, start, startProgram, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'

it('`export all` is of one moment: what is written between two of its files is in none of them', async () => {
  await using sandbox = await startSandbox({ networks })
  using folder = tempFolder()
  const db = folder.file('socsync.db')
  const run = ['run', '--scope', 'all', '--quiet', '--db', db]
  const ended = await socsync([...run, 'instagram:one.post'], { env: sandbox.env })
  expect(ended.code, ended.stderr).toBe(0)
  const [before] = query(
    db,
    'select (select count(*) from posts) as posts, (select count(*) from sync_tasks) as tasks',
  )

  // Nobody reads its second file at first: it stands still there, the profiles behind it and all others before it.
  const out = folder.file('out')
  mkdirSync(out)
  const pipe = join(out, 'posts.jsonl')
  await startProgram('mkfifo', [pipe]).ended
  const exporting = start(['export', 'all', '--format', 'jsonl', '--out', out, '--force', '--db', db])
  while (!existsSync(join(out, 'profiles.jsonl'))) await pause(10)
  expect((await socsync([...run, 'instagram:albums.only'], { env: sandbox.env })).code).toBe(0)
  const file = openWrite(db)
  file.exec(`update posts set caption = 'of a later moment'`)
  file.close()
  const posts = startProgram('cat', [pipe])
  const { code, stderr } = await exporting.ended
  expect(code, stderr).toBe(0)

  const linesOf = (name: string): string[] =>
    readFileSync(join(out, `${name}.jsonl`), 'utf8')
      .split('\n')
      .filter(Boolean)
  const { stdout } = await posts.ended
  expect(linesOf('profiles')).toHaveLength(1)
  expect(stdout.split('\n').filter(Boolean)).toHaveLength(Number(before?.posts))
  expect(stdout).not.toContain('of a later moment')
  expect(linesOf('jobs')).toHaveLength(1)
  expect(linesOf('tasks')).toHaveLength(Number(before?.tasks))
  const { files } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  const rows = Object.fromEntries(files.map((one: { name: string; rows: number }) => [one.name, one.rows]))
  expect(rows).toMatchObject({ 'profiles.jsonl': 1, 'posts.jsonl': before?.posts, 'jobs.jsonl': 1 })
}, 60_000)

it('a file is compressed as its name ends, or as a flag says; what says both ways, or is so already, is refused', async () => {
  await using sandbox = await startSandbox({ networks })
  using folder = tempFolder()
  const db = folder.file('socsync.db')
  const run = ['run', '--scope', 'posts', '--quiet', '--db', db, 'tiktok:ada.bakes']
  expect(await socsync(run, { env: sandbox.env })).toMatchObject({ code: 0 })
  const write = (...args: readonly string[]) => socsync(['export', ...args, '--db', db])
  const { stdout: plain } = await write('posts', '--format', 'jsonl')
  expect(plain.length).toBeGreaterThan(1_000)

  const gz = folder.file('posts.jsonl.gz')
  expect(await write('posts', '--out', gz)).toMatchObject({ code: 0 })
  expect(gunzipSync(readFileSync(gz)).toString()).toBe(plain)
  const all = folder.file('all')
  const packed = await write('all', '--format', 'jsonl', '--zstd', '--out', all)
  expect(packed, packed.stderr).toMatchObject({ code: 0 })
  expect(zstdDecompressSync(readFileSync(join(all, 'posts.jsonl.zst'))).toString()).toBe(plain)

  for (const [args, says] of [
    [['posts', '--out', folder.file('posts.csv.gz'), '--zstd'], /compressed in one way/],
    [['posts', '--out', folder.file('posts.csv'), '--zstd', '--gzip'], /compressed in one way/],
    [['posts', '--out', folder.file('posts.parquet'), '--gzip'], /parquet is compressed by itself/],
    [['posts', '--out', folder.file('posts.parquet'), '--format', 'csv'], /ends as parquet/],
  ] as const) {
    const refused = await write(...args)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(says)
  }
  expect(existsSync(folder.file('posts.csv'))).toBe(false)
}, 60_000)
