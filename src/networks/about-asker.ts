import { FaultError } from '../core/fault.ts'

/**
 * A fault that came while a credential was made ready, and not of anything that was asked with it: where it may pass, and
 * does not, the credential can be used no more in this run (docs/design.md §5.15).
 */
export const aboutAsker = (error: unknown): unknown =>
  error instanceof FaultError && error.fault.kind === 'transient'
    ? new FaultError({ ...error.fault, isAsker: true }, error.message, { cause: error })
    : error
