import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { BadInput, StoreBroken } from '../../../src/core/errors.ts'
import { exportAll, exportTable } from '../../../src/export/export.ts'
import { safeName } from '../../../src/export/safe-name.ts'
import type { Row, Table } from '../../../src/export/table.ts'
import { tempFolder } from '../../support/cli.ts'
import { perTest } from '../../support/fresh.ts'

const run = promisify(execFile)
const EXPORT = join(import.meta.dirname, '../../../src/export/export.ts')

const folder = perTest(tempFolder)

async function* rowsOf(count: number): AsyncGenerator<Row> {
  for (let id = 1; id <= count; id++) yield { id: String(id), caption: 'some words and more words' }
}

const table = (rows: AsyncIterable<Row> = rowsOf(3), name = 'posts'): Table => ({
  name,
  columns: [
    { name: 'id', type: 'id' },
    { name: 'caption', type: 'text' },
  ],
  rows,
})

const OPTIONS = { format: 'jsonl', excel: false, force: false } as const

/** Exports in a process of its own; `rows` is the body of the row generator, `out` the expression of its target. */
const script = (rows: string, out: string): string => `
  import { exportTable } from ${JSON.stringify(EXPORT)}
  const rows = async function* () { ${rows} }
  const table = { name: 'posts', columns: [{ name: 'id', type: 'id' }], rows: rows() }
  try {
    const result = await exportTable(table, ${out}, { format: 'jsonl', excel: false, force: true })
    console.error(JSON.stringify(result))
  } catch (error) {
    console.error(JSON.stringify({ name: error.name, message: error.message }))
    process.exitCode = 1
  }`
const MANY = `for (let i = 0; i < 1_000_000; i++) yield { id: 'x'.repeat(50) + i }`

const shell = (command: string, source: string, ...more: string[]) =>
  run('bash', [
    '-c',
    command,
    'bash',
    process.execPath,
    '--input-type=module',
    '--eval',
    source,
    ...more,
  ]).catch((failed: { stdout: string; stderr: string }) => failed)

