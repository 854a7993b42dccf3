import type { Json } from '../../../core/json.ts'
import type { SandboxRequest, Switches } from '../../sandbox.ts'
import {
  accountLimit,
  appLimit,
  badParameter,
  deadToken,
  GraphError,
  type GraphFault,
  noPermission,
  tooMuchData,
} from './errors.ts'
import type { Option } from './options.ts'

const fault = (status: number, code: number, message: string, more: object = {}): GraphError =>
  new GraphError({ status, code, message, ...more })

const MISSING =
  "Unsupported get request. Object with ID '0' does not exist, cannot be loaded due to missing permissions, " +
  'or does not support this operation'

/** What the switch `fault` can be set to: refusals that come although all is well (docs/networks/instagram.md §10). */
const FAULTS: Readonly<Record<string, (now: number, limitStatus: number) => GraphError>> = {
  unknown: () => fault(500, 1, 'An unknown error occurred'),
  reduce: tooMuchData,
  unavailable: () =>
    fault(500, 2, 'An unexpected error has occurred. Please retry your request later.', { transient: true }),
  server: () => fault(400, -1, 'Instagram server error. Try again.', { subcode: 2207001 }),
  'app-limit': appLimit,
  'user-limit': (_, status) => fault(status, 17, '(#17) User request limit reached'),
  'page-limit': (_, status) => fault(status, 32, '(#32) Page request limit reached'),
  'custom-limit': (_, status) =>
    fault(status, 613, '(#613) Calls to this api have exceeded the rate limit.', { subcode: 1996 }),
  'account-limit': (_, status) => accountLimit(status),
  'application-limit': () => fault(400, 341, '(#341) Application limit reached'),
  blocked: () => fault(400, 368, 'The action attempted has been deemed abusive or is otherwise disallowed'),
  /** Throttling that looks as if the object were gone. */
  disguise: () => fault(400, 100, MISSING, { type: 'GraphMethodException', subcode: 33 }),
  'disguise-in-text': () =>
    fault(400, 100, 'Invalid parameter', {
      type: 'GraphMethodException',
      subcode: 33,
      userMessage: MISSING,
      data: {},
    }),
  'no-object': () =>
    fault(
      400,
      100,
      '(#100) Object does not exist, cannot be loaded due to missing permission or reviewable feature, or does ' +
        'not support this operation',
    ),
  'no-permission': noPermission,
  permission: () => fault(403, 200, '(#200) Requires instagram_manage_comments permission'),
  expired: now => deadToken(463, now),
  revoked: now => deadToken(467, now),
  checkpoint: now => deadToken(459, now),
  session: () => fault(400, 102, 'The session has been invalidated'),
  'cursor-refused': () => fault(400, 100, '(#100) Invalid cursors values'),
  'too-deep': () =>
    fault(400, 100, '(#100) The After Cursor specified exceeds the max limit supported by this endpoint'),
}

/** The refusal that the switch `fault` has for this request, or null. Taking it counts one use. One may also be given whole. */
export const takeFault = (
  switches: Switches,
  request: SandboxRequest,
  now: number,
  option: Option,
): GraphError | null => {
  const value = switches.take('fault', request)
  if (value === undefined) return null
  const given = readFault(value)
  if (given !== null) return new GraphError(given)
  const make = typeof value === 'string' && Object.hasOwn(FAULTS, value) ? FAULTS[value] : undefined
  if (make === undefined) {
    const names = Object.keys(FAULTS).join(', ')
    throw new Error(
      `The switch "fault" is one of ${names}, or has a code and a message; not ${String(value)}.`,
    )
  }
  return make(now, option('limit-status'))
}

/** `{ code, message, status, subcode, transient }`, the first two at least. */
const readFault = (value: Json): GraphFault | null => {
  if (typeof value !== 'object' || value === null || !('code' in value)) return null
  const { code, message, status, subcode, transient } = value
  if (typeof code !== 'number' || typeof message !== 'string') return null
  return {
    status: typeof status === 'number' ? status : 400,
    code,
    message,
    ...(typeof subcode === 'number' && { subcode }),
    ...(typeof transient === 'boolean' && { transient }),
  }
}

/**
 * The switch `refuses`: a field or metric that is refused to the requests that it is bound to, in the words of the API or in
 * others: `views`, or `{ "name": "views", "message": "(#100) …" }`. A request that does without it passes.
 */
export const takeRefused = (
  switches: Switches,
  request: SandboxRequest,
  params: URLSearchParams,
): GraphError | null => {
  const asked = `${params.get('metric') ?? ''},${params.get('fields') ?? ''}`
  const value = switches.take('refuses', request)
  if (value === undefined) return null
  const { name, message } = typeof value === 'object' ? Object(value) : { name: value, message: undefined }
  if (!new RegExp(`(?<!\\w)${name}(?!\\w)`).test(asked)) return null
  return typeof message === 'string'
    ? new GraphError({ status: 400, code: 100, message })
    : badParameter(`The Media Insights API does not support the ${name} metric for this media product type.`)
}
