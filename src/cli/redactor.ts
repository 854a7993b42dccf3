import { Redactor } from '../http/redact.ts'

/** The one place of this process that knows its secrets: everything that is written out goes through it. */
export const redactor = new Redactor()
