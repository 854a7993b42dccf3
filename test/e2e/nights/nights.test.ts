// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SocialRecord } from '../../../src/core/records.ts'
import { networks } from '../../../src/networks/registry.ts'
import { hash32 } from '../../../src/networks/seeded.ts'
import { YOUTUBE_PLAYLISTS, YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../../support/cli.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { checkFile, query } from '../../support/tables.ts'
import { Chronicle, lies, type Night, nightOf, readStored, type Stored, strayRows } from './diary.ts'

const SEED = 3
/** One more than a month, so that a full pass is among them. */
const NIGHTS = 32
/** The first night, and the one on which the first lies a month back. */
const FULL: ReadonlySet<number> = new Set([0, 30])
const DAY_MS = 86_400_000
/** So far back goes the first reading of a hashtag. */
const TAG_DAYS = 30
/** Posts of a profile that are named. */
const NAMED = 4
const POINTS = ['job.create', 'page.asked', 'page.fetched', 'page.written', 'page.committed']

interface Case {
  readonly network: string
  ids(sandbox: TestSandbox): readonly string[]
  /** Profiles of which the list names the first posts, and nothing else. */
  ofPosts(sandbox: TestSandbox): readonly string[]
  /** Whether a post that is named, or found, brings its profile. */
  readonly bringsProfiles: boolean
  /** What else the list names: hashtags, playlists. */
  readonly others: readonly string[]
  /** Whether a night's run asks about every post there is, so that it finds all that is gone, back, or changed. */
  readonly asksAll: boolean
  /** Whether its declared counts are of the moment. */
  readonly countsAreLive: boolean
}

const { channels } = YOUTUBE_SPECIALS
const { shared } = YOUTUBE_PLAYLISTS
const CASES: readonly Case[] = [
  {
    network: 'youtube',
    ids: sandbox => [...sandbox.entities('youtube', 5), channels.threads, channels.prolific, channels.empty],
    ofPosts: () => [channels.forms],
    bringsProfiles: true,
    others: [`playlist:${shared}`],
    asksAll: true,
    countsAreLive: true,
  },
  {
    network: 'instagram',
    ids: sandbox => [...sandbox.entities('instagram', 7), sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''],
    // Only own posts can be named, and these are all in the list by their profile.
    ofPosts: () => [],
    bringsProfiles: true,
    others: [],
    asksAll: false,
    countsAreLive: true,
  },
  {
    network: 'tiktok',
    ids: sandbox => sandbox.entities('tiktok', 40).slice(30, 37),
    ofPosts: sandbox => sandbox.entities('tiktok', 40).slice(37, 39),
    bringsProfiles: false,
    others: ['tag:bread'],
    asksAll: false,
    countsAreLive: false,
  },
]

describe.each(CASES)(
  '$network, thirty nights of a moving world',
  ({ network, ids, ofPosts, bringsProfiles, others, asksAll, countsAreLive }) => {
    const folder = tempFolder()
    const db = folder.file('nights.db')
    const chronicle = new Chronicle()
    const nights: Night[] = []
    /** What was wrong on any night. */
    const wrong: string[] = []
    let sandbox: TestSandbox
    let list: readonly string[]
    let profiles: readonly string[]
    /** The posts that are named, each with its profile. */
    let named: readonly { readonly id: string; readonly of: string }[]
    let kills = 0
    let balanced = 0

    const run = (env: Readonly<Record<string, string>>): Promise<Ended> =>
      socsync(['run', '--network', network, '--scope', 'all', '--db', db, '--quiet', ...list], {
        env: { ...sandbox.env, ...env },
      })

    /** One night's cron, killed at some point on every third night, and then started again. */
    const runNight = async (night: number): Promise<void> => {
      for (let tries = 0; tries < 3; tries++) {
        const at = hash32(SEED, `${network} ${night} ${tries}`)
        const isKilled = night % 3 === 2 && tries < 2
        const point = `${POINTS[at % POINTS.length]}:${1 + (at % 23)}`
        const { code, signal, stderr } = await run(isKilled ? { SOCSYNC_CRASH_AT: point } : {})
        if (signal === 'SIGKILL') kills++
        else if (code === 0) return
        else throw new Error(`night ${night} ended with ${signal ?? code}: ${stderr}`)
      }
      throw new Error(`night ${night} never ended`)
    }

    beforeAll(async () => {
      sandbox = await startSandbox({ networks, seed: SEED, moving: true })
      profiles = ids(sandbox)
      named = ofPosts(sandbox).flatMap(of =>
        sandbox
          .truth(network, of)
          .filter(isPost)
          .slice(0, NAMED)
          .map(record => ({ id: record.type === 'post' ? record.id : '', of })),
      )
      list = [...profiles, ...named.map(({ id }) => `post:${id}`), ...others]
      const reach = new Date(sandbox.clock.now() - TAG_DAYS * DAY_MS).toISOString()
      const listed = new Set(named.map(({ id }) => id))
      const isWanted = (record: SocialRecord): boolean =>
        record.type !== 'post' ||
        profiles.includes(record.profileId) ||
        listed.has(record.id) ||
        String(record.createdAt) >= reach
      for (let night = 0; night < NIGHTS; night++) {
        const truth = nightOf(new Date(sandbox.clock.now()).toISOString(), [
          ...profiles.flatMap(id => sandbox.truth(network, id)),
          ...named.flatMap(({ id, of }) =>
            sandbox
              .truth(network, of)
              .filter(record => (record.type === 'profile' ? bringsProfiles : isAbout(id, record))),
          ),
          ...others.flatMap(id => sandbox.truth(network, id)),
        ])
        nights.push(truth)
        await runNight(night)
        const stored = readStored(db)
        chronicle.write(truth, stored)
        const isFull = asksAll || (network === 'instagram' && FULL.has(night))
        const found = [
          ...strayRows(stored, nights),
          ...lies(stored, nights),
          ...postsAmiss(stored, nights, isFull, isWanted),
          ...commentsAmiss(stored, truth, { asksAll, countsAreLive }, () => balanced++),
        ]
        wrong.push(...found.slice(0, 5).map(line => `night ${night}: ${line}`))
        sandbox.advance(DAY_MS)
      }
    }, 900_000)

    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    it('after every night each row is what the network showed when it was fetched, all that is new is there, and nothing is called missing that was not', () => {
      expect(wrong.slice(0, 20)).toEqual([])
      expect(sandbox.log.errors).toEqual([])
      const [counts] = query(
        db,
        `select (select count(*) from posts) as posts, (select count(*) from comments) as comments,
        (select count(*) from posts where missing_since is not null) as gone,
        (select count(*) from comments where missing_since is not null) as gone_comments,
        (select count(*) from revisions where field = 'missing_since') as back`,
      )
      console.log(
        `${network}: ${NIGHTS} nights, ${kills} kills, ${JSON.stringify(counts)}, ${chronicle.entries} metrics, ${chronicle.edits} edits, ${balanced} posts with as many comments gone as come`,
      )
      expect(kills).toBeGreaterThan(5)
    })

    it('the series of each counter and the earlier texts are those of the script', () => {
      expect(chronicle.entries).toBeGreaterThan(500)
      expect(chronicle.edits).toBeGreaterThan(0)
      expect(chronicle.differences(db).slice(0, 10)).toEqual([])
    })

    it('leaves a file without damage, and watermarks of the last night', async () => {
      expect(checkFile(db)).toEqual({ integrity: 'ok', foreignKeys: [] })
      expect(await socsync(['db', 'check', '--db', db])).toMatchObject({ code: 0 })
      const marks = query(db, "select watermarks from entities where entity_id not like '%:%'").map(row =>
        JSON.parse(String(row.watermarks)),
      )
      const lag = network === 'tiktok' ? 2 * DAY_MS : 0
      const last = new Date(Date.parse(`${nights.at(-1)?.day}`) - lag).toISOString().slice(0, 10)
      for (const mark of marks) {
        expect(mark).toMatchObject({ posts: { from: null }, comments: { from: null, replies: 'full' } })
        expect(mark.posts.to.slice(0, 10)).toBe(last)
        // The full pass of the thirtieth night.
        expect(mark.posts.last_full_at.slice(0, 10)).toBe(nights[30]?.day)
      }
    })
  },
)

const isAbout = (id: string, record: SocialRecord): boolean =>
  record.type === 'post' ? record.id === id : 'postId' in record && record.postId === id

const isPost = (record: SocialRecord): boolean => record.type === 'post' && record.kind !== 'story'

/** Posts that should be there, or should be called missing. One that was away before may come back out of reach of a night's walk. */
function* postsAmiss(
  stored: readonly Stored[],
  nights: readonly Night[],
  asksAll: boolean,
  isWanted: (record: SocialRecord) => boolean,
): Generator<string> {
  const tonight = nights.at(-1)
  if (tonight === undefined) return
  const here = new Set(stored.filter(({ row }) => row.missing_since == null).map(({ key }) => key))
  for (const [key, record] of tonight.truth) {
    if ((!isPost(record) && record.type !== 'profile') || !isWanted(record)) continue
    const wasAway = nights.some(
      night => night !== tonight && night.truth.size > 0 && wasMade(record, night) && !night.truth.has(key),
    )
    if (!here.has(key) && (asksAll || !wasAway)) yield `${key} is not there`
  }
  if (!asksAll) return
  for (const { type, key, row } of stored) {
    if (type === 'post' && row.kind !== 'story' && row.missing_since == null && !tonight.truth.has(key))
      yield `${key} is gone, and not called missing`
  }
}

const wasMade = (record: SocialRecord, night: Night): boolean =>
  record.type === 'post' && String(record.createdAt).slice(0, 10) < night.day

/**
 * Comments of the posts whose comments were read this night, and where every post is asked about, of all of them: those
 * that are there are stored, those that are gone are missing. As many gone as come leave the count as it was, and are
 * found by the next full pass.
 */
function* commentsAmiss(
  stored: readonly Stored[],
  tonight: Night,
  { asksAll, countsAreLive }: Pick<Case, 'asksAll' | 'countsAreLive'>,
  balance: () => void,
): Generator<string> {
  const lacking = new Map<string, string[]>()
  const extra = new Map<string, string[]>()
  const here = new Map(stored.filter(({ row }) => row.missing_since == null).map(one => [one.key, one]))
  const add = (to: Map<string, string[]>, postId: string, key: string) =>
    to.set(postId, [...(to.get(postId) ?? []), key])
  for (const [key, record] of tonight.truth) {
    if (record.type === 'comment' && !here.has(key)) add(lacking, record.postId, key)
  }
  for (const { type, key, row } of here.values()) {
    if (type === 'comment' && !tonight.truth.has(key)) add(extra, String(row.post_id), key)
  }
  for (const { type, row } of here.values()) {
    if (type !== 'post') continue
    const id = String(row.id)
    // A count of old that says that there are none is believed.
    const isRead =
      String(row.comments_synced_at).slice(0, 10) === tonight.day &&
      (countsAreLive || row.comments_declared !== 0)
    if (!isRead && !asksAll) continue
    const [lacks, has] = [lacking.get(id) ?? [], extra.get(id) ?? []]
    if (lacks.length === 0 && has.length === 0) continue
    if (countsAreLive && lacks.length === has.length) balance()
    else if (lacks.length > 0 || countsAreLive) yield `post ${id} lacks ${lacks}, has ${has}`
  }
}
