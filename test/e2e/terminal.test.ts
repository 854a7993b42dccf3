import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { BINARY, type Ended, socsync, start, startProgram, tempFolder } from '../support/cli.ts'
import { leaves } from '../support/commands.ts'
import { perTest } from '../support/fresh.ts'
import { startAndSignal, until } from '../support/kill.ts'
import { placeOf } from '../support/on-server.ts'
import { startSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query } from '../support/tables.ts'

const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const IDS = ['hollow.middle', 'two.pages.of.50', 'albums.only']
const RUN = ['run', '--network', 'instagram', '--concurrency', '1', ...IDS]
const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: { ...sandbox().env, ...env } })

/** Whether a process may be the first of a space of its own here, as in a container. */
const canBeFirst = spawnSync('/usr/bin/unshare', ['--pid', '--fork', 'true']).status === 0

describe('interrupted', () => {
  /** What the file has not as the world has it. */
  const lacking = () => {
    const world = IDS.flatMap(id => sandbox().truth('instagram', id))
    return differences(db(), 'instagram', world)
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s: the page in flight is finished, the state saved, exit %i, and resume finishes',
    async (signal, code) => {
      // The first call tells who asks, and brings no page.
      sandbox().setSwitch('slow', { value: 500, after: 3, times: 1 })
      const isFourth = (): boolean => sandbox().log.calls.length === 4
      const ended = await startAndSignal([...RUN, '--db', db()], { env: sandbox().env }, isFourth, signal)
      expect({ code: ended.code, signal: ended.signal }).toEqual({ code, signal: null })
      expect(sandbox().log.calls).toHaveLength(4)
      expect(
        query(db(), 'select pages from sync_tasks').reduce((sum, { pages }) => sum + Number(pages), 0),
      ).toBe(3)
      expect(ended.stderr).toContain('again to end at once')
      expect(ended.stdout).toMatch(/socsync resume/)
      expect(query(db(), `select * from sync_jobs where status in ('running', 'pending')`)).toEqual([])

      expect((await call(['resume', '--all', '--quiet'])).code).toBe(0)
      expect(sandbox().log.calls).toHaveLength(9)
      expect(lacking()).toEqual([])
    },
  )

  it.skipIf(!canBeFirst)(
    'as process 1 of a container, before a command takes signals: SIGTERM ends it',
    async () => {
      // Takes connections and says nothing: for ten seconds `status` waits here.
      const silent = createServer().listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const url = `postgres://nobody@127.0.0.1:${port}/none`
      const asked = once(silent, 'connection')
      const inside = ['--pid', '--fork', process.execPath, BINARY, 'status', '--db', url]
      const { pid, ended } = startProgram('/usr/bin/unshare', inside)
      const [socket] = (await asked) as [Socket]
      socket.on('error', () => {})
      const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
      process.kill(Number(child), 'SIGTERM')
      expect(await ended).toEqual({ code: 143, signal: null, stdout: '', stderr: '' })
      socket.destroy()
      silent.close()
    },
  )

  it('twice: it ends at once, in the middle of a call, and is still safe', async () => {
    sandbox().setSwitch('hang', { after: 2, times: 1 })
    const running = start([...RUN, '--db', db()], { env: sandbox().env })
    await until(running, () => sandbox().log.calls.length === 3)
    running.kill('SIGINT')
    await until(running, () => running.stderr().includes('again to end at once'))
    running.kill('SIGINT')
    const ended = await running.ended
    expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 130, signal: null })
    expect(ended.stderr).not.toContain('bug')
    expect(checkFile(db())).toEqual({ integrity: 'ok', foreignKeys: [] })
    expect((await call(['resume', '--all', '--quiet'])).code).toBe(0)
    expect(lacking()).toEqual([])
  })
})

