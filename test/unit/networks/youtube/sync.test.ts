import { describe, expect, test } from 'vitest'
import type { Params } from '../../../../src/core/params.ts'
import type { SocialRecord } from '../../../../src/core/records.ts'
import { youtube } from '../../../../src/networks/youtube/index.ts'
import { YOUTUBE_ACCESS, YOUTUBE_SPECIALS } from '../../../../src/networks/youtube/sandbox.ts'
import { startSandbox, type TestSandbox } from '../../../support/sandbox.ts'
import { faultOf, follow, KEY, keyOf, open, step } from './harness.ts'

const { channels, big, membersOnlyVideo } = YOUTUBE_SPECIALS
const { apiKey, clientId, clientSecret, refreshToken, readonlyRefreshToken } = YOUTUBE_ACCESS

const sync = (
  { origin, clock }: TestSandbox,
  ids: readonly string[],
  wanted: Partial<Params> = {},
  values: Record<string, string> = { api_key: apiKey },
) => follow(open(origin, { clock, values }), ids, wanted, clock.now)

const used = (sandbox: TestSandbox) => sandbox.sandboxes.get('youtube')?.quota()

/** As every store holds text (docs/design.md §4). */
const portable = (record: SocialRecord): SocialRecord =>
  JSON.parse(JSON.stringify(record), (_, value) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value,
  )

/** The same records as a perfect sync stores, and the same value wherever the truth has one. */
const expectTruth = (read: readonly SocialRecord[], truth: readonly SocialRecord[]): void => {
  const found = new Map(read.map(record => [keyOf(record), portable(record)]))
  expect([...found.keys()].toSorted()).toEqual(truth.map(keyOf).toSorted())
  for (const record of truth) {
    // A counter that did not come leaves NULL in a new row.
    const unknown = Object.fromEntries(Object.keys(record).map(key => [key, null]))
    expect({ ...unknown, ...found.get(keyOf(record)) }).toMatchObject(record)
  }
}

describe('a sync from the sandbox', () => {
  test('of the odd channels and a plain one is the truth, for the units that the server counted', async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    const { big: _, giant: __, terminated, ...odd } = channels
    const [plain = ''] = sandbox.entities('youtube').filter(id => !Object.values(channels).includes(id))
    const ids = [...Object.values(odd), terminated, plain]
    const { records, faults, pages, spent } = await sync(sandbox, ids)
    expectTruth(
      records,
      ids.flatMap(id => sandbox.truth('youtube', id)),
    )
    expect(pages.flatMap(page => page.missing)).toContainEqual({
      subject: 'profile',
      id: terminated,
      reason: 'not-found',
    })
    const refused = { kind: 'forbidden', code: 'forbidden', reason: 'refused' }
    expect(faults).toEqual([{ externalId: membersOnlyVideo, fault: refused }])
    expect(pages.flatMap(page => page.rejects)).toEqual([])
    // A thread that claims 750 replies and has 500.
    expect(pages.flatMap(page => page.reason ?? [])).toEqual(['capped'])
    expect(used(sandbox)).toEqual([{ owner: 'project-1', pool: 'default', used: spent.default }])
  })

  test('of 1,000 videos and 50,000 comments costs what the plan says (docs/networks/youtube.md §10)', {
    tags: ['long'],
  }, async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    const { records, spent, faults } = await sync(sandbox, [channels.big])
    expect(faults).toEqual([])
    expect(spent).toEqual({ default: big.calls })
    const count = (type: SocialRecord['type']) => records.filter(record => record.type === type).length
    expect([count('post'), count('comment')]).toEqual([1000, 50_000])
    expect([big.videos, big.comments]).toEqual([1000, 50_000])
  })

  test('resolves handles of any script and old usernames', async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    const { pages } = await sync(sandbox, ['@ตลาดเช้า', 'user/northpier', '@nobody.at.all'], {
      kinds: ['profile'],
    })
    expect(pages.flatMap(page => page.identities.map(({ entityId }) => entityId))).toEqual([
      channels.thai,
      channels.old,
    ])
    expect(pages.flatMap(page => page.missing.map(({ id }) => id))).toEqual(['@nobody.at.all'])
  })

  test('goes on through outages, each attempt charged, and through short and empty pages', async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    sandbox.setSwitch('error', { value: 'backendError', match: 'playlistItems', after: 1, times: 2 })
    sandbox.setSwitch('empty-page', { match: 'playlistItems', times: 1 })
    sandbox.setSwitch('short-pages', { match: 'commentThreads', value: 20 })
    const { records, faults, spent } = await sync(sandbox, [channels.prolific], { replies: 'full' })
    expect(faults).toEqual([])
    expectTruth(records, sandbox.truth('youtube', channels.prolific))
    expect(used(sandbox)).toEqual([{ owner: 'project-1', pool: 'default', used: spent.default }])
  })

  test.each([
    ['as the resource says it', 'quotaExceeded'],
    ['as the gateway says it', 'rateLimitPerDay'],
  ])('stops where the day is used up, %s', async (_, form) => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    sandbox.setSwitch('default-allowance', { value: 3 })
    sandbox.setSwitch('quota-form', { value: form })
    const { faults, records } = await sync(sandbox, [channels.old])
    expect(faults.at(0)?.fault).toMatchObject({ kind: 'quota-exhausted', pool: 'default', until: null })
    expect(records.filter(({ type }) => type === 'post')).toHaveLength(40)
  })

  test('with an OAuth client is the same, and without youtube.force-ssl all but comments', async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    const client = { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken }
    const whole = await sync(sandbox, [channels.members], {}, client)
    expectTruth(whole.records, sandbox.truth('youtube', channels.members))

    const readonly = await sync(
      sandbox,
      [channels.members],
      {},
      { ...client, refresh_token: readonlyRefreshToken },
    )
    expectTruth(
      readonly.records,
      sandbox.truth('youtube', channels.members).filter(({ type }) => type !== 'comment'),
    )
    expect(new Set(readonly.faults.map(({ fault }) => fault.code))).toEqual(
      new Set(['insufficientPermissions']),
    )
    expect(readonly.spent).toEqual({ default: 3 })
  })

  test('ends at what is only for members', async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    const source = open(sandbox.origin, { values: { api_key: apiKey }, clock: sandbox.clock })
    const { fault } = await faultOf(step(source, 'threads', [membersOnlyVideo]))
    expect(fault).toEqual({ kind: 'forbidden', code: 'forbidden', reason: 'refused' })
  })

  test('with a key that is not known needs a person', async () => {
    await using sandbox = await startSandbox({ networks: [youtube] })
    const { faults } = await sync(sandbox, [channels.old], {}, KEY)
    expect(faults).toEqual([
      { externalId: channels.old, fault: { kind: 'unauthorised', code: 'API_KEY_INVALID' } },
    ])
  })
})
