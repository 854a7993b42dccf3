import { createHash } from 'node:crypto'
import { FaultError } from '../../core/fault.ts'
import type { CallContext, Source } from '../../core/stream.ts'
import type { OpenOptions } from '../contract.ts'
import { Reader } from '../reader.ts'
import type { Api } from './api.ts'
import { OWN } from './ids.ts'

/** The channel of the person behind an OAuth client; an API key is nobody's (docs/networks/youtube.md §1). */
export interface Own {
  /** What a key of the list is asked by: `me` and the own handle by the own id. Null = nobody is known behind the credential. */
  idOf(entityId: string): string | null
  /** Left out where there is nobody to ask about. */
  readonly introduce?: NonNullable<Source['introduce']>
}

export const openOwn = (api: Api, { credential: { values }, memory }: OpenOptions): Own => {
  const { refresh_token: token } = values
  if (token === undefined) return { idOf: entityId => (entityId === OWN ? null : entityId) }
  const key = `own channel ${createHash('sha256').update(token).digest('hex').slice(0, 12)}`
  const known = () => new Reader().object(memory.get(key), 'memory')
  return {
    idOf(entityId) {
      const id = known()?.string('id') ?? null
      const isOwn = entityId === OWN || entityId === known()?.string('handle')
      return isOwn ? (id ?? (entityId === OWN ? null : entityId)) : entityId
    },
    async introduce(ctx) {
      if (known() !== null) return
      try {
        const own = await askWho(api, ctx)
        memory.set(key, { id: own?.id ?? null, handle: own?.handle ?? null })
      } catch (error) {
        // Who it is can wait for the next run, a dead credential cannot.
        if (!(error instanceof FaultError) || error.fault.kind !== 'transient') throw error
      }
    },
  }
}

interface Person {
  readonly id: string
  readonly title: string | null
  readonly handle: string | null
}

/** Null = an account without a channel. */
export const askWho = async (api: Api, ctx: CallContext): Promise<Person | null> => {
  const { json } = await api.list(ctx, 'channels', () => ({ part: 'snippet', mine: 'true' }))
  const [channel] = new Reader().object(json, '$')?.objects('items') ?? []
  const id = channel?.id('id') ?? null
  if (id === null) return null
  const snippet = channel?.object('snippet')
  const name = snippet?.string('customUrl')?.replace(/^@/, '').toLowerCase()
  return { id, title: snippet?.string('title') ?? null, handle: name ? `@${name}` : null }
}