describe('output', () => {
  it('a reader that leaves early (| head) is no error', async () => {
    expect((await call([...RUN, '--quiet'])).code).toBe(0)
    const place = placeOf(db())
    const child = spawn(process.execPath, [BINARY, 'export', 'media', '--format', 'jsonl', '--db', place])
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise(resolve => child.on('close', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('off a terminal: the summary on stdout, a line for each profile on stderr, no colours', async () => {
    const ended = await call(RUN)
    const lines = ended.stderr.trimEnd().split('\n')
    expect(lines.map(line => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC /, ''))).toEqual([
      'run 1 begins',
      ...IDS.map((_, index) =>
        expect.stringMatching(new RegExp(`^instagram (${IDS.join('|')}) succeeded · ${index + 1} of 3$`)),
      ),
    ])
    expect(ended.stdout).toMatch(/^run 1 .*\nprofiles {2}3 profiles · 3 succeeded\n/)
    expect(ended.stdout + ended.stderr).not.toContain('\u001b')
  })

  it('--log-format json: the lines of a log, each an object', async () => {
    const ended = await call([...RUN, '--log-format', 'json'])
    const lines = ended.stderr.trimEnd().split('\n')
    expect(
      lines.map(line => JSON.parse(line)).map(({ step, run_id, status }) => [step, run_id, status]),
    ).toEqual(IDS.map(() => ['job.ended', 1, 'succeeded']))
  })

  it('--log-file adds the lines to a file, with --quiet too, and writes none to stderr', async () => {
    const file = folder().file('nightly.log')
    const logged = ['--log-file', file, '--quiet']
    expect(await call([...RUN, ...logged])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await call([...RUN, '--fresh', ...logged, '--log-format', 'json'])).toMatchObject({ stderr: '' })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(1 + IDS.length * 2)
    expect(lines[0]).toMatch(/ run 1 begins$/)
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ step: 'job.ended', run_id: 2 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('a log file that cannot be written is refused before anything is asked', async () => {
    const ended = await call([...RUN, '--log-file', folder().file('none', 'a.log')])
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^socsync: the log file .*a\.log cannot be written: ENOENT\n {2}--log-file /)
    expect(sandbox().log.calls).toEqual([])
    expect(existsSync(db())).toBe(false)
  })

  it('--verbose tells every call and page, never a secret', async () => {
    const ended = await call([...RUN, '--verbose', '--log-format', 'json'])
    const steps = ended.stderr
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line).step)
    expect(steps.filter(step => step === 'call.sent')).toHaveLength(sandbox().log.calls.length)
    // One call tells who asks, and brings no page.
    expect(steps.filter(step => step === 'page.committed')).toHaveLength(sandbox().log.calls.length - 1)
    for (const [name, value] of Object.entries(sandbox().env)) {
      if (/TOKEN|SECRET|KEY/.test(name)) expect(ended.stdout + ended.stderr).not.toContain(value)
    }
  })

  it('--quiet: nothing where no person is needed', async () => {
    expect(await call([...RUN, '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  it('--json: one object with schema 1, of every command that has the flag', async () => {
    const ran = await call([...RUN, '--json', '--quiet'])
    const others = await Promise.all(
      [
        ['status'],
        ['status', '1'],
        ['jobs'],
        ['networks'],
        ['resume', '--all', '--quiet'],
        ['export', 'posts', '--out', folder().file('posts.csv')],
        ['export', 'all', '--out', folder().file('all')],
      ].map(args => call([...args, '--json'])),
    )
    for (const ended of [ran, ...others]) {
      expect({ code: ended.code, schema: JSON.parse(ended.stdout).schema }).toEqual({ code: 0, schema: 1 })
    }
    expect(JSON.parse(ran.stdout).run.jobs).toEqual({ succeeded: 3 })
  })

  it('on a terminal: bars and colours, none of them with NO_COLOR', async () => {
    const [plain, painted] = await Promise.all([
      onTerminal([...RUN, '--db', folder().file('plain.db')], { ...sandbox().env, NO_COLOR: '1' }),
      onTerminal([...RUN, '--db', folder().file('painted.db')], sandbox().env),
    ])
    expect(painted).toMatch(/3\/3 profiles/)
    expect(painted).toContain('\u001b[32m3 succeeded')
    expect(plain).toMatch(/3\/3 profiles/)
    // Moving the cursor is no colour.
    expect(plain).not.toMatch(/\u001b\[[\d;]*m/)
  })
})

describe('help', () => {
  const names = leaves(buildProgram()).map(({ name }) => name)

  it.each(['', ...names])('%s --help shows its use and examples, at once', async name => {
    const ended = await socsync([...name.split(' ').filter(Boolean), '--help'])
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
    expect(ended.stdout).toContain(`Usage: socsync ${name}`.trimEnd())
    expect(ended.stdout).toMatch(/(Examples|With .*):\n {2}\$ /)
    expect(ended.stdout).not.toMatch(/undefined|\[object/)
  })

  it('without a command it shows the help, exit 2', async () => {
    const ended = await socsync([])
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('Usage: socsync')
  })

  it('--version is that of the package', async () => {
    const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
    expect(await socsync(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })
})

/** What a terminal of 200 columns shows of a call: `script` gives it one. */
const onTerminal = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> => {
  const quoted = [process.execPath, BINARY, ...args].map(word => `'${word}'`).join(' ')
  const { code, stdout } = await startProgram('script', ['-qec', `stty cols 200; ${quoted}`, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
  }).ended
  expect(code, stdout).toBe(0)
  return stdout
}
