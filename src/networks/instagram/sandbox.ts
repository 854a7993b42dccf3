import type { NetworkSandbox, OpenSandbox, SandboxRequest } from '../sandbox.ts'
import { Graph } from './sandbox/graph.ts'
import { isVersion, partsOf } from './sandbox/request.ts'
import { TOKEN_ROUTES } from './sandbox/token-routes.ts'
import { APP, TOKENS } from './sandbox/tokens.ts'
import { userId } from './sandbox/world/ids.ts'
import { truthOf } from './sandbox/world/truth.ts'

const OWN = 0
const NAMED = new Set(['me', 'ig_hashtag_search', ...Object.keys(TOKEN_ROUTES)])

/**
 * A stand-in of the Instagram Graph API, both hosts of it: an `EAA…` token is served in the Facebook host's dialect, an
 * `IGA…` one in the Instagram host's, unless the Host header says which it is. What it must do: networks/instagram.md
 * docs/networks/instagram.md §14. Who lives in it: `sandbox/world/cast.ts`; tokens: `sandbox/tokens.ts`; switches: `sandbox/options.ts` (lasting),
 * `sandbox/faults.ts` (`fault`, `refuses`), `usage`, and `null-part` for parts of a batch.
 */
export const openInstagramSandbox: OpenSandbox = options => {
  const graph = new Graph(options)
  return {
    network: 'instagram',
    owns,
    answer: request => graph.answer(request),
    credentials: {
      SOCSYNC_INSTAGRAM_ACCESS_TOKEN: TOKENS.system,
      SOCSYNC_INSTAGRAM_USER_ID: userId(OWN),
      SOCSYNC_INSTAGRAM_APP_ID: APP.id,
      SOCSYNC_INSTAGRAM_APP_SECRET: APP.secret,
    },
    *entities() {
      const world = graph.world()
      for (const account of world.others()) if (!account.personal) yield account.username
      yield userId(OWN)
    },
    truth: entityId =>
      truthOf(graph.world(), entityId, {
        depth: graph.option('depth'),
        hidden: graph.option('hidden-comments'),
      }),
    quota: () => graph.pools.used(options.now()).map(pool => ({ owner: APP.id, ...pool })),
  } satisfies NetworkSandbox
}

/** By path alone: a version, a number, one of the named paths, or the root with a batch or a list of ids. */
const owns = ({ path, query, body }: SandboxRequest): boolean => {
  const parts = partsOf(path)
  const [first] = parts
  if (first === undefined) return query.has('ids') || query.has('batch') || /(^|["&])batch["=]/.test(body)
  return isVersion(first) || /^\d+$/.test(first) || NAMED.has(first) || NAMED.has(parts.join('/'))
}
