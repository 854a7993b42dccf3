// @module-tag long
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { noTerminal, type OnTerminal, startOnTerminal } from '../support/terminal.ts'

if (noTerminal !== null) process.stderr.write(`the tests on a terminal are left out: ${noTerminal}\n`)

const WIDTHS = [60, 80, 120]

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(50)
}

/** The widest line of some, in columns. */
const widest = (lines: readonly string[]): number => Math.max(0, ...lines.map(line => line.length))

describe.skipIf(noTerminal !== null)('help', () => {
  it.each(WIDTHS)('is as wide as a terminal of %i columns', async columns => {
    const running = startOnTerminal(['export', '--help'], { columns })
    expect(await running.ended).toBe(0)
    const lines = running.lines()
    expect(widest(lines)).toBeLessThanOrEqual(columns)
    expect(widest(lines)).toBeGreaterThan(columns - 16)
    expect(running.output()).toContain('Exit codes:')
  })
})

describe.skipIf(noTerminal !== null)('a run', () => {
  const folder = tempFolder()
  let sandbox: TestSandbox
  beforeAll(async () => {
    sandbox = await startSandbox({ networks })
  })
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const RUN = ['run', '--scope', 'posts', 'instagram:two.pages.of.50', 'youtube:UCtggNqnHV2t1SqIx2UqiMdg']
  const startRun = (columns: number, db: string): OnTerminal =>
    startOnTerminal([...RUN, '--fresh', '--db', folder.file(db)], { columns, env: sandbox.env })

  it.each(WIDTHS)(
    'draws no line that is too long for %i columns, and ends with what was done',
    async columns => {
      const running = startRun(columns, `${columns}.db`)
      expect(await running.ended).toBe(0)
      const frames = running.frames()
      expect(frames.length).toBeGreaterThan(1)
      // Behind the last frame stands the summary, which has lines that are to be pasted.
      const drawn = frames.slice(1, -1)
      for (const frame of drawn) expect(widest(frame)).toBeLessThan(columns)
      const last = (frames.at(-1) ?? []).join('\n')
      expect(last).toMatch(/ instagram 1\/1 profiles\b/)
      expect(last).toMatch(/units left/)
      expect(last.match(/done in/g)).toHaveLength(2)
      expect(last).not.toContain('stopped')
    },
  )

  it('is drawn anew, as narrow as it is then, when the terminal is made narrower', async () => {
    sandbox.setSwitch('hang', { network: 'youtube', times: 1 })
    const running = startRun(120, 'resized.db')
    await until(() => running.frames().some(frame => widest(frame) > 60))
    const before = running.frames().length
    running.resize(50)
    await until(() => {
      const frames = running.frames().slice(before)
      return frames.some(frame => frame.join().includes('youtube') && widest(frame) < 50)
    })
    running.type('\u0003')
    await until(() => running.output().includes('again to end at once'))
    running.type('\u0003')
    expect(await running.ended).toBe(130)
  })

  it('says stopped, and not done, where Ctrl-C ends it; the cursor is back', async () => {
    sandbox.setSwitch('hang', { network: 'youtube', times: 1 })
    const running = startRun(80, 'stopped.db')
    await until(() => running.frames().some(frame => /instagram 1\/1/.test(frame.join())))
    running.type('\u0003')
    await until(() => running.output().includes('again to end at once'))
    running.type('\u0003')
    expect(await running.ended).toBe(130)
    const last = (running.frames().at(-1) ?? []).join('\n')
    expect(last).toMatch(/ youtube 0\/1 profiles[^█░]*stopped/)
    expect(running.output()).toContain('socsync resume')
    expect(running.output().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
      running.output().lastIndexOf('\u001b[?25l'),
    )
  })

  it.each(WIDTHS)('its jobs fit %i columns', async columns => {
    const running = startOnTerminal(['jobs', '--db', folder.file('80.db')], { columns, env: sandbox.env })
    expect(await running.ended).toBe(0)
    const lines = running.lines()
    expect(widest(lines)).toBeLessThanOrEqual(columns)
    expect(running.output()).toContain('UCtggNqnHV2t1SqIx2UqiMdg')
    expect(lines).toContain('2 jobs')
  })
})
