import type { SandboxRequest } from '../../sandbox.ts'
import { refuse } from './errors.ts'
import { findUnknown, readFields, type Selection } from './fields.ts'
import type { Call, Method } from './method.ts'

/** Good for every method (docs/networks/youtube.md §1). */
const COMMON = new Set(
  'key access_token oauth_token part fields alt prettyPrint quotaUser callback $.xgafv uploadType upload_protocol'.split(
    ' ',
  ),
)

/** An empty value is as good as none (docs/networks/youtube.md §11). */
export const readOne = ({ query }: SandboxRequest, name: string): string | null => query.get(name) || null

/** A comma list, repeated keys, or both. */
const readMany = ({ query }: SandboxRequest, name: string): readonly string[] => [
  ...new Set(
    query.getAll(name).flatMap(value =>
      value
        .split(',')
        .map(item => item.trim())
        .filter(Boolean),
    ),
  ),
]

type Asked = Pick<Call, 'parts' | 'filter' | 'values' | 'value' | 'pageSize' | 'one'> & {
  readonly fields: Selection | null
}

/** What was asked for, or a refusal with the reason of docs/networks/youtube.md §9. */
export const validate = (method: Method, request: SandboxRequest): Asked => {
  refuseUnexpected(method, request)
  const parts = readParts(method, request)
  const filter = readFilter(method, request)
  const values = filter === null ? [] : readMany(request, filter)
  if (values.length > MOST_IDS) {
    throw refuse('invalidParameter', {
      message: `Too many values: ${values.length}. At most ${MOST_IDS} may be given.`,
      location: filter ?? 'id',
    })
  }
  return {
    parts,
    filter,
    values,
    value: values[0] ?? '',
    pageSize: readPageSize(method, request),
    one: name => readOne(request, name),
    fields: readSelection(method, request),
  }
}

/** One unit buys so many ids (docs/networks/youtube.md §2). */
const MOST_IDS = 50

const refuseUnexpected = ({ filters, parameters }: Method, request: SandboxRequest): void => {
  for (const name of request.query.keys()) {
    if (COMMON.has(name) || filters.includes(name) || parameters.includes(name)) continue
    throw refuse('unexpectedParameter', { message: `Unexpected parameter: '${name}'.`, location: name })
  }
  const alt = readOne(request, 'alt') ?? 'json'
  if (alt !== 'json')
    throw refuse('invalidParameter', { message: `Invalid value '${alt}'.`, location: 'alt' })
}

const readParts = ({ parts, ownerParts = [] }: Method, request: SandboxRequest): ReadonlySet<string> => {
  const wanted = readMany(request, 'part')
  if (wanted.length === 0) {
    throw refuse('missingRequiredParameter', { message: 'Required parameter: part', location: 'part' })
  }
  const unknown = wanted.filter(part => !parts.includes(part) && !ownerParts.includes(part))
  if (unknown.length > 0) throw refuse('unknownPart', { message: `'${unknown.join(',')}'` })
  if (wanted.some(part => ownerParts.includes(part))) {
    throw refuse('forbidden', {
      message: 'The request is not properly authorized.',
      domain: 'youtube.common',
    })
  }
  return new Set(wanted)
}

const readFilter = ({ filters, filterOptional }: Method, request: SandboxRequest): string | null => {
  const given = filters.filter(name => readOne(request, name) !== null)
  if (given.length > 1) {
    throw refuse('incompatibleParameters', {
      message: `Incompatible parameters specified in the request: ${given.join(', ')}`,
      location: given[0] ?? '',
    })
  }
  if (given.length === 0 && !filterOptional) {
    throw refuse('missingRequiredParameter', {
      message: `No filter selected. Expected one of: ${filters.join(', ')}`,
      location: 'parameters.',
      locationType: 'other',
    })
  }
  return given[0] ?? null
}

const readPageSize = ({ pageSize }: Method, request: SandboxRequest): number => {
  if (pageSize === null) return 0
  const text = readOne(request, 'maxResults')
  if (text === null) return pageSize.usual
  const size = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (size >= pageSize.least && size <= pageSize.most) return size
  throw refuse('invalidParameter', {
    message: `Invalid value '${text}'. Values must be within the range: [${pageSize.least}, ${pageSize.most}]`,
    location: 'maxResults',
  })
}

const readSelection = ({ schema }: Method, request: SandboxRequest): Selection | null => {
  const text = readOne(request, 'fields')
  if (text === null) return null
  const selection = readFields(text)
  const unknown = selection === null ? text : findUnknown(selection, schema)
  if (unknown === null) return selection
  throw refuse('invalidParameter', { message: `Invalid field selection ${unknown}`, location: 'fields' })
}
