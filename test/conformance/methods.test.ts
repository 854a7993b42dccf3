import '../support/spoilt-sql.ts'
import { describe, expect, it } from 'vitest'
import * as connecting from '../../src/store/connect.ts'
import * as tending from '../../src/store/maintenance.ts'
import { OrderStore } from '../../src/store/order-store.ts'
import * as reading from '../../src/store/reader.ts'
import { ScheduleStore } from '../../src/store/schedule-store.ts'
import { openSharedLimits } from '../../src/store/shared-limits.ts'
import { SharedRuns } from '../../src/store/shared-runs.ts'
import { Store } from '../../src/store/store.ts'
import { TransformStore } from '../../src/store/transform-store.ts'
import { openSubmissions } from '../../src/store/transforms/submissions.ts'
import { perFile, perTest } from '../support/fresh.ts'
import { STORES } from '../support/stores.ts'
import { LIMIT_CASES } from './limit-cases.ts'
import { ORDER_CASES } from './order-cases.ts'
import { RUN_CASES } from './run-cases.ts'
import { openScene } from './scene.ts'
import { SCHEDULE_CASES } from './schedule-cases.ts'
import { READING_CASES, TENDING_CASES } from './tending-cases.ts'
import { TRANSFORM_CASES } from './transform-cases.ts'
import { WALK_CASES } from './walk-cases.ts'

const LONG = { tags: ['long'] }

const SHARING = {
  ...{ ...WALK_CASES, ...RUN_CASES, ...LIMIT_CASES, ...TRANSFORM_CASES },
  ...{ ...ORDER_CASES, ...SCHEDULE_CASES, ...READING_CASES },
}

/** What else holds a method: a case would only show it once more. */
const SHOWN_ELSEWHERE: readonly string[] = [
  // Between two files, two databases, and one of each, killed at each point: test/e2e/copy.test.ts.
  'copyStore',
  // Of a worker: each case that opens one.
  'Store.shared',
  'Store.worker',
  'Store.interrupted',
  // Workers that ticks are handed to, killed and cut off: test/e2e/schedule.test.ts.
  'ScheduleStore.openTicks',
  // Of clocks that differ: test/e2e/database-clock.test.ts.
  'followReader',
  'followDatabaseAt',
]

const namesOf = (of: { readonly name: string; readonly prototype: object }): string[] =>
  Object.getOwnPropertyNames(of.prototype)
    .filter(name => name !== 'constructor')
    .map(name => `${of.name}.${name}`)
/** Stands for a database that nothing is asked of. */
const NOT_ASKED = {} as never
const staticsOf = (of: { readonly name: string }): string[] =>
  Object.getOwnPropertyNames(of)
    .filter(name => !['length', 'name', 'prototype'].includes(name))
    .map(name => `${of.name}.${name}`)

it('each public method of the store has a case', () => {
  const methods = [
    ...[Store, SharedRuns, OrderStore, TransformStore, ScheduleStore].flatMap(of => [
      ...namesOf(of),
      ...staticsOf(of),
    ]),
    ...Object.keys(openSharedLimits(NOT_ASKED, NOT_ASKED, Date.now)).map(name => `SharedLimits.${name}`),
    ...Object.keys(openSubmissions(NOT_ASKED, NOT_ASKED, NOT_ASKED)).map(name => `SubmissionStore.${name}`),
    ...[connecting, reading, tending].flatMap(module => Object.keys(module)),
  ]
  expect(methods.length).toBeGreaterThan(100)
  const held = new Set([...Object.keys(SHARING), ...Object.keys(TENDING_CASES), ...SHOWN_ELSEWHERE])
  expect(methods.filter(name => !held.has(name))).toEqual([])
})

/** What `npm test` asks of a server: what the fence, the turn and the ledger stand on. Of a file, which takes no time, it asks all. */
const SHORT = new Set(
  ['claim', 'isDue', 'commit', 'end', 'postpone', 'divide', 'restart', 'charge'].map(name => `Store.${name}`),
)

describe.each(STORES)('on $name', ({ name: database, open }) => {
  describe('beside others', () => {
    const scene = perFile(() => openScene(open()))
    for (const [name, hold] of Object.entries(SHARING))
      it(name, database === 'SQLite' || SHORT.has(name) ? {} : LONG, () => hold(scene()))
  })

  // A database each, which takes most of the time: `db prune`, `purge` and `rebuild` are in test/e2e/tended.test.ts, too.
  describe('alone', LONG, () => {
    const scene = perTest(() => openScene(open()))
    for (const [name, hold] of Object.entries(TENDING_CASES)) it(name, () => hold(scene()))
  })
})
