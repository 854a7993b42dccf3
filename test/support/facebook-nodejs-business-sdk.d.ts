/** The part of the official client that the tests use; the package brings no types of its own. */
declare module 'facebook-nodejs-business-sdk' {
  type Data = Readonly<Record<string, unknown>>
  type Params = Record<string, unknown>

  export class FacebookAdsApi {
    static readonly GRAPH: string
    static init(accessToken: string, locale?: string, crashLog?: boolean): FacebookAdsApi
    call(method: string, path: string | string[], params?: Params): Promise<Data>
  }

  interface Crud {
    exportAllData(): Data
    read(fields: string[], params?: Params): Promise<Crud>
  }

  export interface Cursor extends Array<Crud> {
    hasNext(): boolean
    next(): Promise<Cursor>
    hasPrevious(): boolean
    previous(): Promise<Cursor>
  }

  type Edge = (fields: string[], params?: Params) => Promise<Cursor>

  export class IGUser implements Crud {
    constructor(id: string)
    exportAllData(): Data
    read(fields: string[], params?: Params): Promise<Crud>
    getMedia: Edge
    getStories: Edge
    getInsights: Edge
  }

  export class IGMedia implements Crud {
    constructor(id: string)
    exportAllData(): Data
    read(fields: string[], params?: Params): Promise<Crud>
    getChildren: Edge
    getComments: Edge
    getInsights: Edge
  }

  export class IGComment implements Crud {
    constructor(id: string)
    exportAllData(): Data
    read(fields: string[], params?: Params): Promise<Crud>
    getReplies: Edge
  }

  interface BatchResponse {
    readonly body: Data
    readonly status: number
    readonly error: RequestError | null
  }

  interface RequestError extends Error {
    readonly status: number
    readonly response: {
      readonly code: number
      readonly error_subcode?: number
      readonly type: string
      readonly message: string
    }
    readonly headers: Readonly<Record<string, string>>
  }

  export class FacebookAdsApiBatch {
    constructor(api: FacebookAdsApi)
    add(
      method: string,
      path: string[],
      params: Params,
      files: null,
      success: (response: BatchResponse) => void,
      failure: (response: BatchResponse) => void,
    ): void
    execute(): Promise<FacebookAdsApiBatch | null>
  }
}
