import { describe, expect, test } from 'vitest'
import type { SocialRecord } from '../../src/core/records.ts'
import { countSearchPages, DISPLAY, OPENING, openTiktokSandbox } from '../../src/networks/tiktok/sandbox.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { Client, dateOf, MANNERS, type Manner, readStrictly } from '../support/tiktok-client.ts'

const DAY = 86_400
const start = () => startSandbox({ openers: { tiktok: openTiktokSandbox }, now: OPENING * 1_000 })

const key = (record: SocialRecord): string => `${record.type} ${'id' in record ? record.id : record.postId}`
const sorted = (records: readonly SocialRecord[]): SocialRecord[] =>
  [...records].sort((a, b) => (key(a) < key(b) ? -1 : 1))

const truthOf = (
  sandbox: TestSandbox,
  usernames: readonly string[],
  discussed: readonly string[],
): SocialRecord[] =>
  usernames.flatMap(name =>
    sandbox.truth('tiktok', name).filter(({ type }) => type !== 'comment' || discussed.includes(name)),
  )

const OLDEST = Date.UTC(2023, 7, 1) / 1_000
const DISCUSSED = ['ada.bakes', 'busy.kitchen', 'swept.shelf', 'nul.and.void', 'gone.author']

describe('a client that only knows the sheet', () => {
  test('reads exactly the world, at exactly the price that was told', async () => {
    await using sandbox = await start()
    const [, traktok] = MANNERS as [Manner, Manner]
    const client = new Client(sandbox, traktok)
    const names = sandbox.entities('tiktok')
    const records = await client.read(names, [OLDEST, OPENING], DISCUSSED)
    expect(sorted(records)).toEqual(sorted(truthOf(sandbox, names, DISCUSSED)))
    expect(records.some(record => key(record) === 'post 7391112223334445557')).toBe(true)

    const options = {
      seed: 1,
      size: 'small',
      now: sandbox.clock.now,
      origin: '',
      moving: false,
      switches: { take: () => undefined, peek: () => undefined },
    } as const
    const usernames = records
      .filter(({ type }) => type === 'profile')
      .map(record => key(record).split(' ')[1] ?? '')
    let pages = 0
    for (let day = OLDEST; day <= OPENING; day += 31 * DAY) {
      pages += countSearchPages(options, {
        usernames,
        from: dateOf(day),
        to: dateOf(Math.min(OPENING, day + 30 * DAY)),
        size: 100,
      })
    }
    expect(client.calls['/v2/research/video/query/']).toBe(pages)
    const used = Object.values(client.calls).reduce((sum, calls) => sum + calls, 0)
    expect(sandbox.sandboxes.get('tiktok')?.quota()).toContainEqual({
      owner: sandbox.env.SOCSYNC_TIKTOK_CLIENT_KEY,
      pool: 'main',
      used,
    })
  })

  test.each(MANNERS.map(manner => [manner.client, manner] as const))(
    'in the manner of %s, through faults',
    async (_, manner) => {
      await using sandbox = await start()
      sandbox.setSwitch('search-id-warm-up', { value: 4 })
      sandbox.setSwitch('error-500', { match: '/video/', after: 2, times: 2 })
      sandbox.setSwitch('good-500', { after: 5, times: 3 })
      sandbox.setSwitch('rate-limited', { match: '/video/', after: 9, times: 2 })
      sandbox.setSwitch('invalid-cursor', { after: 4, times: 1 })
      sandbox.setSwitch('gateway-504', { match: '/comment/', after: 3, times: 1 })
      sandbox.setSwitch('cut-json', { match: '/comment/', after: 6, times: 1 })
      sandbox.setSwitch('token-dead', { match: '/comment/', after: 8, times: 1 })
      const names = ['ada.bakes', 'swept.shelf', 'behind.curtain', 'quiet.page', 'nul.and.void']
      const records = await new Client(sandbox, manner).read(
        names,
        [OPENING - 150 * DAY, OPENING],
        ['ada.bakes'],
      )
      const since = new Date((OPENING - 150 * DAY) * 1_000).toISOString()
      const old = new Set<string>()
      const truth = truthOf(sandbox, names, ['ada.bakes']).filter(record => {
        if (record.type === 'post' && (record.createdAt ?? '') < since) old.add(record.id)
        return !old.has('postId' in record ? record.postId : record.type === 'post' ? record.id : '')
      })
      expect(sorted(records)).toEqual(sorted(truth))
    },
  )

  test('a strict reader is refused text for a number, and the Display API for the opposite', async () => {
    await using sandbox = await start()
    expect(() => readStrictly('{"id":"7391112223334445557"}')).toThrow(TypeError)
    expect(readStrictly('{"id":7391112223334445557}').id).toBe(7391112223334445557n)
    const answer = await fetch(`${sandbox.origin}/v2/video/list/?fields=id`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN}`,
        'content-type': 'application/json',
      },
      body: '{"max_count":20}',
    })
    expect(await answer.text()).toMatch(/"id":"\d{19}"/)
  })
})
