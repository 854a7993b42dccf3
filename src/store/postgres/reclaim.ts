import type { Address } from './address.ts'
import { Session } from './session.ts'

/**
 * Vacuums tables, outside of a transaction: deleted rows go, also out of indexes that hardly changed. What another transaction
 * may still see stays for a later vacuum.
 */
export const reclaim = async (address: Address, tables: readonly string[]): Promise<void> => {
  const session = await Session.open(address, 'set statement_timeout = 0; set client_min_messages = error')
  try {
    const names = tables.map(table => `"${table}"`).join(', ')
    await session.query(`vacuum (analyze, index_cleanup on) ${names}`)
  } finally {
    await session.close()
  }
}
