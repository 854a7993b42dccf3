import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { type Builder, builder } from '../../../../src/store/database/builder.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { param, params, type Statement, statement } from '../../../../src/store/database/statement.ts'
import { perFile } from '../../../support/fresh.ts'
import { STORES } from '../../../support/stores.ts'

interface Quota {
  readonly network: string
  readonly owner: string
  readonly pool: string
  readonly window_start: string
  readonly used: number
  readonly allowance: number | null
  readonly exhausted_until: string | null
  readonly refused_as: string | null
}
const COLUMNS: readonly (keyof Quota)[] = [
  ...(['network', 'owner', 'pool', 'window_start', 'used'] as const),
  ...(['allowance', 'exhausted_until', 'refused_as'] as const),
]
const KEY = ['network', 'owner', 'pool', 'window_start'] as const

const insert: Statement<Quota> = statement(builder.insertInto('quota').values(params<Quota>(COLUMNS)))
const upsert: Statement<Quota> = statement(
  builder
    .insertInto('quota')
    .values(params<Quota>(COLUMNS))
    .onConflict(conflict =>
      conflict.columns(KEY).doUpdateSet(eb => ({
        used: eb('quota.used', '+', eb.ref('excluded.used')),
        allowance: eb.ref('excluded.allowance'),
      })),
    ),
)
const insertNew: Statement<Quota> = statement(
  builder
    .insertInto('quota')
    .values(params<Quota>(COLUMNS))
    .onConflict(conflict => conflict.doNothing())
    .returning('owner'),
)
const ofOwner: Statement<{ owner: string }> = statement(
  builder.selectFrom('quota').selectAll().where('owner', '=', param<string>('owner')).orderBy('pool', 'desc'),
)
const setUsed: Statement<{ owner: string; used: number; until: string | null }> = statement(
  builder
    .updateTable('quota')
    .set({ used: param<number>('used'), exhausted_until: param<string | null>('until') })
    .where('owner', '=', param<string>('owner'))
    .returning(['owner', 'used']),
)
const remove: Statement<{ owner: string }> = statement(
  builder.deleteFrom('quota').where('owner', '=', param<string>('owner')).returning('used'),
)

const row = (owner: string, more: Partial<Quota> = {}): Quota => ({
  ...{ network: 'tiny', owner, pool: 'day', window_start: '2026-01-01T00:00:00.000Z', used: 1 },
  ...{ allowance: null, exhausted_until: null, refused_as: null },
  ...more,
})
const LONG_ID = '12345678901234567890'

