import type { OperationNode, RootOperationNode } from 'kysely'
import type { Locking } from '../database/database.ts'
import { bind, compileWith, type Statement } from '../database/statement.ts'
import { PostgresCompiler, type Shape } from './compiler.ts'
import { EachColumn, EachCount, spread } from './each.ts'
import { locking } from './locking.ts'
import { castOf, castOfAll } from './values.ts'

/** A statement and its values, on their way to a server. */
export interface Query {
  readonly text: string
  readonly values: readonly unknown[]
  /** What a connection that is one process's own prepares it as; undefined = it does not. */
  readonly name?: string
}

interface Plan {
  readonly sql: string
  readonly slots: readonly unknown[]
  uses: number
  name: string | undefined
}

/** From its third use on a plan is prepared: shapes are many where columns may be null, and most are rare. */
const PREPARED_AT = 3
/** A server keeps each of them for each connection. */
const MOST_PREPARED = 2_000

let prepared = 0

/** One statement in all the shapes that its rows had: compiled once each, for all connections. */
class Plans {
  readonly #node: RootOperationNode
  readonly #params: readonly string[]
  readonly #ones = new Map<string, Plan>()
  readonly #eaches = new Map<string, Plan | null>()
  /** Whether what it returns is told apart by row when it is run for many. */
  readonly answersEach: boolean
  /** Whether each row brings one, in their order, and bears no number. */
  readonly inOrder: boolean

  constructor(node: RootOperationNode) {
    this.#node = node
    this.#params = paramsOf(node)
    this.inOrder = node.kind === 'InsertQueryNode'
    // An insert that may leave rows out does not say which.
    this.answersEach =
      node.kind !== 'InsertQueryNode' ||
      (node.values?.kind === 'ValuesNode' &&
        node.onConflict?.doNothing !== true &&
        node.onConflict?.updateWhere === undefined)
  }

  one(row: object): Query {
    const casts = this.#params.map(name => castOf((row as Record<string, unknown>)[name]))
    const key = casts.join()
    let plan = this.#ones.get(key)
    if (plan === undefined) {
      plan = this.#compile(this.#node, new Map(this.#params.map((name, at) => [name, casts[at] ?? null])))
      this.#ones.set(key, plan)
    }
    return { text: plan.sql, values: bind(plan, row), ...named(plan) }
  }

  /** Null = it cannot be run for many rows at once. */
  each(rows: readonly object[]): Query | null {
    const records = rows as readonly Record<string, unknown>[]
    const casts = this.#params.map(name => castOfAll(records.map(row => row[name])))
    const key = casts.join()
    let plan = this.#eaches.get(key)
    if (plan === undefined) {
      plan = this.#spread(new Map(this.#params.map((name, at) => [name, casts[at] ?? null])))
      this.#eaches.set(key, plan)
    }
    if (plan === null) return null
    const values = plan.slots.map(slot =>
      slot instanceof EachColumn
        ? records.map(row => row[slot.name])
        : slot instanceof EachCount
          ? rows.length
          : slot,
    )
    return { text: plan.sql, values, ...named(plan) }
  }

  #spread(shape: Shape): Plan | null {
    const node = this.#node
    if (node.kind === 'InsertQueryNode') {
      // There the table of the rows is not to be seen.
      const outside = [node.onConflict, node.returning]
      if (outside.some(part => part !== undefined && paramsOf(part).length > 0)) return null
    }
    const columns = [...shape].flatMap(([name, cast]) => (cast === null ? [] : [new EachColumn(name, cast)]))
    const whole = spread(node, columns)
    return whole === null ? null : this.#compile(whole, shape, true)
  }

  #compile(node: RootOperationNode, shape: Shape, each = false): Plan {
    return { ...compileWith(new PostgresCompiler(shape, each), { node }), uses: 0, name: undefined }
  }
}

const paramsOf = (node: OperationNode): readonly string[] => {
  const compiler = new PostgresCompiler()
  compileWith(compiler, { node: node as RootOperationNode })
  return [...compiler.params]
}

const named = (plan: Plan): { name?: string } => {
  plan.uses++
  if (plan.uses === PREPARED_AT && prepared < MOST_PREPARED) plan.name = `socsync_${++prepared}`
  return plan.name === undefined ? {} : { name: plan.name }
}

const known: Readonly<Record<Locking | 'plain', WeakMap<object, Plans>>> = {
  plain: new WeakMap(),
  change: new WeakMap(),
  free: new WeakMap(),
  same: new WeakMap(),
  there: new WeakMap(),
}

/** `how` = what it finds is locked too. */
export const plansOf = (statement: Statement<object>, how: Locking | null = null): Plans => {
  const plansSoFar = known[how ?? 'plain']
  let plans = plansSoFar.get(statement)
  if (plans === undefined) {
    plans = new Plans(how === null ? statement.node : locking(statement.node, how))
    plansSoFar.set(statement, plans)
  }
  return plans
}
