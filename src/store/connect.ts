import type { Reading } from './database/database.ts'
import { SqliteFile } from './sqlite/database.ts'

/** Opens or creates what `--db` names, for writing. BadInput where it is no database of ours, StoreBroken where it is damaged. */
export const openDatabase = async (where: string): Promise<SqliteFile> => SqliteFile.open(where)

/** Opens an existing one for reading only; an open reader never holds up who writes. BadInput where there is none. */
export const openReading = async (where: string): Promise<Reading> => SqliteFile.openReader(where)
