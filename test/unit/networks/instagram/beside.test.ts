import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/core/json.ts'
import { learnedOf } from '../../../../src/networks/evidence.ts'
import type { LoggedCall } from '../../../../src/sandbox/log.ts'
import { eachSandbox } from './each-sandbox.ts'
import { openInstagram, PARAMS, type Walked, walk } from './harness.ts'

const at = eachSandbox()

const own = (): string => at().sandbox.environment.SOCSYNC_INSTAGRAM_USER_ID ?? ''

const sync = (token = at().sandbox.environment.SOCSYNC_INSTAGRAM_ACCESS_TOKEN ?? ''): Promise<Walked> => {
  at().sandbox.log.clear()
  const source = openInstagram({ access_token: token, user_id: own() }, at().openWith)
  return walk(source, own(), PARAMS, { clock: at().sandbox.clock })
}

/** `17…/reach 12` of each post, in order. */
const told = ({ snapshots }: Walked): readonly string[] =>
  snapshots
    .flatMap(({ subject, subjectId, name, value }) =>
      subject === 'post' ? [`${subjectId}/${name} ${value}`] : [],
    )
    .sort()

const isBeside = ({ fields }: LoggedCall): boolean => fields.fields?.includes('insights.metric') === true
const isAlone = ({ path }: LoggedCall): boolean => path.endsWith('/insights') && !path.includes(own())
const calls = (of: (call: LoggedCall) => boolean): number => at().sandbox.log.calls.filter(of).length
/** Calls for the insights of the account itself: each day that is kept, and who its followers are. */
const DAYS = 89 + 4

const charged = ({ charged: units }: Walked): number => (units[`account:${own()}`] ?? 0) - DAYS
const learned = (): readonly string[] =>
  learnedOf(at().memory.values as Map<string, Json>, at().sandbox.clock.now()).map(({ fact }) => fact)
/** The newest own post but for so many. */
const post = (rank: number): string => {
  const posts = at()
    .sandbox.truth('instagram', own())
    .filter(row => row.type === 'post' && row.kind !== 'story')
  const row = posts[rank]
  if (row?.type !== 'post') throw new Error(`no post ${rank}`)
  return row.id
}

describe('insights beside a page of posts', () => {
  it('come 25 in a call, each with all that its sort has, and are the ones of a call each', async () => {
    at().sandbox.setSwitch('nested-insights', { value: 'refused' })
    const single = await sync()
    expect(calls(isAlone)).toBeLessThan(30)
    expect(told(single).length).toBeGreaterThan(2500)
    at().sandbox.switches.clear()
    at().memory.values.clear()
    const nested = await sync()
    expect(told(nested)).toEqual(told(single))
    expect(charged(nested)).toBeLessThan(35)
    expect(charged(single)).toBeGreaterThan(250)
    expect(learned()).toEqual([])
  })

  it.each(['refused', 'absent'])(
    'that are %s in lists are asked for in batches, and after three pages not tried again',
    async answer => {
      at().sandbox.setSwitch('nested-insights', { value: answer })
      await sync()
      expect(learned()).toEqual(['insights inside of lists'])
      expect(calls(isBeside)).toBeLessThanOrEqual(6)
      expect(calls(({ method }) => method === 'POST')).toBeGreaterThan(5)
      await sync()
      expect(calls(isBeside)).toBe(0)
    },
  )

  it('of which several lists in one call are refused come list by list', async () => {
    at().sandbox.setSwitch('aliases', { value: false })
    const walked = await sync()
    expect(learned()).toEqual(['several lists in one call'])
    expect(told(walked).length).toBeGreaterThan(2500)
    at().sandbox.switches.clear()
    at().memory.values.clear()
    expect(told(walked)).toEqual(told(await sync()))
  })

  it('come through Instagram Login too, where no batch is offered', async () => {
    const walked = await sync('IGAAJsandboxInstagram')
    expect(calls(({ method }) => method === 'POST')).toBe(0)
    expect(told(walked).length).toBeGreaterThan(2000)
    expect(charged(walked)).toBeLessThan(35)
    at().sandbox.setSwitch('nested-insights', { value: 'refused' })
    at().memory.values.clear()
    expect(told(await sync('IGAAJsandboxInstagram'))).toEqual(told(walked))
  })

  it.each([
    ['a permission', { value: 'no-permission' }, 'fault'],
    ['a fault that lasts', { value: 'unavailable' }, 'fault'],
    ['a metric', { value: 'views' }, 'refuses'],
  ])('%s of two posts keeps these alone apart, and is remembered', async (_, { value }, name) => {
    const sick = [post(3), post(30)]
    for (const id of sick) at().sandbox.setSwitch(name, { value, match: `/${id}/insights` })
    const walked = await sync()
    const of = (id: string): number => told(walked).filter(row => row.startsWith(id)).length
    expect(of(post(4))).toBeGreaterThan(1)
    expect(of(post(31))).toBeGreaterThan(1)
    const alone = new Set(
      at()
        .sandbox.log.calls.filter(isAlone)
        .map(({ path }) => path.split('/')[2]),
    )
    for (const id of sick) expect(alone).toContain(id)
    expect(alone.size).toBeLessThan(8)
    const first = calls(isBeside)
    expect(first).toBeLessThan(45)
    await sync()
    // A call for each page of posts, and one for the stories.
    expect(calls(isBeside)).toBeLessThanOrEqual(13)
    expect(first).toBeGreaterThan(13)
    expect(learned()).toEqual([])
  })

  it('does without a metric that is refused to all, and with all others', async () => {
    at().sandbox.setSwitch('refuses', { value: 'shares', match: '/insights' })
    const walked = await sync()
    expect(learned()).toContain('the metric shares of pictures and albums')
    const names = new Set(walked.snapshots.map(({ name }) => name))
    expect(names).toContain('views')
    expect(names).not.toContain('shares')
    await sync()
    expect(charged(walked)).toBeLessThan(70)
  })

  it('of a batch a part that is not answered is asked for by itself', async () => {
    at().sandbox.setSwitch('nested-insights', { value: 'refused' })
    const lost = post(5)
    at().sandbox.setSwitch('null-part', { match: `/${lost}/` })
    const walked = await sync()
    expect(told(walked).some(row => row.startsWith(lost))).toBe(true)
    expect(calls(call => isAlone(call) && call.path.includes(lost))).toBe(1)
  })
})
