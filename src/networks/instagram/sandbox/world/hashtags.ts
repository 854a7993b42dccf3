import { between, chance, hash32 } from '../../../seeded.ts'
import { OWN } from './cast.ts'
import type { Post } from './post.ts'
import { HOUR } from './time.ts'
import type { World } from './world.ts'

/** `recent` = hours of which all hits come, half of those of the last 24 where it is left out; `top` = hits that are picked. */
interface Traits {
  readonly recent?: number
  readonly top?: number
}

/** The hashtags there are, by name; all others are unknown. */
const HASHTAGS: Readonly<Record<string, Traits>> = {
  bread: {},
  fyp: { recent: 96 },
  パン: { top: 7 },
  quiet: { recent: 0, top: 0 },
  ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`pier${n + 1}`, { top: 3 }])),
}

/** Of so many accounts hashtags are made up, in a large world too. */
const LOOKED_AT = 200

export class Hashtag {
  readonly name: string
  readonly id: string
  readonly #world: World
  readonly #key: string

  constructor(world: World, name: string) {
    this.name = name
    this.#world = world
    this.#key = `${world.key}/#${name}`
    this.id = idOf(name)
  }

  static named(world: World, name: string): Hashtag | null {
    return Object.hasOwn(HASHTAGS, name) ? new Hashtag(world, name) : null
  }

  static ofId(world: World, id: string): Hashtag | null {
    const name = Object.keys(HASHTAGS).find(each => idOf(each) === id)
    return name === undefined ? null : new Hashtag(world, name)
  }

  /** Posts of others of any age, in no order of time. */
  get top(): readonly Post[] {
    const posts = Array.from({ length: HASHTAGS[this.name]?.top ?? 70 }, (_, at): Post | null => {
      const account = this.#world.account(between(OWN.length, this.#last, this.#key, at))
      if (account === null || account.personal || account.postsMade === 0) return null
      return account.livePost(between(0, account.postsMade - 1, this.#key, at, 'post'))
    }).filter(post => post !== null)
    return [...new Map(posts.map(post => [post.id, post])).values()]
  }

  /** Posts of others of the last hours, in no order of time. */
  get recent(): readonly Post[] {
    const hours = HASHTAGS[this.name]?.recent
    const since = this.#world.at - (hours ?? 24) * HOUR
    const posts: Post[] = []
    for (let index = OWN.length; index <= this.#last; index++) {
      const account = this.#world.account(index)
      if (account === null || account.personal) continue
      for (let at = account.postsUntil(since); at < account.postsMade; at++) {
        const post = account.livePost(at)
        if (post !== null && (hours !== undefined || chance(0.5, this.#key, post.key))) posts.push(post)
      }
    }
    return posts
  }

  get #last(): number {
    return Math.min(this.#world.accountCount, OWN.length + LOOKED_AT) - 1
  }
}

/** The same for everybody, and for ever. */
const idOf = (name: string): string => `17843${String(hash32('hashtag', name)).padStart(12, '0')}`
