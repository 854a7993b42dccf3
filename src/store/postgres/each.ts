import {
  ExpressionWrapper,
  FromNode,
  type OperationNode,
  type RawBuilder,
  ReturningNode,
  type RootOperationNode,
  sql,
  UsingNode,
  ValueNode,
} from 'kysely'
import type { Cast } from './values.ts'

/** All rows' values of one param, as a list. */
export class EachColumn {
  readonly name: string
  readonly cast: Cast
  constructor(name: string, cast: Cast) {
    this.name = name
    this.cast = cast
  }
}

/** How many rows there are, where none of them has a value. */
export class EachCount {}

/** What a result says beside what was selected: which row it belongs to, and that something was found for it. */
export const PLACE = '$n'
export const FOUND = '$found'

/**
 * A statement for one row as one for many: the rows are a table `each` with a column for each param, numbered by `$n`.
 * Null = it has no such form, and is run row by row.
 */
export const spread = (node: RootOperationNode, columns: readonly EachColumn[]): RootOperationNode | null => {
  if (columns.some(({ cast }) => cast.endsWith('[]')) || ('with' in node && node.with !== undefined))
    return null
  const each = rowsOf(columns)
  const place = sql`${sql.ref(`each.${PLACE}`)}`
  switch (node.kind) {
    case 'SelectQueryNode':
      return sql`
        select "found".*, ${place} from ${each}
        left join lateral (select true as ${sql.id(FOUND)}, "one".* from ${the(node)} as "one" limit 1) as "found" on true
        order by ${place}`.toOperationNode()
    case 'InsertQueryNode': {
      const selected = selectedBy(node.values)
      if (selected === null) return null
      return { ...node, values: sql`select ${selected(each)} order by ${place}`.toOperationNode() }
    }
    case 'UpdateQueryNode':
      return {
        ...node,
        from: FromNode.create([each.toOperationNode(), ...(node.from?.froms ?? [])]),
        ...placed(node.returning, place),
      }
    case 'DeleteQueryNode':
      return {
        ...node,
        using: UsingNode.create([each.toOperationNode(), ...(node.using?.tables ?? [])]),
        ...placed(node.returning, place),
      }
    default:
      return null
  }
}

const rowsOf = (columns: readonly EachColumn[]): RawBuilder<unknown> => {
  if (columns.length === 0) return sql`generate_series(1, ${new EachCount()}) as "each" (${sql.id(PLACE)})`
  const names = [...columns.map(({ name }) => `$${name}`), PLACE].map(name => sql.id(name))
  return sql`unnest(${sql.join(columns)}) with ordinality as "each" (${sql.join(names)})`
}

/** What an insert's values select from the rows. */
const selectedBy = (
  values: OperationNode | undefined,
): ((each: RawBuilder<unknown>) => RawBuilder<unknown>) | null => {
  if (values === undefined) return null
  if (values.kind === 'SelectQueryNode')
    return each => sql`"one".* from ${each} cross join lateral ${the(values)} as "one"`
  const [list, another] = 'values' in values ? (values.values as readonly OperationNode[]) : []
  if (list === undefined || another !== undefined || !('values' in list)) return null
  const items = (list.values as readonly unknown[]).map(value =>
    list.kind === 'PrimitiveValueListNode' ? ValueNode.create(value) : (value as OperationNode),
  )
  return each => sql`${sql.join(items.map(the))} from ${each}`
}

const placed = (returning: ReturningNode | undefined, place: RawBuilder<unknown>) =>
  returning === undefined
    ? {}
    : {
        returning: ReturningNode.create([
          ...returning.selections,
          place.toOperationNode() as unknown as (typeof returning.selections)[number],
        ]),
      }

const the = (node: OperationNode): ExpressionWrapper<never, never, unknown> => new ExpressionWrapper(node)
