import type { SandboxRequest } from '../../sandbox.ts'
import type { Grant } from './access/tokens.ts'
import type { ComplianceTasks } from './research/compliance.ts'
import type { Searches } from './research/search.ts'
import type { Scene } from './scene.ts'
import type { Wire } from './wire/write-json.ts'

/** One call that was let in, and all that its answer depends on. */
export interface Call extends Scene {
  readonly request: SandboxRequest
  readonly grant: Grant
  readonly searches: Searches
  readonly tasks: ComplianceTasks
  /** What absolute addresses begin with. */
  readonly origin: string
}

/** What an endpoint says; the envelope is put around it by `answer.ts`. */
export type Reply =
  | {
      readonly kind: 'data'
      readonly data: { readonly [key: string]: Wire | undefined }
      readonly status?: number
    }
  | { readonly kind: 'file'; readonly text: string }

/** What answers a call; it throws a `Refusal` where there is nothing to say. */
export type Endpoint = (call: Call) => Reply

/** A reply of fields, with the usual status. */
export const data = (fields: { readonly [key: string]: Wire | undefined }): Reply => ({
  kind: 'data',
  data: fields,
})
