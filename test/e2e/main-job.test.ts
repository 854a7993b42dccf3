// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PostRecord, ProfileRecord, SocialRecord } from '../../src/core/records.ts'
import { instagram } from '../../src/networks/instagram/index.ts'
import { tiktok } from '../../src/networks/tiktok/index.ts'
import { youtube } from '../../src/networks/youtube/index.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox/world/specials.ts'
import type { LoggedCall } from '../../src/sandbox/log.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query, resultRows, strayCounters } from '../support/tables.ts'

/** What the world says of one profile. */
interface Known {
  readonly id: string
  readonly profile: ProfileRecord | undefined
  readonly posts: readonly PostRecord[]
  /** Top-level comments by post. */
  readonly threads: ReadonlyMap<string, number>
  /** Replies by top-level comment. */
  readonly replies: ReadonlyMap<string, number>
}

interface Case {
  readonly network: typeof instagram
  ids(sandbox: TestSandbox): readonly string[]
  /** Profiles that end otherwise than `succeeded`. */
  readonly ends: Readonly<Record<string, string>>
  /** Kinds that end `skipped: unsupported-by-network` for a profile. */
  unsupported(id: string): readonly string[]
  /** The name of a call by what it asks for. */
  callOf(call: LoggedCall): string
  /** How often each may be made at most to bring all that (the sheets' cost tables). */
  budget(known: readonly Known[], calls: ReadonlyMap<string, number>): Readonly<Record<string, number>>
}

const pages = (items: number, size: number): number => Math.max(1, Math.ceil(items / size))
const sum = <T>(of: Iterable<T>, count: (item: T) => number): number => {
  let total = 0
  for (const item of of) total += count(item)
  return total
}

const { channels } = YOUTUBE_SPECIALS
/** Of the channel `thai`: an id that has to be looked up first. */
const HANDLE = '@ตลาดเช้า'
const keyOf = (id: string): string => (id === HANDLE ? channels.thai : id)
const isOwn = (id: string): boolean => /^\d+$/.test(id)

