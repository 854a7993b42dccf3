import { sql } from 'kysely'
import { crashPoint } from '../../src/app/config/crash-point.ts'
import { MIGRATIONS, migrate } from '../../src/store/admin/migrate.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'

/**
 * A later socsync, with two migrations more than this one, opens a file: `node migrate-later.ts <file> [crash point]`.
 * Prints what `migrate` gives, or the exit code that the CLI would end with.
 */
const [path = '', point] = process.argv.slice(2)
const file = SqliteFile.open(path)
try {
  const migrations = {
    ...MIGRATIONS,
    '998-words': {
      up: async (db: typeof file.db) => {
        await db.schema.createTable('words').addColumn('word', 'text').execute()
        await sql`insert into words select caption from posts`.execute(db)
      },
    },
    '999-mood': {
      up: async (db: typeof file.db) => {
        await db.schema.alterTable('posts').addColumn('mood', 'text').execute()
      },
    },
  }
  process.stdout.write(JSON.stringify(await migrate(file, { crash: crashPoint(point), migrations })))
} catch (error) {
  process.stdout.write(JSON.stringify(error))
  process.exitCode = 1
} finally {
  await file.close()
}
