import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type IdLine, readIds } from '../../../../src/app/ids/ids.ts'
import type { IdNetwork } from '../../../../src/app/ids/named-line.ts'
import { BadInput } from '../../../../src/core/errors.ts'
import * as tiktok from '../../../../src/networks/tiktok/ids.ts'
import * as youtube from '../../../../src/networks/youtube/ids.ts'
import { tempFolder } from '../../../support/cli.ts'
import { perFile } from '../../../support/fresh.ts'

const NETWORKS: readonly IdNetwork[] = [
  {
    name: 'youtube',
    hosts: youtube.HOSTS,
    parseId: youtube.parseId,
    idForms: 'a channel id or an @handle',
    others: { post: { parse: youtube.parseVideo, forms: 'a video id' } },
  },
  {
    name: 'tiktok',
    hosts: tiktok.HOSTS,
    parseId: tiktok.parseId,
    idForms: 'a username or an address',
    others: {},
  },
]

const OF_YOUTUBE = { network: 'youtube', networks: NETWORKS } as const

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

describe('a line may name a post', () => {
  const VIDEO = 'dQw4w9WgXcQ'

  test.each([
    `https://www.youtube.com/watch?v=${VIDEO}&t=3`,
    `youtube.com/shorts/${VIDEO}`,
    `https://youtu.be/${VIDEO}?si=x`,
    `youtu.be/${VIDEO}`,
    `youtube:post:${VIDEO}`,
    `YouTube: Post: ${VIDEO}`,
    `post:https://www.youtube.com/live/${VIDEO}`,
  ])('%s', async line => {
    expect(short(await read(`@ok\n${line}`.replace('@ok', 'youtube:@ok')))).toEqual([
      '1 youtube @ok',
      `2 youtube post:${VIDEO}`,
    ])
  })

  test('by --as, where it does not say it by itself', async () => {
    const text = `${VIDEO}\nprofile:@ok\nhttps://www.youtube.com/@other\n`
    const lines = await all(readIds({ args: text.trim().split('\n') }, { ...OF_YOUTUBE, as: 'post' }))
    expect(short(lines)).toEqual([`1 youtube post:${VIDEO}`, '2 youtube @ok', '3 youtube @other'])
    // Eleven characters are never guessed at.
    expect(short(await all(readIds({ args: [VIDEO] }, OF_YOUTUBE)))).toEqual([
      `1 youtube @${VIDEO.toLowerCase()}`,
    ])
  })

  test.each([
    ['post:abc', 'argument 1: "post:abc" is no youtube post', 'allowed: a video id'],
    ['pots:abc', 'names the network "pots", which is not known', 'did you mean post?'],
    ['tiktok:post:1', 'means tiktok, not youtube', 'leave --network out'],
  ])('%s is refused', async (line, message, hint) => {
    const error = await refusal(all(readIds({ args: [line] }, OF_YOUTUBE)))
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
  })

  test('of a network that cannot be asked for one', async () => {
    const error = await refusal(
      all(readIds({ args: ['tiktok:post:1'] }, { network: null, networks: NETWORKS })),
    )
    expect(error.message).toBe('argument 1: "tiktok:post:1": tiktok cannot be asked for a post')
    expect(error.hint).toBe('it can be asked for: profile')
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
    ['https://youtu.be/abc', 'is no youtube profile', 'a channel id'],
    ['https://instagr.am/x', 'a short link', 'open it in a browser'],
    ['vm.tiktok.com/abc', 'a short link', 'open it in a browser'],
    ['https://www.tiktok.com/t/abc', 'a short link', 'open it in a browser'],
    ['https://www.tiktok.com/tag/x', 'is no tiktok profile', 'a username or an address'],
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

describe('all bad lines are named at once', () => {
  test('each by its place, with one hint where they share it', async () => {
    const error = await refusal(read('@ok\na b\n\n@fine\nc d # note\n', 'youtube'))
    expect(error.message.replaceAll(/list-\d+\.txt/g, 'list').split('\n')).toEqual([
      '2 lines name no profile',
      expect.stringMatching(/^ {2}.*list, line 2: "a b" is no youtube profile$/),
      expect.stringMatching(/^ {2}.*list, line 5: "c d" is no youtube profile$/),
    ])
    expect(error.hint).toBe('allowed: a channel id or an @handle')
  })

  test('with a hint of its own where they differ', async () => {
    const error = await refusal(read('youtube:a b\nyotube:@x\nplain\nhttps://vm.tiktok.com/abc'))
    const [, ...lines] = error.message.split('\n')
    expect(lines.map(text => text.replace(/^.*?line /, ''))).toEqual([
      '1: "youtube:a b" is no youtube profile (allowed: a channel id or an @handle)',
      '2: "yotube:@x" names the network "yotube", which is not known (did you mean youtube?)',
      '3: "plain" does not say which network it means (pass --network, or write youtube:…, tiktok:…)',
      '4: "https://vm.tiktok.com/abc" is a short link, which does not say whose it is (open it in a browser and use the address of the profile that it leads to)',
    ])
    expect(error.hint).toBeNull()
  })

  test('the first 20, and how many more there are', async () => {
    const error = await refusal(
      read(Array.from({ length: 1_000 }, (_, n) => `no ${n}`).join('\n'), 'youtube'),
    )
    const lines = error.message.split('\n')
    expect(lines).toHaveLength(22)
    expect(lines[0]).toBe('1000 lines name no profile')
    expect(lines[20]).toContain('line 20: "no 19"')
    expect(lines[21]).toBe('  and 980 more')
  })
})

describe('a network says more of what it does not take', () => {
  const NUMBERS: IdNetwork = {
    name: 'numbers',
    hosts: ['youtube.com'],
    parseId: text => (/^\d+$/.test(text) ? text : null),
    explainId: text => (text.startsWith('PL') ? 'a playlist: give the channel that made it' : null),
    looksLike: text => (text.length === 11 ? 'a video id' : null),
    idForms: 'digits',
    others: {},
  }
  const options = { network: 'numbers', networks: [NUMBERS] }
  const readAll = (...args: readonly string[]) => all(readIds({ args }, options))

  test('why, in the place of what is allowed', async () => {
    expect((await refusal(readAll('PL1'))).hint).toBe('a playlist: give the channel that made it')
    expect((await refusal(readAll('QL1'))).hint).toBe('allowed: digits')
    expect((await refusal(readAll('https://www.youtube.com/c/North'))).message).toContain('a custom address')
  })

  test('an address that it takes is taken, whatever else is known of such', async () => {
    const custom: IdNetwork = { ...NUMBERS, parseId: text => text.split('/').at(-1) ?? null }
    const ids = readIds(
      { args: ['https://www.youtube.com/c/North'] },
      { network: 'numbers', networks: [custom] },
    )
    expect(short(await all(ids))).toEqual(['1 numbers North'])
  })

  const videos = ['12345678901', '12345678902', '12345678903']
  test('a list that is mostly of something else is refused in one line', async () => {
    const error = await refusal(readAll(...videos, '1', 'no number'))
    expect(error.message).toBe(
      'the list of ids: 3 of 5 lines look like a video id, not like a numbers profile',
    )
    expect(error.hint).toBe('allowed: digits')
  })

  test('not one with some of them, nor a very short one', async () => {
    expect(await readAll(...videos, '1', '2', '3')).toHaveLength(6)
    expect(await readAll(...videos.slice(1))).toHaveLength(2)
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
