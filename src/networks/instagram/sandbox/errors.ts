import type { Json, JsonObject } from '../../../core/json.ts'

/** What an error envelope says (docs/networks/instagram.md §10). */
export interface GraphFault {
  readonly status: number
  readonly code: number
  readonly message: string
  /** `OAuthException` unless said. */
  readonly type?: 'OAuthException' | 'GraphMethodException'
  readonly subcode?: number
  readonly transient?: boolean
  readonly title?: string
  readonly userMessage?: string
  readonly data?: Json
}

/** Ends a call with an error envelope. */
export class GraphError extends Error {
  override readonly name = 'GraphError'
  readonly fault: GraphFault
  constructor(fault: GraphFault) {
    super(fault.message)
    this.fault = fault
  }
}

const refusal = (code: number, message: string, more: Partial<GraphFault> = {}): GraphError =>
  new GraphError({ status: 400, code, message, ...more })

/** A field that the node type does not have: the whole request fails. */
export const unknownField = (field: string, nodeType: string): GraphError =>
  refusal(100, `(#100) Tried accessing nonexisting field (${field}) on node type (${nodeType})`)

/** A field that exists and is not offered on this route. */
export const undocumentedField = (): GraphError =>
  refusal(100, '(#100) Please read documentation for supported fields')

export const noSubfields = (field: string): GraphError =>
  refusal(100, `(#100) Subfields are not supported by ${field}`)

export const childField = (): GraphError =>
  refusal(100, '(#100) Field is not available for Carousel children media')

export const noPermission = (): GraphError =>
  refusal(10, '(#10) Application does not have permission for this action')

export const fewViewers = (): GraphError =>
  refusal(10, '(#10) Not enough viewers for the media to show insights')

export const notFromDiscovery = (): GraphError =>
  refusal(36104, '(#36104) Cannot access live media from business discovery')

export const discoveryOnly = (): GraphError =>
  refusal(
    36104,
    '(#36104) You do not have permission to access this field outside of the Business Discovery API.',
  )

export const badParameter = (detail: string): GraphError => refusal(100, `(#100) ${detail}`)

export const tooDeep = (): GraphError =>
  badParameter('The After Cursor specified exceeds the max limit supported by this endpoint')

const unsupported = (verb: string, id: string): string =>
  `Unsupported ${verb} request. Object with ID '${id}' does not exist, cannot be loaded due to missing ` +
  'permissions, or does not support this operation. Please read the Graph API documentation at ' +
  'https://developers.facebook.com/docs/graph-api'

/** Deleted, foreign, or no right to it: the API does not tell which. */
export const unsupportedRequest = (id: string, method = 'GET'): GraphError =>
  refusal(100, unsupported(method.toLowerCase(), id), { type: 'GraphMethodException', subcode: 33 })

export const unknownAlias = (name: string): GraphError =>
  refusal(803, `(#803) Some of the aliases you requested do not exist: ${name}`, { status: 404 })

export const unknownPath = (path: string): GraphError => refusal(2500, `Unknown path components: /${path}`)

export const syntaxError = (expected: string, at: number, text: string): GraphError =>
  refusal(2500, `Syntax error "${expected}" at character ${at}: ${text.slice(0, 200)}`)

/** The target of a discovery is absent, personal, private, age-gated or renamed. */
export const noSuchUser = (username: string): GraphError =>
  refusal(110, 'Invalid user id', {
    subcode: 2207013,
    transient: false,
    title: 'Cannot find User',
    userMessage: `The user with username: ${username} cannot be found.`,
  })

/** A hashtag that nobody uses, or that the network does not want to be asked for: it does not tell which. */
export const noSuchHashtag = (): GraphError =>
  refusal(24, 'The requested resource does not exist', { subcode: 2207024 })

/** Under which code this comes is in no source (docs/networks/instagram.md §22). */
export const hashtagLimit = (most: number): GraphError =>
  refusal(18, `(#18) The limit of ${most} unique hashtags within 7 days was reached`)

export const beforeConversion = (): GraphError =>
  refusal(100, 'Invalid parameter', {
    subcode: 2108006,
    transient: false,
    data: { blame_field_specs: [['']] },
    title: 'Media posted before business account conversion',
    userMessage: 'The media was posted before the most recent time that the user converted the account.',
  })

export const noToken = (): GraphError => refusal(104, 'An access token is required to request this resource.')

export const noCurrentUser = (): GraphError =>
  refusal(2500, 'An active access token must be used to query information about the current user.')

export const unreadableToken = (): GraphError =>
  refusal(190, 'Invalid OAuth access token - Cannot parse access token')

/** A token that lived once; the subcode says why it does no more. */
export const deadToken = (subcode: number, since: number): GraphError =>
  refusal(
    190,
    subcode === 463
      ? `Error validating access token: Session has expired on ${new Date(since).toUTCString()}.`
      : 'Error validating access token: The session has been invalidated.',
    { subcode },
  )

export const wrongSecret = (): GraphError => refusal(1, 'Error validating client secret.')

export const proofRequired = (): GraphError =>
  refusal(100, 'API calls from the server require an appsecret_proof argument', {
    type: 'GraphMethodException',
  })

export const proofWrong = (): GraphError =>
  refusal(100, 'Invalid appsecret_proof provided in the API argument', { type: 'GraphMethodException' })

/** A page or an expansion that is too heavy. */
export const tooMuchData = (): GraphError =>
  refusal(1, "Please reduce the amount of data you're asking for, then retry your request", { status: 500 })

export const appLimit = (): GraphError =>
  refusal(4, '(#4) Application request limit reached', { status: 403, transient: true })

export const accountLimit = (status: number): GraphError =>
  refusal(
    80002,
    '(#80002) There have been too many calls to this Instagram account. Wait a bit and try again. For more ' +
      'info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.',
    { status },
  )

/** The envelope as it goes over the wire; the Instagram host has its own word for one type. */
export const envelope = (fault: GraphFault, host: 'facebook' | 'instagram', trace: string): JsonObject => {
  const type = fault.type ?? 'OAuthException'
  return {
    error: {
      message: fault.message,
      type: type === 'GraphMethodException' && host === 'instagram' ? 'IGApiException' : type,
      code: fault.code,
      ...(fault.data === undefined ? {} : { error_data: fault.data }),
      ...(fault.subcode === undefined ? {} : { error_subcode: fault.subcode }),
      ...(fault.transient === undefined ? {} : { is_transient: fault.transient }),
      ...(fault.title === undefined ? {} : { error_user_title: fault.title }),
      ...(fault.userMessage === undefined ? {} : { error_user_msg: fault.userMessage }),
      fbtrace_id: trace,
    },
  }
}
