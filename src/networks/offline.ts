import type { Stream } from '../core/stream.ts'
import type { CredentialKind, Network } from './contract.ts'

/**
 * All streams of a network by their names, for reading answers that are stored already: opened with invented
 * credentials of each kind, so that nobody's are needed, and without a way out.
 */
export const offlineStreams = (network: Network): ReadonlyMap<string, Stream> =>
  new Map(
    network.credentials.flatMap(kind =>
      network
        .open({
          credential: { kind: kind.name, name: `${network.name}-offline`, values: inventedValues(kind) },
          baseUrl: null,
          http: { send: refuse },
          clock: { now: () => 0, sleep: refuse },
          memory: { get: () => undefined, set: () => {} },
          insights: {},
          renew: refuse,
        })
        .streams.map(stream => [stream.name, stream] as const),
    ),
  )

const inventedValues = ({ fields }: CredentialKind): Readonly<Record<string, string>> =>
  Object.fromEntries(fields.filter(field => field.required).map(field => [field.key, 'offline']))

const refuse = async (): Promise<never> => {
  throw new Error('stored answers are read without any call')
}
