import { describe, expect, it } from 'vitest'
import type { SwitchRule } from '../../../src/sandbox/switches.ts'
import { socsync } from '../../support/cli.ts'
import { query } from '../../support/tables.ts'
import { type NetworkName, openScene, SCENERY, undisturbedOf } from './scene.ts'
import { differenceOf, unsound } from './sound.ts'

/** A network that nothing listens for. */
const NOWHERE = 'http://127.0.0.1:9'

interface Stop {
  readonly what: string
  readonly exit: number
  readonly errorType: Readonly<Record<NetworkName, string>>
  /** From a page in the middle on; null = nothing can be reached. */
  readonly rules: Readonly<Record<NetworkName, Omit<SwitchRule, 'network'>>> | null
}

const everywhere = (type: string): Record<NetworkName, string> => ({
  instagram: type,
  youtube: type,
  tiktok: type,
})

const STOPS: readonly Stop[] = [
  {
    what: 'the token is revoked in the middle',
    exit: 5,
    errorType: everywhere('unauthorised'),
    rules: {
      instagram: { name: 'fault', value: 'revoked', after: 3 },
      youtube: { name: 'error', value: 'apiKeyInvalid', after: 3 },
      tiktok: { name: 'token-dead', value: true, after: 3 },
    },
  },
  {
    what: 'the quota is used up in the middle',
    exit: 75,
    // What Instagram refuses by the hour is a rate.
    errorType: { ...everywhere('quota_exhausted'), instagram: 'rate_limited' },
    rules: {
      instagram: { name: 'fault', value: 'application-limit', after: 3 },
      youtube: { name: 'error', value: 'quotaExceeded', after: 3 },
      tiktok: { name: 'main-allowance', value: 3 },
    },
  },
  { what: 'nothing can be reached', exit: 75, errorType: everywhere('unreachable'), rules: null },
]
/** Each stop on each network: every day on one of them, in turn. */
const CASES = (Object.keys(SCENERY) as NetworkName[]).flatMap((network, turn) =>
  STOPS.map((stop, index) => ({ network, ...stop, tags: index === turn ? [] : ['long'] })),
)

describe('what was begun and given back says why', () => {
  for (const { network, what, exit, errorType, rules, tags } of CASES) {
    it(`${network}: ${what}`, { tags }, async () => {
      await using scene = await openScene(SCENERY[network])
      const { sandbox, db, args } = scene
      if (rules !== null) sandbox.switches.set({ network, ...rules[network] })
      const address = rules === null ? { [`SOCSYNC_${network.toUpperCase()}_BASE_URL`]: NOWHERE } : {}
      const ended = await socsync([...args.run, '--max-wait', '1s'], { env: { ...sandbox.env, ...address } })
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({
        code: exit,
        stderr: exit === 5 ? expect.stringMatching(/^socsync: \w+: unauthorised on /) : '',
      })

      const begun = query(
        db,
        `select error_type, last_error from sync_tasks
       where status = 'pending' and stream <> '' and attempts > 0`,
      )
      expect(begun.length).toBeGreaterThan(0)
      expect(begun).toEqual(
        begun.map(() => ({ error_type: errorType[network], last_error: expect.stringMatching(/\w/) })),
      )
      const [job] = query(
        db,
        `select error_type, error_message from sync_jobs where status = 'partial' limit 1`,
      )
      expect(begun).toContainEqual({ error_type: job?.error_type, last_error: job?.error_message })

      sandbox.switches.clear()
      sandbox.advance(26 * 3_600_000)
      expect(await socsync(args.resume, { env: sandbox.env })).toMatchObject({ code: 0, stderr: '' })
      const said = `select id from sync_tasks where job_id in (select max(id) from sync_jobs group by entity_id)
      and coalesce(error_type, last_error) is not null`
      expect(query(db, said), 'nothing more is said of what was done').toEqual([])
      expect(differenceOf(db, await undisturbedOf(SCENERY[network]))).toEqual({
        lost: [],
        duplicated: [],
        changed: [],
      })
      expect(unsound(db)).toEqual([])
    })
  }
})
