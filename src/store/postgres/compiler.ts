import { PostgresQueryCompiler } from 'kysely'
import { Param } from '../database/statement.ts'
import { Word } from '../database/words.ts'
import { EachColumn, EachCount } from './each.ts'
import { SPELLING } from './spelling.ts'
import { type Cast, castOf } from './values.ts'

/** What the params of a statement are this time: each one's cast by its name; null = the value is null. */
export type Shape = ReadonlyMap<string, Cast | null>

/**
 * Kysely's compiler, which also spells the words that databases have in ways of their own. Every value has its type beside
 * it, and null stands in the text: PostgreSQL asks for the type of a parameter, and `$1 is null` tells it none.
 */
export class PostgresCompiler extends PostgresQueryCompiler {
  readonly #shape: Shape | null
  readonly #each: boolean
  /** Params that were met, in the order of their first places. */
  readonly params = new Set<string>()

  /** Without a shape it only finds the params. `each`: they are columns of a table of rows. */
  constructor(shape: Shape | null = null, each = false) {
    super()
    this.#shape = shape
    this.#each = each
  }

  protected override appendValue(value: unknown): void {
    if (value instanceof Word) this.visitNode(value.spell(SPELLING).toOperationNode())
    else if (value instanceof Param) this.#appendParam(value)
    else if (value instanceof EachColumn) this.#appendCast(value, `${value.cast}[]`)
    else this.#appendCast(value, value instanceof EachCount ? 'bigint' : castOf(value))
  }

  #appendParam(param: Param): void {
    this.params.add(param.name)
    const cast = this.#shape?.get(param.name) ?? null
    if (this.#each && cast !== null) this.append(`"each"."$${this.sanitizeIdentifier(param.name)}"`)
    else this.#appendCast(param, cast)
  }

  #appendCast(value: unknown, cast: string | null): void {
    if (cast === null) this.append('null')
    else {
      super.appendValue(value)
      this.append(`::${cast}`)
    }
  }
}
