import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/app/config/config.ts'
import { networks } from '../../../src/networks/registry.ts'
import { parseRunRequest } from '../../../src/server/parse-run-request.ts'
import { NewRun } from '../../../src/server/request-schemas.ts'

const parse = async (body: object, flags: Readonly<Record<string, string>> = {}) => {
  const { settings } = await loadConfig({ flags, env: {}, networks: [] })
  return parseRunRequest(NewRun.parse({ ids: ['youtube:@x'], ...body }), {
    settings,
    networks,
    defaultTransforms: [],
    toolbox: { searches: {} },
  })
}

describe('how long a reading counts as fresh', () => {
  it.each([
    ['six hours where nobody says otherwise', {}, {}, 6 * 3_600_000],
    ['as the server was started', {}, { refreshAfter: '12h' }, 12 * 3_600_000],
    [
      'as the request says, whatever the server',
      { refresh_after: '90m' },
      { refreshAfter: '12h' },
      5_400_000,
    ],
    ['not at all', { refresh_after: '0s' }, {}, 0],
  ])('is %s', async (_, body, flags, ms) => {
    expect(await parse(body, flags)).toMatchObject({ refreshAfterMs: ms })
  })

  it('and is refused where it is no length of time', async () => {
    await expect(parse({ refresh_after: 'daily' })).rejects.toThrow(
      'refresh_after "daily" is no length of time',
    )
  })
})

describe('lists', () => {
  it.each([
    ['none where nobody says otherwise', {}, {}, []],
    ['as the server was started', {}, { lists: 'pinned' }, ['pinned']],
    ['none where the request says so', { lists: [] }, { lists: 'pinned' }, []],
    ['as the request says', { lists: ['liked'], scope: ['likes'] }, {}, ['liked']],
  ])('are %s', async (_, body, flags, lists) => {
    expect((await parse(body, flags)).params.lists).toEqual(lists)
  })

  it('are refused where no scope asks for them, and where there is none of the name', async () => {
    await expect(parse({ lists: ['liked'] })).rejects.toThrow(
      'lists liked takes the scope likes or all, and the scope is posts',
    )
    await expect(parse({ liked_videos: true })).rejects.toThrow('liked_videos')
    await expect(parse({ lists: ['likes'] })).rejects.toThrow('lists')
    await expect(parse({ lists: ['reposted'], network: 'youtube' })).rejects.toThrow(
      'lists reposted is no list that profiles of YouTube show',
    )
  })
})

describe('since', () => {
  it('last is where each profile is covered from, and no id', async () => {
    const { sinceLast, params } = await parse({ since: 'last' })
    expect({ sinceLast, since: params.since, sinceId: params.sinceId }).toEqual({
      sinceLast: true,
      since: null,
      sinceId: null,
    })
    expect((await parse({ since: '2026-03-01' })).sinceLast).toBe(false)
    await expect(parse({ since: 'last', since_id: '17' })).rejects.toMatchObject({
      details: { detail: 'since and since_id say the same: give one' },
    })
  })
})
