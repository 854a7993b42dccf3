// @module-tag long
import { expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'

const DAY_MS = 86_400_000

const CASES = [
  { network: 'tiktok', id: 'ada.bakes', other: 'swept.shelf', day: '2025-09-01', replies: 'full' },
  {
    network: 'youtube',
    id: YOUTUBE_SPECIALS.channels.old,
    other: YOUTUBE_SPECIALS.channels.prolific,
    day: '2024-01-01',
    // How many are read apart is known from a thousand comments on.
    replies: 'inline',
  },
] as const

it.each(CASES)(
  'a plan of $network knows --since last, each profile from its own day, and a run that goes further back',
  { timeout: 1_200_000 },
  async ({ network, id, other, day, replies }) => {
    await using sandbox = await startSandbox({ networks })
    using folder = tempFolder()
    const call = async (command: string, flags: readonly string[], ids: readonly string[]) => {
      const args = [
        command,
        '--network',
        network,
        '--db',
        folder.file('a.db'),
        '--scope',
        'all',
        '--replies',
        replies,
        ...flags,
        ...ids,
      ]
      const ended = await socsync(args, { env: sandbox.env })
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      return ended.stdout
    }
    const callsOf = async (flags: readonly string[], ids: readonly string[]): Promise<number> => {
      sandbox.log.clear()
      await call('run', ['--quiet', ...flags], ids)
      return sandbox.log.calls.filter(({ path }) => !path.includes('oauth')).length
    }
    /** The price and what was paid, of the same run a day later. */
    const compare = async (flags: readonly string[], ids: readonly string[]) => {
      sandbox.advance(DAY_MS)
      const { units } = JSON.parse(await call('plan', ['--json', ...flags], ids)).plan
      const took = await callsOf(flags, ids)
      expect({ flags, units, took, in: units.low <= took && took <= units.high }).toEqual({
        flags,
        units,
        took,
        in: true,
      })
      expect(Math.abs(units.likely - took), `${flags}: ${units.likely}, took ${took}`).toBeLessThanOrEqual(
        Math.max(1, took * 0.05),
      )
      return took
    }
    const first = await callsOf(['--since', day], [id])
    await callsOf([], [other])
    sandbox.advance(3 * DAY_MS)
    const both = [id, other]
    expect(await compare(['--since', 'last'], both)).toBeLessThan(first)
    // Posts are stored, and of the older ones no comments.
    await callsOf(['--scope', 'posts'], [id])
    const wider = await compare([], [id])
    const whole = await compare(['--full-every', '0s'], [id])
    expect(wider).toBeLessThan(whole)
    await compare(['--since', day], both)
    await compare(['--since', 'last'], both)
  },
)
