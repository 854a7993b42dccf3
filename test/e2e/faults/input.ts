import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { BINARY, type Ended, socsync, start, startProgram } from '../../support/cli.ts'
import { isOnServer, placeOf } from '../../support/on-server.ts'
import { openWrite } from '../../support/tables.ts'
import { CONCURRENCY, callsOf, openScene, SCENERY, type Scene, undisturbedOf } from './scene.ts'
import { differenceOf, unsound } from './sound.ts'
import type { Tally } from './tally.ts'

/** A fault around the file, the way out and what is printed: the network has no part in it. */
export interface InputRow {
  /** The number in docs/faults.md §1, and what goes wrong. */
  readonly name: string
  /** Plays it, and leaves a file that an undisturbed run would have left too. */
  readonly act: (scene: Scene) => Promise<void>
  /** Calls that it may cut off; none unless said. */
  readonly inFlight?: number
}

export const act = async ({ act: go, inFlight = 0 }: InputRow, tally: Tally): Promise<void> => {
  const undisturbed = await undisturbedOf(SCENERY.instagram)
  await using scene = await openScene(SCENERY.instagram)
  await go(scene)
  const difference = differenceOf(scene.db, undisturbed)
  const wasted = callsOf(scene.sandbox).length - undisturbed.calls
  tally.add(difference, wasted, inFlight)
  expect(difference).toEqual({ lost: [], duplicated: [], changed: [] })
  expect(unsound(scene.db)).toEqual([])
  expect(wasted, 'calls in vain').toBeLessThanOrEqual(inFlight)
}

const call = (scene: Scene, args: readonly string[], env = {}): Promise<Ended> =>
  socsync(args, { env: { ...scene.sandbox.env, ...env } })

const expectCode = async (code: number, says: RegExp, ended: Promise<Ended>): Promise<Ended> => {
  const found = await ended
  expect({ code: found.code, stderr: found.stderr }).toEqual({ code, stderr: expect.stringMatching(says) })
  return found
}

/** Another program holds the writing lock for so long while a run wants it. */
const withWriter = async ({ db, args, sandbox }: Scene, ms: number, after: number): Promise<Ended> => {
  sandbox.setSwitch('slow', { value: 60, after })
  const running = start(args.run, { env: sandbox.env })
  while (callsOf(sandbox).length <= after) await pause(3)
  const other = openWrite(db)
  other.pragma('busy_timeout = 5000')
  other.exec('begin immediate')
  await Promise.race([pause(ms), running.ended])
  other.exec('rollback')
  other.close()
  sandbox.switches.clear()
  return running.ended
}

const LOCKED: readonly InputRow[] = [
  {
    name: '11 another writer holds the file for a second: waited for',
    act: async scene => {
      const { code, stderr } = await withWriter(scene, 1_000, 2)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  },
  {
    name: '11 another writer holds the file for longer than anybody waits: exit 4, nothing lost',
    inFlight: CONCURRENCY,
    act: async scene => {
      const { code, stderr } = await withWriter(scene, 60_000, 6)
      expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/being written by another/) })
      await expectCode(0, /^$/, call(scene, scene.args.resume))
    },
  },
]

/** FAULTS 5 on a file that is new. The migration of an older one: `test/e2e/backup.test.ts`. */
const MADE: readonly InputRow[] = ['migrate', 'migrate.written'].map(point => ({
  name: `5 SIGKILL while a new file gets its schema (${point})`,
  act: async scene => {
    const { signal } = await call(scene, scene.args.run, { SOCSYNC_CRASH_AT: point })
    expect(signal).toBe('SIGKILL')
    await expectCode(0, /^$/, call(scene, scene.args.run))
  },
}))

/** Certificates by what is wrong with them (`test/fixtures/tls/make.sh`). */
const CERTIFICATES = {
  expired: ['expired', /set the clock right/],
  'of another host': ['other-host', /another host answers/],
  'self-signed': ['self-signed', /NODE_EXTRA_CA_CERTS/],
} as const

