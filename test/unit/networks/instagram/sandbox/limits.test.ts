import { describe, expect, it } from 'vitest'
import { APP } from '../../../../../src/networks/instagram/sandbox/tokens.ts'
import { codeOf, DAY, HOUR, type Opened, open, type Reply } from './open.ts'

const discover = ({ get, own }: Opened): Reply =>
  get(own, { fields: 'business_discovery.username(one.post){id}' })

const usageOf = ({ headers }: Reply) => JSON.parse(headers['x-app-usage'] ?? 'null')?.call_count

const accountUsageOf = (world: Opened, { headers }: Reply) =>
  JSON.parse(headers['x-business-use-case-usage'] ?? 'null')?.[world.own][0]

const used = ({ sandbox }: Opened, pool: string) =>
  sandbox.quota().find(entry => entry.pool === pool && entry.owner === APP.id)?.used

describe('the pool of the app', () => {
  it('counts discoveries in percent, refuses at a hundred with code 4, and opens after an hour', () => {
    const world = open()
    world.set('app-allowance', 4)
    const replies = Array.from({ length: 5 }, () => discover(world))
    expect(replies.map(usageOf)).toEqual([25, 50, 75, 100, 125])
    expect(replies.map(codeOf)).toEqual(['', '', '', '', '4'])
    expect(replies[4]).toMatchObject({ status: 403, json: { error: { is_transient: true } } })
    expect(replies[4]?.headers['www-authenticate']).toContain('invalid_request')
    expect(codeOf(world.get(world.own))).toBe('')
    world.advance(59 * 60_000)
    expect(codeOf(discover(world))).toBe('4')
    world.advance(2 * 60_000)
    expect(codeOf(discover(world))).toBe('')
  })

  it('stays shut for those who hammer on', () => {
    const world = open()
    world.set('app-allowance', 3)
    for (let call = 0; call < 3; call++) discover(world)
    for (let minute = 0; minute < 90; minute += 10) {
      world.advance(10 * 60_000)
      expect(codeOf(discover(world))).toBe('4')
    }
    world.advance(61 * 60_000)
    expect(codeOf(discover(world))).toBe('')
  })
})

describe('the pool of an account', () => {
  it('is of a day, says how many minutes are left, and leaves the app’s alone', () => {
    const world = open()
    world.set('account-allowance', 2)
    const replies = Array.from({ length: 3 }, () => world.get(world.own))
    expect(replies.map(codeOf)).toEqual(['', '', '80002'])
    const last = accountUsageOf(world, replies[2] ?? world.get(world.own))
    expect(last).toMatchObject({ type: 'instagram', call_count: 150 })
    expect(replies[1]?.headers).not.toHaveProperty('x-app-usage')
    expect(codeOf(discover(world))).toBe('')
    expect(last.estimated_time_to_regain_access).toBeGreaterThan(23 * 60)
    world.advance((last.estimated_time_to_regain_access - 30) * 60_000)
    expect(codeOf(world.get(world.own))).toBe('80002')
    world.advance(DAY + HOUR)
    expect(codeOf(world.get(world.own))).toBe('')
  })

  it('is charged for each id and each part of a batch', () => {
    const world = open()
    const ids = world.get(`${world.own}/media`, { limit: '3' }).json.data.map(({ id }: { id: string }) => id)
    world.get('', { ids: ids.join(',') })
    const batch = ids.map((id: string) => ({ method: 'GET', relative_url: id }))
    const token = world.sandbox.credentials.SOCSYNC_INSTAGRAM_ACCESS_TOKEN ?? ''
    const query = new URLSearchParams({ access_token: token, batch: JSON.stringify(batch) })
    world.send('POST', `/v26.0?${query}`)
    expect(used(world, `account:${world.own}`)).toBe(7)
    expect(used(world, 'app')).toBeUndefined()
    world.advance(25 * HOUR)
    expect(used(world, `account:${world.own}`)).toBe(0)
  })

  it('counts what is refused, too', () => {
    const world = open()
    world.get(world.own, { fields: 'nonsense' })
    world.set('fault', 'unknown')
    world.get(world.own)
    expect(used(world, `account:${world.own}`)).toBe(2)
  })

  it('may send no headers at all', () => {
    const world = open()
    world.set('usage-headers', false)
    expect(Object.keys(world.get(world.own).headers).filter(name => name.includes('usage'))).toEqual([])
  })
})

