import type { StoreOptions } from '../../store/store.ts'
import type { Toolbox } from '../toolbox.ts'
import type { WorkSettings } from './run-request.ts'

/** What a store is opened with by whoever stores what networks tell. BadInput where the database has people otherwise. */
export const storingOf = async (
  { db, keepRaw }: Pick<WorkSettings, 'db' | 'keepRaw'>,
  { clock, crash, origin, people: peopleOf }: Pick<Toolbox, 'clock' | 'crash' | 'origin' | 'people'>,
): Promise<Omit<StoreOptions, 'purpose'>> => {
  const people = await peopleOf()
  // Answers as received name everybody.
  return {
    path: db,
    clock,
    crash,
    origin,
    keepRaw: keepRaw && people === null,
    people: people?.key ?? null,
  }
}
