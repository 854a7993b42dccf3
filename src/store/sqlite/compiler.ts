import { SqliteQueryCompiler } from 'kysely'
import { Word } from '../database/words.ts'
import { SPELLING } from './spelling.ts'

/** Kysely's compiler, which also spells the words that databases have in ways of their own. */
export class SqliteCompiler extends SqliteQueryCompiler {
  protected override appendValue(value: unknown): void {
    if (value instanceof Word) this.visitNode(value.spell(SPELLING).toOperationNode())
    else super.appendValue(value)
  }
}
