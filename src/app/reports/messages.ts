/** What reasons and error types mean, and what a person can do. The tables of docs/reasons.md say the same. */

export const REASON_TEXT: Readonly<Record<string, string>> = {
  'up-to-date': 'nothing new',
  'unsupported-by-network': 'the network does not give them',
  'comments-disabled': 'comments are switched off',
  'not-found': 'not there: deleted, renamed, or never existed',
  'not-shared': 'the profile does not share them',
  private: 'private',
  refused: 'the network refuses to tell',
  locked: 'another run holds the profile',
  duplicate: 'the same profile as another line',
  none: 'there are none',
  inline: 'they came with the post',
  capped: 'the network gives no more than this',
  limited: 'cut by your limit',
  truncated: 'the list ended early',
  deleted: 'deleted in the meantime',
  loop: 'the network repeated itself',
  budget: 'the budget of the run was spent',
  'identity-changed': 'the name belongs to another profile now',
  unavailable: 'not to be had at the moment; later runs ask again',
  'not-read': 'not read yet, or not since the number moved',
  unlisted: 'read to the end; the network holds the rest back, or has removed it',
}

export const ERROR_HINT: Readonly<Record<string, string>> = {
  quota_exhausted: 'the quota is used up; run again after the time shown, or with another key',
  rate_limited: 'the network asked for a pause; run again after the time shown',
  unreachable: 'the network could not be reached; run again later',
  unauthorised: 'the credential is refused: renew it, then resume',
  interrupted: 'the process ended before it was done; resume',
  network_error: 'calls failed again and again; later runs try again, ever more seldom; resume does at once',
  cursor_expired: 'the place in the list was lost twice; the next run, or resume, begins the list anew',
  empty: 'the network lists nothing where it declares something; it is asked again, ever more seldom',
  misconfigured: 'the set-up keeps the network from answering: set what is said here, then resume',
  rejected: 'the network calls the request wrong; please report it',
  unreadable: 'an answer could not be read; it is kept aside, please report it',
  budget: 'the budget of the run was spent; resume with another one',
  service_failed: 'the service says that it cannot; `socsync transform retry` asks once more',
  deadline: 'no result came in time; `socsync transform retry` asks once more',
  superseded: 'a later version of the transform has taken its place',
  loop: 'the network repeated itself; resume starts that list anew',
}

/** A service is asked and told otherwise than a network: some of its errors want another remedy. */
const TRANSFORM_HINT: Readonly<Record<string, string>> = {
  network_error: 'no call for it was answered for hours; `socsync transform retry`',
  not_found: 'the service lost the job twice; `socsync transform retry`',
  rejected: 'the service refuses the element',
  unreadable: 'an answer of the service is not what the contract says',
  unsupported: 'no transform service answers at this address',
  unauthorised: 'the service refuses the token: renew it, then run again',
  rate_limited: 'the service asked for a pause; run again after the time shown',
  unreachable: 'the service could not be reached; run again later',
}

/** What to do about an error of a transform. */
export const transformHint = (type: string): string =>
  TRANSFORM_HINT[type] ?? ERROR_HINT[type] ?? 'no more is known'