describe('a file', () => {
  test('is written whole, for its owner alone, and counted', async () => {
    const out = folder().file('posts.jsonl')
    const { rows, bytes, sha256, whole } = await exportTable(table(rowsOf(5000)), out, OPTIONS)
    const { stdout } = await run('sha256sum', [out])
    expect({ rows, bytes, sha256, whole }).toEqual({
      rows: 5000,
      bytes: (await stat(out)).size,
      sha256: stdout.slice(0, 64),
      whole: true,
    })
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder().path)).toEqual(['posts.jsonl'])
  })

  test('is not there before its end, and never where the rows break off', async () => {
    const out = folder().file('posts.jsonl')
    const seen: string[][] = []
    const broken = async function* (): AsyncGenerator<Row> {
      yield* rowsOf(5000)
      seen.push(await readdir(folder().path))
      throw new Error('the store broke')
    }
    await expect(exportTable(table(broken()), out, OPTIONS)).rejects.toThrow('the store broke')
    expect(seen).toEqual([[expect.stringMatching(/^\.posts\.jsonl\.[\da-f-]+\.tmp$/)]])
    expect(await readdir(folder().path)).toEqual([])
  })

  test('that is there needs force; it is replaced at the end alone, through a link as well', async () => {
    const out = folder().file('posts.jsonl')
    const link = folder().file('link')
    await writeFile(out, 'mine')
    await chmod(out, 0o644)
    await symlink(out, link)
    await expect(exportTable(table(), link, OPTIONS)).rejects.toThrow(BadInput)
    await expect(exportTable(table(), out, OPTIONS)).rejects.toThrow(
      expect.objectContaining({
        message: `${out} is there already`,
        hint: expect.stringContaining('--force'),
      }),
    )
    expect(await readFile(out, 'utf8')).toBe('mine')
    await exportTable(table(), link, { ...OPTIONS, force: true })
    expect(await readFile(out, 'utf8')).toMatch(/^\{"id":"1"/)
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    expect((await readdir(folder().path)).sort()).toEqual(['link', 'posts.jsonl'])
  })

  test('that cannot be is refused by its path', async () => {
    await writeFile(folder().file('file'), '')
    for (const [out, why] of [
      [folder().path, 'is a folder'],
      [folder().file('none', 'a'), 'its folder does not exist'],
      [folder().file('file', 'a'), 'its folder does not exist'],
      [folder().file('x'.repeat(300)), 'its name is too long'],
    ] as const) {
      const error: unknown = await exportTable(table(), out, OPTIONS).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(BadInput)
      expect(error).toMatchObject({ message: expect.stringContaining(out) })
      expect(error).toMatchObject({ message: expect.stringContaining(why) })
    }
  })

  test('of a process that was killed leaves the old one, and its rest goes with the next export', async () => {
    const out = folder().file('posts.jsonl')
    await writeFile(out, 'old')
    const source = script(
      `${MANY}; process.stdout.write('half'); await new Promise(() => setInterval(() => {}, 1000))`,
      'process.argv[1]',
    )
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source, out])
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await readFile(out, 'utf8')).toBe('old')
    expect(await readdir(folder().path)).toHaveLength(2)

    const living = `.posts.jsonl.${(await readdir(folder().path)).join().match(/([\da-f]{8})-\d+-[\da-f]{12}/)?.[1]}-${process.pid}-0123456789ab.tmp`
    const elsewhere = '.posts.jsonl.00000000-1-0123456789ab.tmp'
    const longAgo = '.posts.jsonl.00000000-1-ba9876543210.tmp'
    const another = '.likes.jsonl.00000000-1-0123456789ab.tmp'
    for (const name of [living, elsewhere, longAgo, another]) await writeFile(folder().file(name), '')
    await utimes(folder().file(longAgo), 1, 1)
    await exportTable(table(), out, { ...OPTIONS, force: true })
    expect((await readdir(folder().path)).sort()).toEqual([another, living, elsewhere, 'posts.jsonl'].sort())
  })

  test('for which there is no room names its path and the free bytes, and leaves nothing', async () => {
    const out = folder().file('posts.jsonl')
    const { stderr } = await shell('ulimit -f 64; "$@"', script(MANY, 'process.argv[1]'), out)
    expect(JSON.parse(stderr)).toEqual({
      name: 'StoreBroken',
      message: expect.stringMatching(new RegExp(`^no room left to write ${out} \\(\\d+ bytes free\\)$`)),
    })
    expect(await readdir(folder().path)).toEqual([])
  })

  test('that is a device is written, not replaced', async () => {
    const before = await stat('/dev/full')
    const full: unknown = await exportTable(table(), '/dev/full', OPTIONS).catch((thrown: unknown) => thrown)
    expect(full).toBeInstanceOf(StoreBroken)
    expect(full).toMatchObject({ message: expect.stringContaining('no room left to write /dev/full') })
    expect((await stat('/dev/full')).ino).toBe(before.ino)
    await expect(exportTable(table(), '/dev/null', OPTIONS)).resolves.toMatchObject({ rows: 3, whole: true })
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
  })
})

describe('standard output', () => {
  test('arrives to the last byte', async () => {
    const { stdout, stderr } = await shell(
      '"$@" | sha256sum',
      script(MANY.replace('1_000_000', '100_000'), 'null'),
    )
    expect(JSON.parse(stderr)).toMatchObject({ rows: 100_000, whole: true, sha256: stdout.slice(0, 64) })
  })

  test('whose reader leaves ends in quiet, without the rest of the rows', async () => {
    const { stdout, stderr } = await shell('"$@" | head -n 1', script(MANY, 'null'))
    expect(stdout).toMatch(/^\{"id":"x+0"\}\n$/)
    const result = JSON.parse(stderr)
    expect(result.whole).toBe(false)
    expect(result.rows).toBeLessThan(100_000)
  })

  test('on a full disk is an error', async () => {
    const { stderr } = await shell('"$@" > /dev/full', script(MANY, 'null'))
    expect(JSON.parse(stderr)).toMatchObject({
      name: 'StoreBroken',
      message: expect.stringContaining('no room left to write standard output'),
    })
  })

  test('of a slow reader holds the rows back', async () => {
    let ahead = 0
    let most = 0
    const rows = async function* (): AsyncGenerator<Row> {
      for await (const row of rowsOf(20_000)) {
        ahead += JSON.stringify(row).length
        most = Math.max(most, ahead)
        yield row
      }
    }
    const stdout = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _, done) =>
        setImmediate(() => {
          ahead -= chunk.length
          done()
        }),
    })
    await exportTable(table(rows()), null, { ...OPTIONS, stdout })
    expect(most).toBeLessThan(3 * 64 * 1024)
  })
})