const CASES: readonly Case[] = [
  {
    network: instagram,
    ids: sandbox => [
      ...sandbox.entities('instagram', 20),
      sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? '',
      'nobody.here',
    ],
    ends: { 'nobody.here': 'skipped not-found' },
    unsupported: id => (isOwn(id) ? ['likes'] : ['comments', 'likes']),
    callOf: ({ path, fields }) =>
      fields.fields?.startsWith('business_discovery')
        ? 'discovery'
        : fields.fields?.includes('insights.metric')
          ? 'beside'
          : (/^\/v[\d.]+\/\d+\/(\w+)$/.exec(path)?.[1] ?? 'account'),
    // docs/networks/instagram.md §11: profile and first 50 posts in one call; 25 own posts with albums and comments in one.
    budget: known => {
      const others = known.filter(({ id }) => !isOwn(id))
      const own = known.filter(({ id }) => isOwn(id))
      return {
        discovery: sum(others, ({ profile }) => pages(profile?.postsCount ?? 0, 50)),
        // One per own account, and one that tells the name of the account that asks.
        account: own.length + 1,
        media: sum(own, ({ profile }) => pages(profile?.postsCount ?? 0, 25)),
        stories: own.length,
        // Insights of 25 posts in one, of the stories in another, and by halves to where they begin.
        beside: sum(own, ({ posts }) => pages(posts.length, 25) + 1 + 2 * Math.log2(25)),
        // Of the account itself each day that is kept, who its followers are, and of what is alone: a page's last one, or the one that says where they begin.
        insights: own.length * (89 + 4 + 5),
        // Only what 50 nested ones do not hold; a withheld one takes a place too.
        comments: sum(own, ({ threads }) => sum(threads.values(), count => Math.floor(count / 50))),
        replies: sum(own, ({ replies }) => sum(replies.values(), count => Math.floor(count / 50))),
      }
    },
  },
  {
    network: youtube,
    ids: sandbox => [
      ...(
        [
          'empty',
          'commentsDisabled',
          'members',
          'forms',
          'hidden',
          'hiddenAsZero',
          'old',
          'terminated',
        ] as const
      ).map(name => channels[name]),
      HANDLE,
      ...sandbox.entities('youtube', 40).filter(id => /^UC(15|4R|B9)/.test(id)),
    ],
    ends: { [channels.terminated]: 'skipped not-found' },
    unsupported: () => ['likes'],
    callOf: ({ path }) => path.split('/').at(-1) ?? '',
    // docs/networks/youtube.md §10.
    budget: (known, calls) => ({
      // One for up to 50 ids, one for the handle.
      channels: 2,
      playlistItems: sum(known, ({ profile }) => (profile ? pages(profile.postsCount ?? 0, 50) : 0)),
      videos: sum(known, ({ posts }) => Math.ceil(posts.length / 50)),
      commentThreads: sum(known, ({ posts, threads }) =>
        // A video without any statistics does not say that it has no comments.
        sum(posts, ({ id, commentsCount, viewCount }) =>
          commentsCount || viewCount === null ? pages(threads.get(id) ?? 0, 100) : 0,
        ),
      ),
      // Only threads of which fewer came along than there are, which the wire alone tells.
      comments: sum(known, ({ replies }) =>
        sum(replies, ([id, count]) => (calls.has(`parentId=${id}`) ? pages(count, 100) : 0)),
      ),
    }),
  },
  {
    network: tiktok,
    ids: () => [
      'quiet.page',
      'gone.author',
      'behind.curtain',
      'under.review',
      'shelf.keeper',
      'nul.and.void',
      'wide.open',
      'garden.light23',
      'pier.way47',
      'night.song58',
    ],
    ends: {
      'gone.author': 'skipped not-found',
      'behind.curtain': 'skipped private',
      'under.review': 'skipped refused',
    },
    unsupported: () => ['likes'],
    callOf: ({ path }) => path.replace(/^\/v2\//, '').replace(/\/$/, ''),
    // docs/networks/tiktok.md §7: all creators share the windows of 30 days since 2018, a page per 100 videos more.
    budget: known => ({
      'oauth/token': 1,
      'research/user/info': known.length,
      'research/video/query':
        Math.ceil((Date.UTC(2026, 9, 1) - Date.UTC(2018, 0, 1)) / (30 * 86_400_000)) +
        Math.ceil(sum(known, ({ posts }) => posts.length) / 100),
      'research/video/comment/list': sum(known, ({ posts, threads, replies }) =>
        sum(posts, ({ id, commentsCount }) =>
          commentsCount === 0 ? 0 : pages((threads.get(id) ?? 0) + sum(replies.values(), n => n), 100),
        ),
      ),
    }),
  },
]

describe.each(CASES)(
  'run --scope all on $network.name',
  ({ network, ids, ends, unsupported, ...minimum }) => {
    const folder = tempFolder()
    const db = folder.file('socsync.db')
    const name = network.name
    let sandbox: TestSandbox
    let list: readonly string[]
    let world: SocialRecord[]
    let calls: readonly LoggedCall[]
    let ended: Ended

    const run = (): Promise<Ended> => {
      const command = ['run', '--network', name, '--scope', 'all', '--db', db, '--quiet', ...list]
      return socsync(command, { env: sandbox.env })
    }

    beforeAll(async () => {
      sandbox = await startSandbox({ networks: [instagram, youtube, tiktok] })
      list = ids(sandbox)
      const present = list.filter(id => ends[id] === undefined)
      world = present.flatMap(id => sandbox.truth(name, keyOf(id)))
      ended = await run()
      calls = sandbox.log.calls
    }, 240_000)

    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    it('stores the world row by row and nothing more', () => {
      expect({ code: ended.code, stderr: ended.stderr, bugs: sandbox.log.errors }).toEqual({
        code: 0,
        stderr: '',
        bugs: [],
      })
      expect(world.length).toBeGreaterThan(500)
      expect(differences(db, name, world)).toEqual([])
    })

    it('leaves a file that SQLite finds whole, without a rejected record', () => {
      expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
      expect(query(db, 'select * from rejects')).toEqual([])
    })

    it('appends every counter to metrics, once', () => {
      expect(strayCounters(db, name, world)).toEqual([])
    })

    it('ends every job, and says why where nothing was to be had', () => {
      const jobs = query(db, 'select entity_id, status, reason from sync_jobs')
      const stated = jobs.map(job => [job.entity_id, [job.status, job.reason].filter(Boolean).join(' ')])
      expect(stated).toHaveLength(list.length)
      const other = stated.filter(([, state]) => state !== 'succeeded')
      expect(Object.fromEntries(other)).toEqual(ends)
      expect(query(db, `select * from sync_tasks where status not in ('succeeded', 'skipped')`)).toEqual([])
      const skipped = query(
        db,
        `select entity_id, kind from sync_tasks join sync_jobs on sync_jobs.id = job_id
      where sync_tasks.reason = 'unsupported-by-network' and sync_jobs.status = 'succeeded'`,
      ).map(task => `${task.entity_id} ${task.kind}`)
      const present = stated.filter(([, state]) => state === 'succeeded').map(([id]) => String(id))
      expect(skipped.sort()).toEqual(
        present.flatMap(id => unsupported(id).map(kind => `${id} ${kind}`)).sort(),
      )
    })

    it('makes no more calls than the sheet says it takes, and none twice', () => {
      const known = list.map(id => know(sandbox, name, id))
      const parents = new Map(calls.map(({ fields }) => [`parentId=${fields.parentId}`, 1]))
      const made = countBy(calls, minimum.callOf)
      const budget = minimum.budget(known, parents)
      const over = Object.entries(made).filter(([call, count]) => count > (budget[call] ?? 0))
      expect({ over, made }).toEqual({ over: [], made })
      const asked = countBy(calls, ({ method, path, fields, body }) =>
        [method, path, JSON.stringify(fields), body].join(' '),
      )
      expect(Object.entries(asked).filter(([, count]) => count > 1)).toEqual([])
    })

    it('tells in status what came, what is missing and why, and what it cost', async () => {
      const { stdout } = await socsync(['status', '--db', db, '--json'])
      const { run } = JSON.parse(stdout)
      const count = (type: SocialRecord['type']): number =>
        world.filter(record => record.type === type).length
      expect(run.items).toEqual({
        profile: count('profile'),
        posts: count('post'),
        comments: count('comment'),
        likes: 0,
      })
      expect(run.jobs).toEqual({
        succeeded: list.length - Object.keys(ends).length,
        skipped: Object.keys(ends).length,
      })
      const gaps = Object.fromEntries(
        run.gaps.map((gap: { what: string; reason: string; count: number }) => [
          `${gap.what} ${gap.reason}`,
          gap.count,
        ]),
      )
      for (const [id, end] of Object.entries(ends)) {
        const reason = end.replace('skipped ', '')
        expect(gaps, `${id} is listed`).toHaveProperty(`profile ${reason}`)
      }
      expect(gaps).toHaveProperty('likes unsupported-by-network')
      const sent = calls.filter(({ path }) => !path.includes('oauth')).length
      expect(sum(run.cost as { calls: number }[], cost => cost.calls)).toBe(sent)
    })

    it('changes nothing but observation when it is run again', async () => {
      const before = resultRows(db)
      const seen = query(db, 'select id, first_seen_at from posts order by id')
      sandbox.advance(3_600_000)
      expect((await run()).code).toBe(0)
      expect(resultRows(db)).toEqual(before)
      expect(query(db, 'select id, first_seen_at from posts order by id')).toEqual(seen)
      expect(strayCounters(db, name, world)).toEqual([])
      expect(query(db, 'select * from revisions')).toEqual([])
      expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
    }, 240_000)
  },
)

const countBy = <T>(items: Iterable<T>, key: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1
  return counts
}

const know = (sandbox: TestSandbox, network: string, id: string): Known => {
  const records = sandbox.truth(network, keyOf(id))
  const comments = records.filter(record => record.type === 'comment')
  return {
    id,
    profile: records.find(record => record.type === 'profile'),
    posts: records.filter(record => record.type === 'post'),
    threads: new Map(
      Object.entries(
        countBy(
          comments.filter(({ parentId }) => parentId === null),
          ({ postId }) => postId,
        ),
      ),
    ),
    replies: new Map(
      Object.entries(
        countBy(
          comments.filter(({ parentId }) => parentId !== null),
          ({ parentId }) => parentId ?? '',
        ),
      ),
    ),
  }
}
