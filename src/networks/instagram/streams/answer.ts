import { FaultError } from '../../../core/fault.ts'
import type { PageRequest, RawPage, TaskRef } from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import { type Asked, askedOf, parseFields } from '../fields.ts'
import { isOwnId } from '../ids.ts'
import { isListing } from '../insights-calls.ts'

/** The one answer of a page, open for reading. */
export interface Answer {
  readonly reader: Reader
  readonly body: Fields | null
  /** The fields that the answer was asked for: they stand in the stored request. */
  readonly asked: Asked
  /** The API does not serve the list any deeper. */
  readonly tooDeep: boolean
  /** The nested part was refused before this answer was given without it. */
  readonly nestRefused: boolean
}

export const readAnswer = ({ parts }: RawPage): Answer => {
  const reader = new Reader()
  const part = parts.at(-1)
  const fields = reader.object(part?.request.query, 'request.query')?.string('fields')
  return {
    reader,
    body: reader.object(part?.json, '$'),
    asked: askedOf(fields ? parseFields(fields) : []),
    tooDeep: part !== undefined && part.status !== 200,
    nestRefused: parts.length > 1,
  }
}

/** Every stream of this network reads one thing at a time. */
export const onlyTask = ({ tasks }: PageRequest): TaskRef => {
  const [task] = tasks
  if (task === undefined) throw new RangeError('a page request without a task')
  return task
}

/** The own account whose allowance pays for what is read of it, listed by its id or not. */
export const accountOf = ({ entityId, profileId }: TaskRef): string =>
  isOwnId(entityId) ? entityId : (profileId ?? entityId)

/** A whole answer, and no account in it: nothing can be stored under what was asked for. */
export const noAccount = (): FaultError =>
  new FaultError({ kind: 'unreadable', code: 'no-account' }, 'Instagram answered without an account')

/** The answers that a list of own posts or stories consists of, and those that were asked for beside it. */
export const partedOf = ({ parts }: RawPage): { readonly list: RawPage; readonly beside: RawPage } => ({
  list: { parts: parts.filter(isListing) },
  beside: { parts: parts.filter(part => !isListing(part)) },
})