describe('the switch `fault`', () => {
  it.each([
    ['unknown', 500, '1'],
    ['reduce', 500, '1'],
    ['unavailable', 500, '2'],
    ['server', 400, '-1/2207001'],
    ['app-limit', 403, '4'],
    ['user-limit', 400, '17'],
    ['page-limit', 400, '32'],
    ['custom-limit', 400, '613/1996'],
    ['account-limit', 400, '80002'],
    ['application-limit', 400, '341'],
    ['blocked', 400, '368'],
    ['disguise', 400, '100/33'],
    ['disguise-in-text', 400, '100/33'],
    ['no-object', 400, '100'],
    ['no-permission', 400, '10'],
    ['permission', 403, '200'],
    ['expired', 400, '190/463'],
    ['revoked', 400, '190/467'],
    ['checkpoint', 400, '190/459'],
    ['session', 400, '102'],
  ])('%s', (name, status, code) => {
    const world = open()
    world.set('fault', name, { match: 'media', times: 1, after: 1 })
    const read = () => world.get(`${world.own}/media`)
    const replies = [read(), read(), read()]
    expect(replies.map(reply => reply.status)).toEqual([200, status, 200])
    expect(codeOf(replies[1] ?? read())).toBe(code)
    expect(world.get(world.own).status).toBe(200)
  })

  it('set to a refusal gives it as it is', () => {
    const world = open()
    const message = '(#80004) There have been too many calls to this ad-account.'
    world.set('fault', { code: 80004, message, status: 403, transient: true }, { times: 1 })
    const reply = world.get(world.own)
    expect(reply).toMatchObject({
      status: 403,
      json: { error: { code: 80004, message, is_transient: true } },
    })
    expect(world.get(world.own).status).toBe(200)
  })

  it('set to something unknown says so', () => {
    const world = open()
    world.set('fault', 'sunshine')
    expect(() => world.get(world.own)).toThrow(/one of unknown, reduce/)
  })
})

describe('the switch `refuses`', () => {
  it('refuses a metric or field where it is bound to, until it is not asked for', () => {
    const world = open()
    const [post, other] = world
      .get(`${world.own}/media`, { limit: '9' })
      .json.data.map(({ id }: { id: string }) => id)
    const read = (id: string, metric: string) => world.get(`${id}/insights`, { metric })
    world.set('refuses', 'reach', { match: `/${post}/` })
    expect(read(post, 'reach,saved').json.error.message).toContain('does not support the reach metric')
    expect(read(post, 'saved').status).toBe(200)
    expect(read(other, 'reach').status).toBe(200)
    const message = '(#100) The metric saved is not supported'
    world.set('refuses', { name: 'saved', message }, { match: `/${other}/` })
    expect(read(other, 'reach,saved').json.error).toMatchObject({ code: 100, message })
    world.set('refuses', 'biography', { match: 'north.pier' })
    expect(codeOf(world.get(world.own, { fields: 'biography' }))).toBe('')
  })
})

describe('the switch `usage`', () => {
  it('tells what the asking account has used, of discovery too', () => {
    const world = open()
    world.set('usage', { percent: 100, minutes: 12 }, { match: 'business_discovery' })
    const reply = discover(world)
    expect(reply.status).toBe(200)
    expect(accountUsageOf(world, reply)).toMatchObject({
      call_count: 100,
      estimated_time_to_regain_access: 12,
    })
  })
})
