import type { JsonObject } from '../../../core/json.ts'
import { type Call, demand } from './call.ts'
import * as errors from './errors.ts'
import type { Ask } from './grammar.ts'
import { PAGES } from './tokens.ts'
import { ownChildView } from './views/child-view.ts'
import { commentView } from './views/comment-view.ts'
import { ownMediaView } from './views/own-media-view.ts'
import { ownUserView, pageView, personView } from './views/user-view.ts'
import { type EdgeAnswer, entry, read, readPath, type View } from './views/view.ts'
import { Child } from './world/child.ts'
import { readScopedId } from './world/ids.ts'

/** A thing that a path can name, with its route's view. */
interface Node {
  read(asks: readonly Ask[] | null): JsonObject
  /** Error 2500 where there is no such edge. */
  edge(name: string, asks: readonly Ask[] | null): EdgeAnswer
}

/** What an id or `me` names, and which own account it belongs to, whose calls it costs; null = the app's. */
export interface Found {
  readonly account: number | null
  /** Null = there is nothing of this id for this token. */
  readonly node: Node | null
}

const nodeOf = <T>(view: View<T>, item: T, id: string, call: Call): Node => ({
  read: asks => read(view, item, asks, call),
  edge: (name, asks) => {
    const edge = entry(view.edges, name)
    if (edge === undefined) throw errors.unknownPath(name)
    return readPath(edge, `${id}/${name}`, item, asks, call)
  },
})

/** Nothing of an own account is read without the basic permission. */
const permitted = ({ read: readNode, edge }: Node, call: Call): Node => ({
  read: asks => {
    demand(call, 'basic')
    return readNode(asks)
  },
  edge: (name, asks) => {
    demand(call, 'basic')
    return edge(name, asks)
  },
})

/** Finds a node. What the token does not manage is as if it were not there. */
export const findNode = (name: string, call: Call): Found => {
  if (name === 'me') return me(call)
  if (!/^\d+$/.test(name)) throw errors.unknownAlias(name)
  const { world, grant, host } = call
  const usual = grant.accounts[0] ?? null
  const managed = (account: number, node: () => Node): Found =>
    grant.accounts.includes(account)
      ? { account, node: permitted(node(), call) }
      : { account: usual, node: null }

  const account = world.accountById(name) ?? ofScopedId(name, call)
  if (account !== null) return managed(account.index, () => nodeOf(ownUserView[host], account, name, call))

  const medium = world.medium(name)
  if (medium instanceof Child)
    return managed(medium.account.index, () => nodeOf(ownChildView, medium, name, call))
  if (medium !== null) {
    return managed(medium.account.index, () => nodeOf(ownMediaView[host].direct, medium, name, call))
  }
  const comment = world.comment(name)
  if (comment !== null)
    return managed(comment.post.account.index, () => nodeOf(commentView, comment, name, call))

  const page = host === 'facebook' ? PAGES.find(({ id }) => id === name) : undefined
  if (page !== undefined) return { account: null, node: nodeOf(pageView, page, name, call) }
  if (name === grant.subject) return { account: null, node: nodeOf(personView, grant, name, call) }
  return { account: usual, node: null }
}

const ofScopedId = (id: string, { world, host }: Call) => {
  const index = host === 'instagram' ? readScopedId(id) : null
  return index === null ? null : world.account(index)
}

/** Whom the token speaks for (docs/networks/instagram.md §1). */
const me = (call: Call): Found => {
  const { grant, world } = call
  const account = grant.type === 'INSTAGRAM' ? world.account(0) : null
  if (account !== null) return { account: 0, node: nodeOf(ownUserView.instagram, account, account.id, call) }
  if (grant.type === 'PAGE') return { account: null, node: nodeOf(pageView, PAGES[0], 'me', call) }
  if (grant.type === 'APP') throw errors.noCurrentUser()
  return { account: null, node: nodeOf(personView, grant, 'me', call) }
}
