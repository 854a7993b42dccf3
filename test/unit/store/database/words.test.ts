import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  holds,
  inList,
  inNumbers,
  isJson,
  jsonEntries,
  jsonHas,
  jsonList,
  jsonNumber,
  jsonText,
  larger,
  rowsOf,
  secondsBetween,
  smaller,
} from '../../../../src/store/database/words.ts'
import { STORES, type TestStore } from '../../../support/stores.ts'

describe.each(STORES)('$name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store[Symbol.asyncDispose]())

  const rows = (query: RawBuilder<unknown>): Promise<readonly unknown[]> =>
    store.database.write(async tx => (await sql`${query}`.execute(tx.db)).rows)
  /** A condition or value, as the database finds it; what holds is told as `yes`. */
  const value = async (expression: RawBuilder<unknown>): Promise<unknown> =>
    ((await rows(sql`select ${expression} as value`)) as { value: unknown }[])[0]?.value
  const isTrue = (condition: RawBuilder<unknown>): Promise<unknown> =>
    value(sql`case when ${condition} then 'yes' else 'no' end`)

  const JSON_TEXT = sql`'{"a":"x","n":7,"nothing":null,"kinds":["posts","comments"]}'`

  describe('lists', () => {
    it('hold what they hold, and nothing where they are empty', async () => {
      expect(await isTrue(sql`'b' in ${inList(['a', 'b'])}`)).toBe('yes')
      expect(await isTrue(sql`'c' in ${inList(['a', 'b'])}`)).toBe('no')
      expect(await isTrue(sql`'c' not in ${inList([])}`)).toBe('yes')
      expect(await isTrue(sql`cast(2 as bigint) in ${inNumbers([1, 2])}`)).toBe('yes')
      expect(await isTrue(sql`cast(2 as bigint) not in ${inNumbers([])}`)).toBe('yes')
    })

    it('are rows, in their order where they name it', async () => {
      const columns = { place: 'number', id: 'text' } as const
      const given = [
        { place: 1, id: "it's" },
        { place: 0, id: '12345678901234567890' },
      ]
      expect(
        await rows(sql`select id, place from ${rowsOf(columns, given)} as given order by place`),
      ).toEqual([
        { id: '12345678901234567890', place: 0 },
        { id: "it's", place: 1 },
      ])
      expect(await rows(sql`select id from ${rowsOf(columns, [])} as given`)).toEqual([])
    })
  })

  describe('JSON', () => {
    it('gives what is under a key', async () => {
      expect(await value(jsonText(JSON_TEXT, 'a'))).toBe('x')
      expect(await value(jsonText(JSON_TEXT, 'nothing'))).toBeNull()
      expect(await value(jsonText(JSON_TEXT, 'absent'))).toBeNull()
      expect(await value(jsonNumber(JSON_TEXT, 'n'))).toBe(7)
      expect(await isTrue(jsonHas(JSON_TEXT, 'kinds', 'comments'))).toBe('yes')
      expect(await isTrue(jsonHas(JSON_TEXT, 'kinds', 'likes'))).toBe('no')
    })

    it('is entries', async () => {
      const found = await rows(
        sql`select entry.key, entry.value from ${jsonEntries(sql`'{"b":"2","a":"1"}'`)} as entry order by 1`,
      )
      expect(found).toEqual([
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ])
    })

    it('is made of texts', async () => {
      const list = (ids: readonly string[]) =>
        value(
          sql`(select ${jsonList(sql`id`)} from ${rowsOf(
            { id: 'text' },
            ids.map(id => ({ id })),
          )} as given)`,
        )
      expect(JSON.parse(String(await list(['a"b', 'c'])))).toEqual(['a"b', 'c'])
      expect(JSON.parse(String(await list([])))).toEqual([])
    })

    it('is told from what is none', async () => {
      expect(await isTrue(isJson(sql`'{"a":1}'`))).toBe('yes')
      expect(await isTrue(isJson(sql`'{a:1'`))).toBe('no')
    })
  })

  it('the larger and the smaller of two', async () => {
    expect(await value(larger(sql`1`, sql`2`))).toBe(2)
    expect(await value(smaller(sql`1`, sql`2`))).toBe(1)
  })

  it('seconds between instants, with their fraction', async () => {
    const seconds = await value(secondsBetween('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:01.500Z'))
    expect(seconds).toBeCloseTo(86_401.5, 2)
  })

  it('a part of a text', async () => {
    expect(await isTrue(holds(sql`'Abc%d'`, 'c%'))).toBe('yes')
    expect(await isTrue(holds(sql`'Abc%d'`, 'abc'))).toBe('no')
  })
})