describe.each(STORES)('statements on $name', ({ open }) => {
  const store = perFile(open)
  afterEach(async () => {
    for (const table of ['quota', 'sync_runs', 'raw_bodies'] as const)
      await within(tx => tx.db.deleteFrom(table).execute())
  })
  const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => store().database.write(work)

  describe('for one row', () => {
    it('write what they are given, to the byte, and tell how many rows that were', async () => {
      const given = row(LONG_ID, { used: Number.MAX_SAFE_INTEGER, refused_as: `it's "q", \\ and ünïcode 🎈` })
      expect(await within(tx => tx.run(insert, given))).toBe(1)
      expect(await within(tx => tx.get(ofOwner, { owner: LONG_ID }))).toEqual(given)
      expect(await within(tx => tx.get(ofOwner, { owner: 'nobody' }))).toBeUndefined()
    })

    it('give all that they find in their order', async () => {
      await within(tx => tx.runEach(insert, [row('a', { pool: 'x' }), row('a', { pool: 'y' }), row('b')]))
      const found = await within(tx => tx.all<{ owner: string }, Quota>(ofOwner, { owner: 'a' }))
      expect(found.map(({ pool }) => pool)).toEqual(['y', 'x'])
    })

    it('take null wherever a value may be', async () => {
      const isOrNone: Statement<{ until: string | null }> = statement(
        builder
          .selectFrom('quota')
          .select('owner')
          .where(
            sql<boolean>`(${param<string>('until')} is null or exhausted_until = ${param<string>('until')})`,
          )
          .orderBy('owner'),
      )
      await within(tx => tx.runEach(insert, [row('a'), row('b', { exhausted_until: 'then' })]))
      const owners = async (until: string | null) =>
        (await within(tx => tx.all<{ until: string | null }, Quota>(isOrNone, { until }))).map(
          found => found.owner,
        )
      expect(await owners(null)).toEqual(['a', 'b'])
      expect(await owners('then')).toEqual(['b'])
      expect(await owners(null)).toEqual(['a', 'b'])
    })

    it('count on numbers as numbers', async () => {
      await within(tx => tx.runEach(insert, [row('a', { used: 2 }), row('b', { used: 3 }), row('c')]))
      const [found] = await within(async tx =>
        tx.db
          .selectFrom('quota')
          .select(eb => [
            eb.fn.countAll<number>().as('rows'),
            eb.fn.sum<number>('used').as('sum'),
            eb.fn.avg<number>('used').as('average'),
            eb.fn.count<number>('allowance').as('none'),
          ])
          .execute(),
      )
      expect(found).toEqual({ rows: 3, sum: 6, average: 2, none: 0 })
    })

    it('hand out numbers that are never used twice', async () => {
      const run = { trigger: 'cli', scopes: '[]', params: '{}', trace_id: 't', created_at: 'now' }
      const create = (tx: Tx) =>
        tx.db.insertInto('sync_runs').values(run).returning('id').executeTakeFirstOrThrow()
      const [first, second] = [(await within(create)).id, (await within(create)).id]
      await within(tx => tx.db.deleteFrom('sync_runs').where('id', '=', second).execute())
      expect(second).toBe(first + 1)
      expect((await within(create)).id).toBeGreaterThan(second)
    })
  })

  describe('for each of many rows', () => {
    it('insert: nulls in some rows, in all, and in none', async () => {
      const rows = [
        row('a', { allowance: 5 }),
        row('b'),
        row('c', { used: 0, allowance: 7, refused_as: '{"x": [1, null]}' }),
      ]
      expect(await within(tx => tx.runEach(insert, rows))).toBe(3)
      expect(await store().rows('select * from quota order by owner')).toEqual(rows)
    })

    it('write over what is there with what is excluded', async () => {
      await within(tx => tx.runEach(upsert, [row('a', { used: 1 }), row('b', { used: 2, allowance: 3 })]))
      const again = [row('b', { used: 10 }), row('c', { used: 20, allowance: 4 }), row('a', { used: 30 })]
      expect(await within(tx => tx.runEach(upsert, again))).toBe(3)
      expect(await store().rows('select owner, used, allowance from quota order by owner')).toEqual([
        { owner: 'a', used: 31, allowance: null },
        { owner: 'b', used: 12, allowance: null },
        { owner: 'c', used: 20, allowance: 4 },
      ])
    })

    it('leave alone what is there, also within the rows, and tell only what they wrote', async () => {
      await within(tx => tx.run(insert, row('a')))
      expect(await within(tx => tx.runEach(insertNew, [row('a'), row('b'), row('b'), row('c')]))).toBe(2)
      expect(await within(tx => tx.getEach(insertNew, [row('d'), row('a'), row('e'), row('e')]))).toEqual([
        { owner: 'd' },
        undefined,
        { owner: 'e' },
        undefined,
      ])
    })

    it('return what each insert made, in the order of the rows', async () => {
      const create: Statement<{ trace: string }> = statement(
        builder
          .insertInto('sync_runs')
          .values({
            ...{ trigger: 'cli', scopes: '[]', params: '{}', created_at: 'now' },
            trace_id: param<string>('trace'),
          })
          .returning(['id', 'trace_id']),
      )
      const traces = Array.from({ length: 300 }, (_, at) => `trace ${(at * 7919) % 300}`)
      const made = await within(tx =>
        tx.getEach<{ trace: string }, { id: number; trace_id: string }>(
          create,
          traces.map(trace => ({ trace })),
        ),
      )
      expect(made.map(run => run?.trace_id)).toEqual(traces)
      const ids = made.map(run => run?.id ?? 0)
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    })

    it('update and delete, and tell each row’s own', async () => {
      await within(tx => tx.runEach(insert, [row('a'), row('b', { exhausted_until: 'then' }), row('c')]))
      const changes = [
        { owner: 'c', used: 3, until: null },
        { owner: 'nobody', used: 4, until: null },
        { owner: 'b', used: 2, until: null },
      ]
      expect(await within(tx => tx.getEach(setUsed, changes))).toEqual([
        { owner: 'c', used: 3 },
        undefined,
        { owner: 'b', used: 2 },
      ])
      expect(await within(tx => tx.runEach(setUsed, changes))).toBe(2)
      const owners = [{ owner: 'nobody' }, { owner: 'c' }, { owner: 'a' }]
      expect(await within(tx => tx.getEach(remove, owners))).toEqual([undefined, { used: 3 }, { used: 1 }])
      expect(await store().rows('select owner, used, exhausted_until from quota')).toEqual([
        { owner: 'b', used: 2, exhausted_until: null },
      ])
    })

    it('give the first of each, and nothing where there is none', async () => {
      await within(tx =>
        tx.runEach(insert, [row('a', { pool: 'x' }), row('a', { pool: 'y' }), row('b', { allowance: 9 })]),
      )
      const wanted = ['b', 'nobody', 'a', 'b'].map(owner => ({ owner }))
      const expected = [row('b', { allowance: 9 }), undefined, row('a', { pool: 'y' })]
      expect(await within(tx => tx.getEach(ofOwner, wanted))).toEqual([...expected, expected[0]])
    })

    it('give what is null as null', async () => {
      const refusal: Statement<{ owner: string }> = statement(
        builder.selectFrom('quota').select('refused_as').where('owner', '=', param<string>('owner')),
      )
      await within(tx => tx.run(insert, row('a')))
      expect(await within(tx => tx.getEach(refusal, [{ owner: 'a' }, { owner: 'b' }]))).toEqual([
        { refused_as: null },
        undefined,
      ])
    })

    it('select what they insert from what is there', async () => {
      const copy: Statement<{ from: string; to: string }> = statement(
        (builder as Builder)
          .insertInto('quota')
          .columns(['network', 'owner', 'pool', 'window_start', 'used'])
          .expression(
            builder
              .selectFrom('quota')
              .select([
                'network',
                sql<string>`${param<string>('to')}`.as('owner'),
                'pool',
                'window_start',
                'used',
              ])
              .where('owner', '=', param<string>('from')),
          ),
      )
      await within(tx => tx.runEach(insert, [row('a', { pool: 'x' }), row('a', { pool: 'y' }), row('b')]))
      const copies = [
        { from: 'a', to: 'c' },
        { from: 'nobody', to: 'd' },
        { from: 'b', to: 'e' },
      ]
      expect(await within(tx => tx.runEach(copy, copies))).toBe(3)
      expect(await store().rows(`select owner, pool from quota where owner > 'b' order by 1, 2`)).toEqual([
        { owner: 'c', pool: 'x' },
        { owner: 'c', pool: 'y' },
        { owner: 'e', pool: 'day' },
      ])
    })

    it('take params in what a conflict does, and in tables of their own', async () => {
      const keepLarger: Statement<Quota & { least: number }> = statement(
        builder
          .insertInto('quota')
          .values(params<Quota>(COLUMNS))
          .onConflict(conflict => conflict.columns(KEY).doUpdateSet({ used: param<number>('least') })),
      )
      await within(tx => tx.run(insert, row('a')))
      const rows = [
        { ...row('a'), least: 7 },
        { ...row('b'), least: 8 },
      ]
      expect(await within(tx => tx.runEach(keepLarger, rows))).toBe(2)
      const found = await store().rows('select owner, used from quota order by owner')
      expect(found).toEqual([
        { owner: 'a', used: 7 },
        { owner: 'b', used: 1 },
      ])
    })

    it('hold bytes', async () => {
      const bodies = [
        { hash: 'a', body: Uint8Array.of(0, 1, 255, 92, 34) },
        { hash: 'b', body: new Uint8Array(0) },
        { hash: 'c', body: Buffer.from('{},"\\x') },
      ]
      const keep: Statement<{ hash: string; body: Uint8Array }> = statement(
        builder.insertInto('raw_bodies').values(params<{ hash: string; body: Uint8Array }>(['hash', 'body'])),
      )
      const read: Statement<{ hash: string }> = statement(
        builder.selectFrom('raw_bodies').select('body').where('hash', '=', param<string>('hash')),
      )
      await within(tx => tx.runEach(keep, bodies))
      await within(tx => tx.run(keep, { hash: 'd', body: Uint8Array.of(7) }))
      const found = await within(tx =>
        tx.getEach<{ hash: string }, { body: Uint8Array }>(read, [...bodies, { hash: 'd' }]),
      )
      expect(found.map(one => Buffer.from(one?.body ?? []).toString('hex'))).toEqual([
        '0001ff5c22',
        '',
        '7b7d2c225c78',
        '07',
      ])
    })

    it('of no rows do nothing', async () => {
      expect(await within(tx => tx.runEach(insert, []))).toBe(0)
      expect(await within(tx => tx.getEach(ofOwner, []))).toEqual([])
    })

    it('of ten thousand rows', async () => {
      const rows = Array.from({ length: 10_000 }, (_, at) =>
        row(`owner ${at}`, { used: at, allowance: at % 2 === 0 ? null : at }),
      )
      expect(await within(tx => tx.runEach(insert, rows))).toBe(10_000)
      let byKey = builder.selectFrom('quota').select('used')
      for (const column of KEY) byKey = byKey.where(column, '=', param<string>(column))
      const backwards = rows.toReversed()
      const found = await within(tx => tx.getEach<Quota, { used: number }>(statement(byKey), backwards))
      expect(found.map(one => one?.used)).toEqual(backwards.map(({ used }) => used))
    })
  })
})
