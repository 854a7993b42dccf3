import type { SandboxRequest, Switches } from '../../sandbox.ts'
import { accountLimit, appLimit, deadToken, GraphError, noPermission, tooMuchData } from './errors.ts'
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

/** The refusal that the switch `fault` has for this request, or null. Taking it counts one use. */
export const takeFault = (
  switches: Switches,
  request: SandboxRequest,
  now: number,
  option: Option,
): GraphError | null => {
  const name = switches.take('fault', request)
  if (name === undefined) return null
  const make = typeof name === 'string' && Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined
  if (make === undefined) {
    throw new Error(`The switch "fault" is one of ${Object.keys(FAULTS).join(', ')}, not ${String(name)}.`)
  }
  return make(now, option('limit-status'))
}
