import { existsSync, statSync } from 'node:fs'
import { type Origin, refuseOtherOrigin } from './admin/origin.ts'
import { type PeopleAs, peopleIn } from './admin/people.ts'
import type { Database, Reading } from './database/database.ts'
import { isPostgresUrl, passwordsIn, redactUrl } from './postgres/address.ts'
import { SqliteFile } from './sqlite/database.ts'

/**
 * Opens what `--db` names for writing: a file, which is made where there is none, or with `postgres://…` a server's database. BadInput
 * where it is no database of ours, StoreBroken where it is damaged or out of reach.
 */
export const openDatabase = async (where: string): Promise<Database> => {
  if (!isPostgresUrl(where)) return SqliteFile.open(where)
  const { PostgresDatabase } = await server()
  return PostgresDatabase.open(where)
}

/** Opens an existing one for reading only; an open reader never holds up who writes. BadInput where there is none. */
export const openReading = async (where: string): Promise<Reading> => {
  if (!isPostgresUrl(where)) return SqliteFile.openReader(where)
  const { PostgresDatabase } = await server()
  return PostgresDatabase.openReader(where)
}

/** Whether it is a server's, on which workers of any machine may be. */
export const isShared = (where: string): boolean => isPostgresUrl(where)

/** What a message calls it: a URL loses its password. */
export const nameOfDatabase = (where: string): string => redactUrl(where)

/** What must not be shown of what `--db` is given, and of the environment beside it. */
export const secretsOfDatabase = (where: string, env: NodeJS.ProcessEnv): readonly string[] => [
  ...passwordsIn(where),
  ...(env.PGPASSWORD ? [env.PGPASSWORD] : []),
]

/** BadInput where what is there was filled by another one than `origin`. What cannot be read is told by whoever opens it. */
export const refuseOther = (where: string, origin: Origin): Promise<void> =>
  lookInto(where, undefined, ({ name, db }) => refuseOtherOrigin(name, db, origin))

/** How people stand in what is there; `nobody` where nothing is, or it cannot be read. */
export const peopleAt = (where: string): Promise<PeopleAs> =>
  lookInto<PeopleAs>(where, { as: 'nobody' }, ({ db }) => peopleIn(db))

/** What a look into a database finds, of whatever version it is; `none` where there is none, or it cannot be read. */
const lookInto = async <T>(where: string, none: T, look: (reading: Reading) => Promise<T>): Promise<T> => {
  const reading = await isThere(where)
    .then(
      there => (there ? openReading(where) : null),
      () => null,
    )
    .catch(() => null)
  if (reading === null) return none
  try {
    return await look(reading)
  } finally {
    await reading.close()
  }
}

/** Whether there is anything to read: a run would make what is not there. */
export const isThere = async (where: string): Promise<boolean> => {
  if (!isPostgresUrl(where)) return existsSync(where) && statSync(where).size > 0
  const { PostgresDatabase } = await server()
  return PostgresDatabase.isThere(where)
}

/** Who works on a file loads none of it. */
const server = () => import('./postgres/database.ts')
