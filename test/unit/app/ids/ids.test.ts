import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type IdLine, type IdNetwork, readIds } from '../../../../src/app/ids/ids.ts'
import { BadInput } from '../../../../src/core/errors.ts'
import * as tiktok from '../../../../src/networks/tiktok/ids.ts'
import * as youtube from '../../../../src/networks/youtube/ids.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perFile } from '../../../support/fresh.ts'

const NETWORKS: readonly IdNetwork[] = [
  { name: 'youtube', hosts: youtube.HOSTS, parseId: youtube.parseId, idForms: 'a channel id or an @handle' },
  { name: 'tiktok', hosts: tiktok.HOSTS, parseId: tiktok.parseId, idForms: 'a username or an address' },
]

const folder = perFile(tempFolder)
let files = 0

const list = async (content: string | Uint8Array): Promise<string> => {
  const file = folder().file(`list-${files++}.txt`)
  await writeFile(file, content)
  return file
}

const all = async (ids: AsyncIterable<IdLine>): Promise<IdLine[]> => Readable.from(ids).toArray()

const read = async (content: string | Uint8Array, network: string | null = null): Promise<IdLine[]> =>
  all(readIds({ file: await list(content) }, { network, networks: NETWORKS }))

const refusal = async (lines: Promise<unknown>): Promise<BadInput> => {
  const error: unknown = await lines.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(BadInput)
  return error as BadInput
}

const short = (lines: readonly IdLine[]): string[] =>
  lines.map(id => `${id.line} ${id.network} ${id.entityId}`)

describe('a list', () => {
  test('may have a byte-order mark, CRLF, blanks, comments, spaces and duplicates', async () => {
    const content =
      '\ufeff@north\r\n\r\n  # a whole line\r\n\t@South \t# the other one\r\n@north\n#\n   \nlast'
    expect(await read(content, 'youtube')).toEqual([
      { line: 1, text: '@north', network: 'youtube', entityId: '@north' },
      { line: 4, text: '@South', network: 'youtube', entityId: '@south' },
      { line: 5, text: '@north', network: 'youtube', entityId: '@north' },
      { line: 8, text: 'last', network: 'youtube', entityId: '@last' },
    ])
  })

  test('names its networks by prefix and by address', async () => {
    const content = [
      'youtube:@north',
      'TikTok: south',
      'https://www.youtube.com/@East?si=1#top # with a fragment',
      'tiktok.com/@west',
      'youtube:https://m.youtube.com/user/Old',
      'youtube:user/Old',
    ].join('\n')
    expect(short(await read(content))).toEqual([
      '1 youtube @north',
      '2 tiktok south',
      '3 youtube @east',
      '4 tiktok west',
      '5 youtube user/old',
      '6 youtube user/old',
    ])
  })

  test('comes from standard input in pieces of any size', async () => {
    const bytes = Buffer.from('\ufeffยูทูบ\r\n@ñandú\n')
    for (const size of [1, 2, 3, 7]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const ids = readIds({ stdin: Readable.from(pieces) }, { network: 'youtube', networks: NETWORKS })
      expect(short(await all(ids))).toEqual(['1 youtube @ยูทูบ', '2 youtube @ñandú'])
    }
    const decoded = Readable.from(['@no', 'rth\n@sou', 'th'])
    expect(short(await all(readIds({ stdin: decoded }, { network: 'tiktok', networks: NETWORKS })))).toEqual([
      '1 tiktok north',
      '2 tiktok south',
    ])
  })

  test('comes from arguments, which are counted', async () => {
    const options = { network: 'tiktok', networks: NETWORKS }
    expect(short(await all(readIds({ args: ['@a1', 'b2'] }, options)))).toEqual([
      '1 tiktok a1',
      '2 tiktok b2',
    ])
    expect((await refusal(all(readIds({ args: ['@a1', 'b 2'] }, options)))).message).toBe(
      'argument 2: "b 2" is no tiktok profile',
    )
  })
})

describe('a line is refused by its place, with what is allowed', () => {
  test.each([
    ['plain', '"plain" does not say which network it means', 'youtube:…, tiktok:…'],
    ['yotube:@x', 'names the network "yotube", which is not known', 'did you mean youtube?'],
    ['https://example.org/@x', '"https://example.org/@x" is an address of no network', 'youtube.com'],
    ['https://youtube.com@example.org/@x', 'is an address of no network', 'youtube.com'],
    ['https://youtube.com.example.org/@x', 'is an address of no network', 'youtube.com'],
    ['https://www.youtube.com/c/North', 'a custom address (/c/…)', '@handle'],
    ['youtube.com/c/North', 'a custom address (/c/…)', '@handle'],
    ['https://youtu.be/abc', 'a short link', 'open it in a browser'],
    ['vm.tiktok.com/abc', 'a short link', 'open it in a browser'],
    ['https://www.tiktok.com/t/abc', 'a short link', 'open it in a browser'],
    ['https://www.tiktok.com/@x/video/1', 'is no tiktok profile', 'a username or an address'],
    ['tiktok:https://youtube.com/@x', 'means youtube, not tiktok', 'the same network'],
    ['youtube:@a#b', '"youtube:@a#b" is no youtube profile', 'a channel id'],
    ['youtube:', '"youtube:" is no youtube profile', 'a channel id'],
    ['youtube:UC12345678901234567890ab', 'is no youtube profile', 'a channel id'],
  ])('%s', async (line, message, hint) => {
    const error = await refusal(read(`# heading\n\n${line}\n`))
    expect(error.message).toMatch(/list-\d+\.txt, line 3/)
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
  })

  test('where --network says another one', async () => {
    for (const line of ['tiktok:@x', 'https://www.tiktok.com/@x']) {
      const error = await refusal(read(`@ok\n${line}`, 'youtube'))
      expect(error.message).toMatch(/line 2: ".*" means tiktok, not youtube$/)
      expect(error.hint).toContain('--network')
    }
    const unknown = await refusal(read('@x', 'titkok'))
    expect(unknown.message).toBe('--network names the network "titkok", which is not known')
    expect(unknown.hint).toBe('did you mean tiktok?')
  })

  test('what it holds is shown without controls, at most 60 characters', async () => {
    const error = await refusal(read(`\u001b]0;title\u0007\u202e\r${'😀'.repeat(80)}`, 'tiktok'))
    expect(error.message).toContain('"\\u{1b}]0;title\\u{7}\\u{202e}\\u{d}😀')
    expect([...error.message.replace(/^.*?: /, '')].filter(character => character === '😀')).toHaveLength(48)
  })
})

