import type { Json, JsonObject } from '../../../core/json.ts'
import { ERROR_FORMS, type ErrorForm, type ErrorName } from './error-forms.ts'

/** A refusal on its way to the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly form: ErrorForm
  constructor(form: ErrorForm) {
    super(form.message ?? form.reason)
    this.form = form
  }
}

/** The refusal of this name, with what is particular to the case. */
export const refuse = (name: ErrorName, particulars: Partial<ErrorForm> = {}): Refusal =>
  new Refusal({ ...ERROR_FORMS[name], ...particulars })

export const isErrorName = (name: Json | undefined): name is ErrorName =>
  typeof name === 'string' && Object.hasOwn(ERROR_FORMS, name)

/** The envelope of docs/networks/youtube.md §9: `status` and `details` only where the gateway speaks. */
export const errorBody = (form: ErrorForm): JsonObject => {
  const { status, message, reason, domain, location, locationType, debugInfo, rpcStatus, details } = form
  return {
    error: {
      code: status,
      message,
      errors: [
        {
          message,
          domain,
          reason,
          ...(location !== undefined && { location, locationType: locationType ?? 'parameter' }),
          ...(debugInfo !== undefined && { debugInfo }),
        },
      ],
      ...(rpcStatus !== undefined && { status: rpcStatus }),
      ...(details !== undefined && { details }),
    },
  }
}
