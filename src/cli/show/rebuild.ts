import type { Rebuilt } from '../../store/admin/rebuild.ts'
import type { Changes } from '../../store/admin/rebuild-tables.ts'
import { showBackup } from './db.ts'
import { counted, number, printable, table } from './text.ts'

const COUNTS = ['rows', 'added', 'changed', 'gone', 'kept'] as const satisfies readonly (keyof Changes)[]

/** On a server nothing is copied first. */
const NO_COPY = ', and none makes a copy there: make one with pg_dump before you change it'

/** What a rebuild changed, or would change, by table and column; what it could not read, and why. */
export const showRebuilt = (
  db: string,
  { pages, unread, tables, backup }: Rebuilt,
  dryRun: boolean,
): string => {
  const shown = Object.entries(tables).filter(([, changes]) => changes.rows + changes.gone > 0)
  const changed = shown.flatMap(([name, { columns }]) =>
    Object.entries(columns).map(([column, count]) => [`  ${name}.${column}`, `${number(count)} changed`]),
  )
  const kept = shown.some(([, changes]) => changes.kept > 0)
  const same = shown.every(([, { added, changed, gone }]) => added + changed + gone === 0)
  return [
    `${printable(db)}: ${counted(pages, 'page')} read again`,
    ...(shown.length === 0
      ? []
      : [
          table([
            ['', ...COUNTS],
            ...shown.map(([name, changes]) => [`  ${name}`, ...COUNTS.map(count => changes[count])]),
          ]),
        ]),
    ...(changed.length === 0 ? [] : [table(changed)]),
    ...(kept
      ? ['kept: the answers that these rows came from are not in the database, so they stay as they are']
      : []),
    ...unread.map(
      line =>
        `not read: ${counted(line.pages, 'page')} of ${line.network} ${line.stream} (${printable(line.reason)})`,
    ),
    same
      ? 'the tables are what the answers say: nothing to change'
      : dryRun
        ? `nothing was changed: this was a dry run${db.includes('://') ? NO_COPY : ''}`
        : backup === null
          ? 'changed'
          : `changed; as it was: ${showBackup(backup).trimEnd()}`,
    '',
  ].join('\n')
}