describe('a source that is no list', () => {
  test.each([
    ['UTF-16', Buffer.from('\ufeff@north\n', 'utf16le'), 'is UTF-16'],
    ['UTF-16 without a mark', Buffer.from('@north\n', 'utf16le'), 'line 1 holds a NUL byte'],
    ['binary', Buffer.from([0x40, 0x61, 0x0a, 0x00, 0x01]), 'line 2 holds a NUL byte'],
    ['one line without end', Buffer.alloc(11_000, 'a'), 'line 1 is longer than 10000 characters'],
    ['empty', Buffer.alloc(0), 'holds no id'],
    ['comments alone', Buffer.from('# nobody\n\n'), 'holds no id'],
  ])('%s', async (_, content, message) => {
    const error = await refusal(read(content, 'youtube'))
    expect(error.message).toMatch(/list-\d+\.txt/)
    expect(error.message).toContain(message)
    expect(error.hint).not.toBeNull()
  })

  test('is refused by its line, however far down', async () => {
    const error = await refusal(read(`${'@north\r\n'.repeat(50_000)}\0`, 'youtube'))
    expect(error.message).toMatch(/, line 50001 holds a NUL byte/)
  })

  test('a file that is not there, and a folder', async () => {
    const options = { network: 'youtube', networks: NETWORKS }
    const missing = folder().file('nobody.txt')
    expect((await refusal(all(readIds({ file: missing }, options)))).message).toBe(
      `${missing} does not exist`,
    )
    await mkdir(folder().file('sub'))
    expect((await refusal(all(readIds({ file: folder().file('sub') }, options)))).message).toMatch(
      /is a folder$/,
    )
    const broken = Readable.from(
      (async function* () {
        yield '@north\n'
        throw Object.assign(new Error('gone'), { code: 'EIO' })
      })(),
    )
    expect((await refusal(all(readIds({ stdin: broken }, options)))).message).toBe(
      'standard input cannot be read (EIO)',
    )
  })
})

test('whatever a line holds, it is a clean key or a refusal that names it', async () => {
  const seeds = [
    '../',
    '?a=b',
    '#',
    '%2e%2e%2f',
    '\u0000'.slice(1),
    ' ',
    '\t',
    '@',
    ':',
    '//',
    '😀',
    '\u202e',
    'é',
    'UC',
    'a'.repeat(200),
  ]
  let state = 7
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  let kept = 0
  for (let round = 0; round < 3000; round++) {
    const line = Array.from({ length: 1 + next(6) }, () =>
      next(3) === 0 ? 'north' : seeds[next(seeds.length)],
    ).join('')
    const network = next(2) === 0 ? 'youtube' : 'tiktok'
    try {
      const ids = await all(readIds({ args: [line] }, { network, networks: NETWORKS }))
      for (const { entityId } of ids) {
        kept += 1
        expect(entityId).toMatch(/^(@|user\/)?[\p{L}\p{M}\p{N}_.·-]+$/u)
        expect(entityId).not.toMatch(/\.\.\/|[?#%\s\p{C}]/u)
      }
    } catch (error) {
      expect(error).toBeInstanceOf(BadInput)
      expect((error as BadInput).message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect((error as BadInput).message.length).toBeLessThan(1000)
    }
  }
  expect(kept).toBeGreaterThan(300)
})

test('a list of a million lines fits through a heap that could not hold it', async () => {
  const app = JSON.stringify(join(import.meta.dirname, '../../../../src/app/ids/ids.ts'))
  const script = `
    import { Readable } from 'node:stream'
    import { readIds } from ${app}
    const block = Array.from({ length: 1000 }, (_, i) => '@profile.' + i + ' # note\\r\\n').join('')
    const blocks = function* () { for (let i = 0; i < 1000; i++) yield Buffer.from(block) }
    const network = { name: 'n', hosts: [], idForms: '', parseId: text => text.slice(1) }
    let last = 0
    const ids = readIds({ stdin: Readable.from(blocks()) }, { network: 'n', networks: [network] })
    for await (const id of ids) last = id.line
    console.log(last)`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=32',
    '--input-type=module',
    '--eval',
    script,
  ])
  expect(stdout).toBe('1000000\n')
})