const TLS: readonly InputRow[] = Object.entries(CERTIFICATES).map(([name, [file, advice]]) => ({
  name: `30 a certificate that is ${name}: not tried again, and no advice to look away`,
  act: async scene => {
    const pem = (part: string): Buffer =>
      readFileSync(new URL(`../../fixtures/tls/${part}.pem`, import.meta.url))
    const asked: string[] = []
    const server = createServer({ key: pem('key'), cert: pem(file) }, ({ url = '' }, response) => {
      asked.push(url)
      response.end('{}')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const env = {
      SOCSYNC_INSTAGRAM_BASE_URL: `https://localhost:${port}`,
      NODE_EXTRA_CA_CERTS: new URL('../../fixtures/tls/ca.pem', import.meta.url).pathname,
    }
    // It does not pass by itself: a person is told.
    const { stderr } = await expectCode(
      5,
      /^socsync: instagram: misconfigured on .*cert/,
      call(scene, scene.args.run, env),
    )
    expect(stderr).toMatch(advice)
    expect(stderr).not.toMatch(/insecure|reject_?unauthorized|report/i)
    expect(asked, 'nothing was sent, no token with it').toEqual([])
    await new Promise(resolve => server.close(resolve))
    await expectCode(0, /^$/, call(scene, scene.args.resume))
  },
}))

/** A file with rows enough that an export takes its time. */
const EXPORTED_ROWS = 50_000
const fill = (path: string): void => {
  const file = openWrite(path)
  file.exec(`insert into metrics (network, subject, subject_id, name, observed_at, value)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${EXPORTED_ROWS})
    select 'instagram', 'post', 'made-' || i, 'like_count', '2026-10-01T00:00:00.000Z', i from n`)
  file.close()
}

const exporting = ({ db }: Scene, ...more: readonly string[]): readonly string[] => [
  ...['export', 'metrics', '--format', 'jsonl', '--db', placeOf(db)],
  ...more,
]

const run = async (scene: Scene): Promise<void> => {
  await expectCode(0, /^$/, call(scene, scene.args.run))
  fill(scene.db)
}

/** Runs a line in a shell. */
const shell = (line: string): Promise<Ended> => startProgram('bash', ['-c', line]).ended

const quoted = (args: readonly string[]): string =>
  [process.execPath, BINARY, ...args].map(word => `'${word}'`).join(' ')

/** `socsync … | reader`. Gives the exit code of socsync and what the reader wrote. */
const piped = (args: readonly string[], reader: string): Promise<Ended> =>
  shell(`${quoted(args)} | ${reader}; exit \${PIPESTATUS[0]}`)

const OUTPUT: readonly InputRow[] = [
  {
    name: '6 SIGKILL while an export is written: the old file stays, the next one clears up',
    act: async scene => {
      await run(scene)
      const { folder } = scene
      const out = folder.file('metrics.jsonl')
      const left = (): readonly string[] => readdirSync(folder.path).filter(name => name.endsWith('.tmp'))
      // One that ends before it was caught in the middle is begun again.
      for (let signal: Ended['signal'] = null; signal === null; ) {
        writeFileSync(out, 'old\n')
        const running = start(exporting(scene, '--out', out, '--force'))
        let over = false
        void running.ended.then(() => {
          over = true
        })
        while (left().length === 0 && !over) await pause(1)
        running.kill('SIGKILL')
        signal = (await running.ended).signal
        if (left().length === 0) signal = null
      }
      expect(readFileSync(out, 'utf8')).toBe('old\n')
      expect(left()).toHaveLength(1)
      await expectCode(0, /rows in/, call(scene, exporting(scene, '--out', out, '--force')))
      expect(left()).toEqual([])
      expect(linesOf(readFileSync(out, 'utf8'))).toBeGreaterThan(EXPORTED_ROWS)
    },
  },
  {
    name: '10 no room left where an export goes: exit 1, in a sentence',
    act: async scene => {
      await run(scene)
      for (const to of ['> /dev/full', '--out /dev/full']) {
        const { code, stderr } = await shell(`${quoted(exporting(scene))} ${to}`)
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^socsync: no room left/) })
      }
    },
  },
  {
    name: '77 the reader of an export leaves: no error',
    act: async scene => {
      await run(scene)
      const { code, stdout, stderr } = await piped(exporting(scene), 'head -n 2')
      expect({ code, stderr, lines: linesOf(stdout) }).toEqual({ code: 0, stderr: '', lines: 2 })
    },
  },
  {
    name: '78 a pipe that is full for a second: every line arrives',
    act: async scene => {
      await run(scene)
      const { code, stdout } = await piped(exporting(scene), '(sleep 1; wc -l)')
      expect(code).toBe(0)
      expect(Number(stdout)).toBeGreaterThan(EXPORTED_ROWS)
    },
  },
]

const linesOf = (text: string): number => text.split('\n').length - 1

const IDS: readonly InputRow[] = [
  {
    name: '69 a list with byte-order mark, CRLF, blanks, comments and duplicates',
    act: async scene => {
      const list = scene.folder.file('ids.txt')
      const [first = '', ...others] = SCENERY.instagram.ids
      writeFileSync(
        list,
        `\ufeff# mine\r\n\r\n  ${first}  \r\n@${others.join('\r\nhttps://www.instagram.com/')}/\r\n${first}\r\n`,
      )
      const flags = scene.args.run.filter(
        word => !(SCENERY.instagram.ids as readonly string[]).includes(word),
      )
      await expectCode(0, /^$/, call(scene, [...flags, '--ids', list]))
    },
  },
  {
    name: '72 a list with an id that is none: refused whole, before any call',
    act: async scene => {
      const list = scene.folder.file('ids.txt')
      writeFileSync(list, `${SCENERY.instagram.ids.join('\n')}\n../../../etc/passwd\n`)
      const flags = scene.args.run.filter(
        word => !(SCENERY.instagram.ids as readonly string[]).includes(word),
      )
      await expectCode(2, /line 4/, call(scene, [...flags, '--ids', list]))
      expect({ file: existsSync(scene.db), calls: callsOf(scene.sandbox).length }).toEqual({
        file: false,
        calls: 0,
      })
      await expectCode(0, /^$/, call(scene, scene.args.run))
    },
  },
]

/** FAULTS 5, 6, 10, 11, 30, 69, 72, 77, 78. Spoilt files and full disks: `test/e2e/file.test.ts`; more input: `bad-input.test.ts`. */
/** On a server nobody holds a file, and what it sends is written before the writing can be met with a signal. */
const ON_SERVER = OUTPUT.filter(({ name }) => !name.startsWith('6 '))
export const INPUT: readonly InputRow[] = [
  ...(isOnServer ? ON_SERVER : [...LOCKED, ...OUTPUT]),
  ...MADE,
  ...TLS,
  ...IDS,
]
