import type { Json } from '../../../core/json.ts'
import type { SandboxAnswer, SandboxRequest, Switches } from '../../sandbox.ts'
import { badParameter, GraphError } from './errors.ts'
import type { GraphRequest } from './request.ts'

/** One entry of a batch. `relative_url` may end with a bare `?`. */
interface Entry {
  readonly method: string
  readonly relativeUrl: string
  readonly body: string
}

const MOST = 50

/**
 * The parts of a batch, in its order (docs/networks/instagram.md §3): each an answer with its own status and its body as
 * text, or null where it timed out. Entries without a token of their own take the batch's.
 */
export const answerBatch = (
  { params, token }: GraphRequest,
  request: SandboxRequest,
  switches: Switches,
  answer: (part: SandboxRequest) => SandboxAnswer,
): Json => {
  const withHeaders = params.get('include_headers') !== 'false'
  return readEntries(params.get('batch') ?? '').map(({ method, relativeUrl, body }): Json => {
    const cut = relativeUrl.indexOf('?')
    const query = new URLSearchParams(cut < 0 ? '' : relativeUrl.slice(cut + 1))
    if (!query.has('access_token') && token !== null) query.set('access_token', token)
    const part: SandboxRequest = {
      method,
      path: `/${(cut < 0 ? relativeUrl : relativeUrl.slice(0, cut)).replace(/^\/+/, '')}`,
      query,
      headers: { ...(request.headers.host !== undefined && { host: request.headers.host }) },
      body,
    }
    if (switches.take('null-part', part) !== undefined) return null
    const { status, headers = {}, body: answered } = answer(part)
    return {
      code: status,
      ...(withHeaders && { headers: Object.entries(headers).map(([name, value]) => ({ name, value })) }),
      body: answered,
    }
  })
}

const readEntries = (text: string): readonly Entry[] => {
  const entries = parse(text)
  if (entries.length > MOST) {
    throw new GraphError({
      status: 400,
      code: 100,
      message: `Too many requests in batch message. Maximum batch size is ${MOST}`,
    })
  }
  return entries.map(entry => {
    const { method, relative_url: relativeUrl, body } = entry as Readonly<Record<string, unknown>>
    if (typeof method !== 'string' || typeof relativeUrl !== 'string') {
      throw badParameter('Param batch must be an array of objects with method and relative_url')
    }
    return { method: method.toUpperCase(), relativeUrl, body: typeof body === 'string' ? body : '' }
  })
}

const parse = (text: string): readonly object[] => {
  try {
    const entries: unknown = JSON.parse(text)
    if (Array.isArray(entries) && entries.every(entry => typeof entry === 'object' && entry !== null))
      return entries
  } catch {
    // Said below, as of any other text that is no list.
  }
  throw badParameter('Param batch must be an array.')
}
