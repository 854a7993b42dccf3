// @module-tag long
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { analyses } from '../support/analyses.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query, type Row } from '../support/tables.ts'

const folder = tempFolder()
const db = folder.file('socsync.db')
const DAY = 86_400_000
let sandbox: TestSandbox

const IDS = ['instagram:two.pages.of.50', 'youtube:UCtggNqnHV2t1SqIx2UqiMdg', 'tiktok:shelf.keeper']

beforeAll(async () => {
  sandbox = await startSandbox({ moving: true })
  const night = async (scope: string, ...more: readonly string[]): Promise<void> => {
    const args = ['run', '--scope', scope, '--quiet', ...more, '--db', db, ...IDS]
    const ended = await socsync(args, { env: sandbox.env })
    expect(ended.code, ended.stderr).toBe(0)
  }
  await night('all', '--since', '2026-07-01', '--limit-comments', '30')
  for (const days of [2, 7]) {
    sandbox.advance(days * DAY)
    await night('posts')
  }
  // What no short run leaves: something gone, a number that was hidden, a story, and two looks on one day.
  const writing = openWrite(db)
  writing.exec(`
    update posts set missing_since = '2026-10-04T00:00:00.000Z' where rowid % 11 = 0;
    update posts set kind = 'story' where rowid % 13 = 0;
    update posts set created_at = null where rowid % 17 = 0;
    update posts set comments_count = null where rowid % 19 = 0;
    update comments set missing_since = '2026-10-04T00:00:00.000Z' where rowid % 9 = 0;
    insert into metrics (network, subject, subject_id, name, observed_at, value)
      select network, 'profile', id, 'likes_count', '2026-10-0' || day || 'T0' || hour || ':00:00.000Z', value from profiles
      join (select 1 as day, 3 as hour, 10 as value union all select 1, 5, 8 union all select 2, 1, null
        union all select 9, 1, 4 union all select 9, 2, 2);`)
  writing.close()
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const rows = (sql: string): readonly Row[] => {
  const found = query(db, sql)
  expect(found.length, sql).toBeGreaterThan(0)
  return found
}
const text = (value: unknown): string => String(value)
const least = (values: readonly unknown[]): unknown =>
  values.filter(value => value !== null).sort()[0] ?? null
const most = (values: readonly unknown[]): unknown =>
  values
    .filter(value => value !== null)
    .sort()
    .at(-1) ?? null
/** The sum of what is known of them; null = nothing is. */
const sum = (values: readonly unknown[]): number | null => {
  const known = values.filter(value => value !== null).map(Number)
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0)
}
const mean = (values: readonly unknown[]): number | null => {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? null : Number(sum(known)) / known.length
}
const sorted = (found: readonly Row[]): string[] =>
  found.map(row => JSON.stringify(Object.entries(row).sort())).sort()
const grouped = (found: readonly Row[], ...names: readonly string[]): Row[][] => [
  ...Map.groupBy(found, row => names.map(name => row[name]).join(' ')).values(),
]
const profileOf = (network: unknown, id: unknown): Row =>
  query(db, 'select * from profiles').find(row => row.network === network && row.id === id) ?? {}
const postsThere = (): readonly Row[] => rows('select * from posts where missing_since is null')

it('newest_posts: those of each profile that are there and have a date, by their place', () => {
  const media = grouped(rows('select * from media where missing_since is null'), 'network', 'post_id')
  const expected = grouped(
    postsThere().filter(post => post.created_at !== null),
    'network',
    'profile_id',
  ).flatMap(posts =>
    posts
      .sort((a, b) => (`${a.created_at} ${a.id}` < `${b.created_at} ${b.id}` ? 1 : -1))
      .map((post, index) => {
        const { username, name } = profileOf(post.network, post.profile_id)
        const its = media.find(([one]) => one?.network === post.network && one?.post_id === post.id)
        return {
          ...{
            network: post.network,
            profile_id: post.profile_id,
            profile_username: username,
            profile_name: name,
          },
          ...{
            place: index + 1,
            post_id: post.id,
            kind: post.kind,
            title: post.title,
            caption: post.caption,
          },
          ...{ permalink: post.permalink, created_at: post.created_at, like_count: post.like_count },
          ...{
            comments_count: post.comments_count,
            view_count: post.view_count,
            share_count: post.share_count,
          },
          ...{ save_count: post.save_count, media_count: its?.length ?? 0, fetched_at: post.fetched_at },
        }
      }),
  )
  expect(sorted(rows('select * from newest_posts'))).toEqual(sorted(expected))
})

/** Whose a counter is. */
const subjectOf = ({ network, subject, subject_id }: Row): Row => {
  const [post] =
    subject === 'post'
      ? query(db, `select profile_id from posts where network = '${network}' and id = '${subject_id}'`)
      : []
  const profile = profileOf(network, subject === 'profile' ? subject_id : post?.profile_id)
  return { profile_id: profile.id ?? null, profile_username: profile.username ?? null }
}
const COUNTER = ['network', 'subject', 'subject_id', 'name']
const countersOf = (): Row[][] =>
  grouped(rows(`select * from metrics where subject = 'profile' order by observed_at`), ...COUNTER)

it('daily_growth: the last value of each day (UTC) against that of the day before which it was looked at', () => {
  const expected = countersOf().flatMap(observed => {
    const whose = subjectOf(observed[0] ?? {})
    const days = [...Map.groupBy(observed, row => text(row.observed_at).slice(0, 10))]
    return days.map(([day, looks], index) => {
      const { network, subject, subject_id, name, value } = looks.at(-1) ?? {}
      const [previousDay, previousLooks] = days[index - 1] ?? []
      const previous = previousLooks?.at(-1)?.value ?? null
      return {
        ...{ network, subject, subject_id, name, ...whose, day, value, previous_day: previousDay ?? null },
        previous_value: previous,
        change: value === null || previous === null ? null : Number(value) - Number(previous),
      }
    })
  })
  expect(sorted(rows(`select * from daily_growth where subject = 'profile'`))).toEqual(sorted(expected))
  expect(expected.filter(({ change }) => change !== null && change !== 0).length).toBeGreaterThan(5)
  expect(
    rows(`select * from daily_growth where subject = 'post' and change <> 0`)[0]?.profile_username,
  ).toBeTypeOf('string')
})

it('top_movers: from the last look a week before the newest one, or the first one, which moved most first', () => {
  const spans = countersOf().flatMap(observed => {
    const to = observed.at(-1) ?? {}
    const edge = new Date(Date.parse(text(to.observed_at)) - 7 * DAY).toISOString()
    const from = observed.filter(row => text(row.observed_at) <= edge).at(-1) ?? observed[0] ?? {}
    if (from === to || from.value === null || to.value === null) return []
    const change = Number(to.value) - Number(from.value)
    const { network, subject, subject_id, name } = to
    return {
      ...{
        network,
        subject,
        subject_id,
        name,
        ...subjectOf(to),
        from_at: from.observed_at,
        from_value: from.value,
      },
      ...{ to_at: to.observed_at, to_value: to.value, change },
      ratio: from.value === 0 ? null : change / Number(from.value),
    }
  })
  const expected = grouped(spans, 'network', 'subject', 'name').flatMap(moved =>
    moved
      .sort(
        (a, b) =>
          Math.abs(Number(b.change)) - Math.abs(Number(a.change)) ||
          (text(a.subject_id) < text(b.subject_id) ? -1 : 1),
      )
      .map((row, index) => ({ ...row, place: index + 1 })),
  )
  expect(sorted(rows(`select * from top_movers where subject = 'profile'`))).toEqual(sorted(expected))
  const posts = rows(
    `select * from top_movers where subject = 'post' and name = 'like_count' order by network, place`,
  )
  for (const [before, row] of posts.slice(1).map((row, index) => [posts[index], row] as const))
    if (before?.network === row.network)
      expect(Math.abs(Number(row.change))).toBeLessThanOrEqual(Math.abs(Number(before?.change)))
})

it('completeness_by_profile: declared against stored', () => {
  const comments = grouped(
    rows('select network, post_id from comments where missing_since is null'),
    'network',
    'post_id',
  )
  const storedOf = (post: Row): number =>
    comments.find(([one]) => one?.network === post.network && one?.post_id === post.id)?.length ?? 0
  const expected = rows('select * from profiles').map(profile => {
    const all = query(
      db,
      `select * from posts where network = '${profile.network}' and profile_id = '${profile.id}'`,
    )
    const there = all.filter(post => post.missing_since === null)
    const stored = there.filter(post => post.kind !== 'story').length
    const declared = profile.posts_count
    return {
      ...{ network: profile.network, profile_id: profile.id, profile_username: profile.username },
      ...{ profile_name: profile.name, posts_declared: declared, posts_stored: stored },
      posts_missing: declared === null ? null : Math.max(0, Number(declared) - stored),
      comments_declared: sum(there.map(post => post.comments_count)),
      comments_stored: sum(there.map(storedOf)) ?? 0,
      comments_missing: sum(
        there.map(post =>
          post.comments_count === null ? null : Math.max(0, Number(post.comments_count) - storedOf(post)),
        ),
      ),
      posts_unread: there.filter(post => Number(post.comments_count) > 0 && post.comments_synced_at === null)
        .length,
      posts_gone: all.length - there.length,
      ...{ last_synced_at: profile.last_synced_at, missing_since: profile.missing_since },
    }
  })
  expect(sorted(rows('select * from completeness_by_profile'))).toEqual(sorted(expected))
  expect(expected.filter(row => Number(row.comments_missing) > 0).length).toBeGreaterThan(0)
})

it('comment_threads: what opens a thread, and what is said below it', () => {
  const all = rows('select * from comments')
  const there = all.filter(comment => comment.missing_since === null)
  const named = there.map(comment => ({ ...comment, thread_id: comment.parent_id ?? comment.id }))
  const expected = grouped(named, 'network', 'post_id', 'thread_id').map(thread => {
    const [{ network, post_id, thread_id } = {}] = thread
    const opening: Row = all.find(row => row.network === network && row.id === thread_id) ?? {}
    const said = thread.filter(row => row.parent_id !== null).map(row => row.created_at)
    const [post] = query(
      db,
      `select profile_id from posts where network = '${network}' and id = '${post_id}'`,
    )
    return {
      ...{ network, post_id, profile_id: post?.profile_id, thread_id, author_id: opening.author_id ?? null },
      ...{ author_name: opening.author_name ?? null, content: opening.content ?? null },
      ...{ created_at: opening.created_at ?? null, like_count: opening.like_count ?? null },
      ...{ replies_declared: opening.reply_count ?? null, replies_stored: said.length },
      people: new Set(thread.map(row => row.author_id).filter(id => id !== null)).size,
      ...{
        first_reply_at: least(said),
        last_reply_at: most(said),
        missing_since: opening.missing_since ?? null,
      },
    }
  })
  expect(sorted(rows('select * from comment_threads'))).toEqual(sorted(expected))
  expect(expected.filter(row => row.replies_stored > 1).length).toBeGreaterThan(0)
})

it('posting_rhythm: how many posts at which hour of which weekday (UTC), and what came of them', () => {
  const dated = postsThere()
    .filter(post => post.created_at !== null)
    .map(post => {
      const at = new Date(text(post.created_at))
      return { ...post, weekday: ((at.getUTCDay() + 6) % 7) + 1, hour: at.getUTCHours() } as Row
    })
  const expected = grouped(dated, 'network', 'profile_id', 'weekday', 'hour').map(posts => {
    const [{ network, profile_id, weekday, hour } = {}] = posts
    return {
      ...{ network, profile_id, profile_username: profileOf(network, profile_id).username, weekday, hour },
      posts: posts.length,
      mean_likes: mean(posts.map(post => post.like_count)),
      mean_comments: mean(posts.map(post => post.comments_count)),
      mean_views: mean(posts.map(post => post.view_count)),
    }
  })
  expect(sorted(rows('select * from posting_rhythm'))).toEqual(sorted(expected))
})

it.each(analyses())('each question of examples/analysis.sql is answered: %s', (_, sql) => {
  rows(sql)
})

const VIEWS = [
  'newest_posts',
  'daily_growth',
  'top_movers',
  'completeness_by_profile',
  'comment_threads',
  'posting_rhythm',
]

it('every column of each is documented', () => {
  const [, documents = ''] = readFileSync(new URL('../../docs/database.md', import.meta.url), 'utf8').split(
    '\n## Views\n',
  )
  for (const view of VIEWS) {
    const [, section = ''] = documents.split('\n## ')[0]?.split(`\n### \`${view}\``) ?? []
    const [table = ''] = section.split('\n### ')
    const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    )
    const columns = query(db, `select name from pragma_table_info('${view}')`).map(row => row.name)
    expect(named, view).toEqual(columns)
  }
})

it('what is asked of one profile, post or counter reads along an index and not through a table', () => {
  const one = `network = 'tiktok' and profile_id = '1'`
  const counter = `network = 'tiktok' and subject = 'profile'`
  const asked = [
    ...['newest_posts', 'completeness_by_profile', 'posting_rhythm', 'comment_threads'].map(view => [
      view,
      one,
    ]),
    ['comment_threads', `network = 'tiktok' and post_id = '1'`],
    ['daily_growth', `${counter} and subject_id = '1'`],
    ['top_movers', `${counter} and name = 'followers_count'`],
  ] as const
  for (const [view, condition] of asked) {
    const plan = query(db, `explain query plan select * from ${view} where ${condition}`).map(row =>
      text(row.detail),
    )
    const isWide = (step: string): boolean =>
      /^SCAN (posts|profiles|comments|media|metrics|earlier|began|ended|opening)\b/.test(step) ||
      / \(network=\?\)/.test(step)
    expect(plan.filter(isWide), `${view}\n${plan.join('\n')}`).toEqual([])
  }
})
