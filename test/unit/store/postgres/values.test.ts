import { type RawBuilder, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { param, type Statement, statement } from '../../../../src/store/database/statement.ts'
import { castOf, castOfAll } from '../../../../src/store/postgres/values.ts'
import { perFile } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

const open = STORES.find(({ name }) => name === 'PostgreSQL')?.open
const store = perFile(() => open?.() ?? Promise.reject(new Error('it is gone')))
const value = (expression: RawBuilder<unknown>): Promise<unknown> =>
  sql<{ value: unknown }>`select ${expression} as value`
    .execute(store().database.committed.db)
    .then(({ rows }) => rows[0]?.value)

describe('what PostgreSQL tells', () => {
  it.each([
    ['9007199254740991::bigint', 9_007_199_254_740_991],
    ['-9007199254740991::bigint', -9_007_199_254_740_991],
    ['1.25::numeric', 1.25],
    ['count(*)', 1],
    ['sum(2::bigint)', 2],
    ['0.1::float8', 0.1],
    ['true', true],
    ['null::bigint', null],
    [`'{"b":1,"a":[null]}'::jsonb`, '{"a": [null], "b": 1}'],
    [`'2026-01-01T00:00:00Z'::timestamptz at time zone 'UTC'`, '2026-01-01 00:00:00'],
  ])('%s', async (text, expected) => {
    expect(await value(sql.raw(text))).toEqual(expected)
  })

  it('is never rounded', async () => {
    await expect(value(sql`9007199254740993::bigint`)).rejects.toThrow('9007199254740993')
    expect(await value(sql`1`)).toBe(1)
  })
})

describe('what PostgreSQL is told', () => {
  it.each([
    ['text', 'a'],
    ['bigint', 7],
    ['bigint', -0],
    ['double precision', 1.5],
    ['boolean', false],
    ['bytea', Uint8Array.of(1, 2)],
    ['text[]', ['a', 'b']],
    ['bigint[]', [1, 2]],
    ['double precision[]', [1, 2.5]],
  ])('has its type beside it: %s', async (type, given) => {
    expect(await value(sql`cast(pg_typeof(${given}) as text)`)).toBe(type)
  })

  it('is null as a word, which every comparison takes', async () => {
    expect(await value(sql`case when ${null} is null then 'yes' else 'no' end`)).toBe('yes')
    expect(await value(sql`case when cast(1 as bigint) = ${null} then 'yes' else 'no' end`)).toBe('no')
  })

  it('in a statement is cast by the row that is given', async () => {
    const typeOf: Statement<{ given: unknown }> = statement(
      store().database.committed.db.selectNoFrom(
        sql<string>`cast(pg_typeof(${param('given')}) as text)`.as('type'),
      ),
    )
    const types: unknown[] = []
    for (const given of ['a', 1, null, 1.5, 'b', null, Uint8Array.of(1)])
      types.push(await store().database.committed.get(typeOf, { given }))
    expect(types).toEqual(
      ['text', 'bigint', 'unknown', 'double precision', 'text', 'unknown', 'bytea'].map(type => ({ type })),
    )
    // Prepared by now, under the name of its shape.
    for (const given of ['c', 'd', 'e'])
      expect(await store().database.committed.get(typeOf, { given })).toEqual({ type: 'text' })
    const each = await store().database.committed.getEach(typeOf, [
      { given: 1 },
      { given: null },
      { given: 2.5 },
    ])
    expect(each).toEqual(new Array(3).fill({ type: 'double precision' }))
  })

  it('is nothing that it has no type for', () => {
    expect(() => castOf(new Date())).toThrow('PostgreSQL gets no [object Date]')
    expect(() => castOfAll(['a', null, 1])).toThrow('a column has both text and bigint')
    expect(castOfAll([null, null])).toBeNull()
  })
})