describe('a whole export', () => {
  const about = {
    version: '1.2.3',
    exported_at: '2026-03-01T00:00:00.000Z',
    parameters: { network: 'youtube' },
  }
  const tables = () => [table(rowsOf(3), 'posts'), table(rowsOf(0), 'likes')]

  test('is a folder of files and a manifest that vouches for them', async () => {
    const out = folder().file('new', 'export')
    const manifest = await exportAll(tables(), out, about, OPTIONS)
    expect((await readdir(out)).sort()).toEqual(['likes.jsonl', 'manifest.json', 'posts.jsonl'])
    expect(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))).toEqual(manifest)
    expect(manifest).toMatchObject({
      schema: 1,
      ...about,
      files: [{ name: 'posts.jsonl', rows: 3 }, { rows: 0 }],
    })
    const sums = manifest.files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')
    await writeFile(join(out, 'sums'), sums)
    await expect(run('sha256sum', ['--check', '--strict', 'sums'], { cwd: out })).resolves.toBeDefined()
    expect((await stat(out)).mode & 0o777).toBe(0o700)
  })

  test('refuses what is there before it writes anything, unless forced', async () => {
    await writeFile(folder().file('likes.jsonl'), 'mine')
    await expect(exportAll(tables(), folder().path, about, OPTIONS)).rejects.toThrow(
      /likes\.jsonl is there already/,
    )
    expect(await readdir(folder().path)).toEqual(['likes.jsonl'])
    await exportAll(tables(), folder().path, about, { ...OPTIONS, force: true })
    await expect(exportAll(tables(), folder().path, about, OPTIONS)).rejects.toThrow(
      /manifest\.json is there already/,
    )
  })

  test('that breaks off leaves no manifest, not even the old one', async () => {
    await exportAll(tables(), folder().path, about, OPTIONS)
    const broken = async function* (): AsyncGenerator<Row> {
      yield* rowsOf(1)
      throw new Error('the store broke')
    }
    const options = { ...OPTIONS, force: true }
    await expect(
      exportAll([table(rowsOf(9)), table(broken(), 'likes')], folder().path, about, options),
    ).rejects.toThrow()
    expect((await readdir(folder().path)).sort()).toEqual(['likes.jsonl', 'posts.jsonl'])
  })

  test('needs a folder, not a file', async () => {
    const out = folder().file('file')
    await writeFile(out, 'mine')
    await expect(exportAll(tables(), out, about, OPTIONS)).rejects.toThrow(
      `${out} cannot be written: a file stands where its folder should be`,
    )
  })

  test('stays in its folder whatever its tables are called', async () => {
    const names = [
      '../../etc/passwd',
      '/etc/passwd',
      '..',
      '.',
      '',
      '-rf',
      'a\0b',
      'a/b',
      'a\\b',
      'CON ',
      'ü',
    ]
    const out = folder().file('export')
    await mkdir(out)
    await exportAll(
      names.map(name => table(rowsOf(1), name)),
      out,
      about,
      OPTIONS,
    )
    expect(await readdir(folder().path)).toEqual(['export'])
    const files = await readdir(out)
    expect(files).toHaveLength(names.length + 1)
    for (const file of files) expect(file).toMatch(/^\w[\w-]*\.json(l)?$/)
  })
})

test('names from ids are kept where they are safe and never meet where they are not', () => {
  expect(safeName('posts')).toBe('posts')
  expect(safeName('7212345678901234567')).toBe('7212345678901234567')
  const ids = [
    'UCab',
    'UCAB',
    'ucab',
    '@north',
    '_north',
    'north.pier',
    'north_pier',
    'x'.repeat(200),
    'x'.repeat(201),
  ]
  const names = ids.map(id => safeName(id).toLowerCase())
  expect(new Set(names).size).toBe(ids.length)
  for (const name of names) expect(name).toMatch(/^\w[\w-]{0,99}$/)
})
