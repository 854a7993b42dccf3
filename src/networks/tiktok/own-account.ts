import { FaultError } from '../../core/fault.ts'
import type { JsonObject } from '../../core/json.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import type { Memory } from '../contract.ts'
import { Reader } from '../reader.ts'
import type { Api } from './api.ts'
import { isOpenId, ME } from './ids.ts'
import { dataOf } from './part.ts'

/** The account that a user's token is for, by all that it may be listed by. */
export interface OwnAccount {
  /** Whether an entity of a list is this account, as far as that is known: one whose `open_id` is not known may be it. */
  isOwn(entityId: string): boolean
  /** The key that it goes by, however it is listed; an id of a list where its `open_id` is not known yet. */
  keyOf(entityId: string): string
  /** Asks for `open_id` and name, once for a token; what they are is remembered. */
  introduce(ctx: CallContext): Promise<void>
  /** The cheapest call that the token can make. */
  ask(ctx: CallContext): Promise<RawPart>
}

/** `owner` = whose quota it is, by which the account is remembered. */
export const openOwnAccount = (
  api: Api,
  memory: Memory,
  owner: string,
  openId: string | null,
): OwnAccount => {
  const key = `own-account ${owner}`
  const known = (): Names => ({ ...readNames(memory.get(key)), ...(openId !== null && { openId }) })
  const ask = (ctx: CallContext): Promise<RawPart> => api.ask(WHO, ctx)
  return {
    ask,
    isOwn(entityId) {
      const names = known()
      if (entityId === ME || entityId === names.username) return true
      return isOpenId(entityId) && entityId === (names.openId ?? entityId)
    },
    keyOf: entityId => known().openId ?? entityId,
    async introduce(ctx) {
      if (memory.get(key) !== undefined) return
      const { openId: id, username } = namesIn(await ask(ctx))
      if (id !== null) memory.set(key, { open_id: id, username })
    },
  }
}

/** What a call of {@link OwnAccount.ask} told. */
export const namesIn = (
  part: RawPart,
): { openId: string | null; username: string | null; name: string | null } => {
  const user = dataOf(part, new Reader()).object('user')
  return {
    openId: user?.id('open_id') ?? null,
    username: user?.string('username')?.toLowerCase() ?? null,
    name: user?.string('display_name') ?? null,
  }
}

/** Whether the network answered, be it with a refusal; throws where it did not. */
export const isAlive = async (ask: () => Promise<unknown>): Promise<void> => {
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof FaultError) || SILENT.has(error.fault.kind)) throw error
  }
}

const SILENT: ReadonlySet<string> = new Set(['transient', 'rate-limited', 'quota-exhausted'])

/** Who a token is for. */
export const WHO = {
  method: 'GET',
  path: '/v2/user/info/',
  pool: 'user.info',
  fields: ['open_id', 'display_name', 'username'],
  // Of a permission that the owner may have kept back.
  spare: [['username']],
  grants: true,
  deadlineMs: 60_000,
} as const

interface Names {
  readonly openId?: string
  readonly username?: string
}

const readNames = (stored: ReturnType<Memory['get']>): Names => {
  const { open_id: openId, username } = (stored ?? {}) as JsonObject
  return {
    ...(typeof openId === 'string' && { openId }),
    ...(typeof username === 'string' && { username }),
  }
}
