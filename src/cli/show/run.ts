import type { ChalkInstance } from 'chalk'
import { ERROR_HINT, REASON_TEXT } from '../../app/reports/messages.ts'
import { absentOf, isNobodyThere } from '../../app/reports/needs.ts'
import { nextStep } from '../../app/reports/next-step.ts'
import type { RunStatus, Status, WithClock, WithWorkers } from '../../app/reports/status.ts'
import { ENTITY_KINDS, type Listed, PLURALS } from '../../core/entity.ts'
import { LISTS } from '../../core/params.ts'
import type { CompletenessReport } from '../../store/reports/completeness.ts'
import type { LedgerRow } from '../../store/reports/ledger-rows.ts'
import type { RunReport } from '../../store/reports/run-report.ts'
import type { Gap } from '../../store/reports/task-tally.ts'
import { pasted } from '../pasted.ts'
import { called } from './called.ts'
import { commentsInShort, countersAge, postsInShort } from './completeness.ts'
import { credentialPlace } from './credential-place.ts'
import { failingLines, learnedLines, type Profile, unreadLines, wordsOf } from './failing.ts'
import { counted, duration, moment, momentIn, number, printable, table } from './text.ts'
import { workerLines } from './workers.ts'

const ITEM_WORDS: readonly (readonly [kind: string, one: string, many: string])[] = [
  ['profile', 'profile', 'profiles'],
  ['posts', 'post', 'posts'],
  ['comments', 'comment', 'comments'],
  ['likes', 'like', 'likes'],
  ...LISTS.map(name => [name, name.replace(/s$/, ''), name] as const),
]

const STATUS_WORDS = ['succeeded', 'partial', 'failed', 'skipped', 'running', 'pending'] as const

/** A run in a screen; `tookMs` = how long it took by the clock on the wall, which the sandbox's is not. Null = by the run's own. What came, what is missing and why, what it cost, what to do next. */
export const showRun = (
  {
    subject: run,
    alive,
    now,
    quota,
    learned,
    names,
    workers,
    bySandbox,
  }: Status<RunStatus> & WithWorkers & WithClock,
  paint: ChalkInstance,
  tookMs: number | null = null,
): string => {
  const lines = [
    line(
      `run ${run.id}`,
      [run.networks.join(', '), run.scopes.join(', '), timeOf(run, alive, tookMs, bySandbox)]
        .filter(Boolean)
        .join(' · '),
      paint.bold,
    ),
    line(
      isOfProfiles(run.listed) ? 'profiles' : 'listed',
      [listedWords(run.listed), ...statuses(run, paint)].join(' · '),
    ),
    line('came', itemsOf(run)),
    ...(run.completeness === null ? [] : completenessLines(run, run.completeness, paint)),
    ...section('missing', gapsOf(run.gaps, paint)),
    ...section('likes', unsupportedLikes(run.gaps)),
    ...section('failing', failingLines(run.failing, now, called(names), paint)),
    ...section('unread', unreadLines(run.unread, called(names))),
    ...section('not asked', learnedLines(learned)),
    ...section('locked', locksOf(run, called(names))),
    ...section(
      'errors',
      run.errors.map(error => {
        const when = error.not_before === null ? '' : ` Not before ${momentIn(error.not_before, now)}.`
        const hint =
          error.error_type === 'unauthorised'
            ? credentialHint(error.network)
            : (ERROR_HINT[error.error_type] ?? '')
        const what = `${paint.red(error.error_type)} on ${jobsWords(error.jobs, run.listed)} of ${error.network}: `
        return `${what}${hint}.${when}${error.message === null ? '' : `\n${paint.dim(wordsOf(error.message, error.error_type))}`}`
      }),
    ),
    ...section('cost', [
      ...run.cost.map(
        cost =>
          `${counted(cost.calls, 'call')}, ${counted(cost.units, 'unit')} of ${cost.network} ${cost.pool}`,
      ),
    ]),
    ...section('quota', quotaLines(quota, now)),
    ...section('workers', workerLines(workers, paint)),
    line('next', nextOf(run, alive, now)),
  ]
  return `${lines.join('\n')}\n`
}

const completenessLines = (
  run: RunStatus,
  completeness: CompletenessReport,
  paint: ChalkInstance,
): string[] => [
  ...(isOfProfiles(run.listed) && run.scopes.every(scope => scope === 'profile')
    ? []
    : [line('posts', postsInShort(completeness, run.listed, paint))]),
  ...(run.scopes.some(scope => scope === 'comments' || scope === 'all')
    ? [line('comments', commentsInShort(completeness, paint))]
    : []),
  ...section('counters', countersAge(completeness.counters)),
]

/** `9 posts`, `2 profiles and 9 posts`. */
export const listedWords = (listed: Listed): string =>
  ENTITY_KINDS.filter(kind => listed[PLURALS[kind]] > 0)
    .map(kind => counted(listed[PLURALS[kind]], kind, PLURALS[kind]))
    .join(' and ') || counted(0, 'profile')

export const allOf = (listed: Listed): number =>
  Object.values(listed).reduce((sum: number, count) => sum + count, 0)

/** Of profiles alone, or of nothing. */
const isOfProfiles = (listed: Listed): boolean => listed.profiles === allOf(listed)

/** Some of what a run's list names, by what all of it is. */
const jobsWords = (jobs: number, listed: Listed): string => {
  const [kind = 'profile', ...others] = ENTITY_KINDS.filter(each => listed[PLURALS[each]] > 0)
  return others.length === 0 ? counted(jobs, kind, PLURALS[kind]) : counted(jobs, 'job')
}

/** Where what the network refused is set. */
const credentialHint = (name: string): string =>
  `${ERROR_HINT.unauthorised} (${credentialPlace(name, process.env)})`

/** How many profiles another run holds, and by which jobs some of them. */
const locksOf = ({ locked, locks, listed }: RunStatus, profile: Profile): string[] =>
  locked === 0
    ? []
    : [
        `${jobsWords(locked, listed)} ${locked === 1 ? 'is' : 'are'} held by another run; --wait waits for ${locked === 1 ? 'it' : 'them'}`,
        ...locks.map(lock => `${profile(lock)} is held by job ${lock.job_id} since ${moment(lock.since)}`),
        ...(locks.length > 0 && locked > locks.length ? ['…'] : []),
      ]

/** The room of labels: what is said stands behind it. */
export const LABEL = 10

/** A label and what it says; further lines of it stand under the first. */
export const line = (label: string, text: string, mark: (label: string) => string = label => label): string =>
  `${mark(label.padEnd(LABEL))}${text.replaceAll('\n', `\n${' '.repeat(LABEL)}`)}`

export const section = (label: string, lines: readonly string[]): string[] =>
  lines.map((text, index) => line(index === 0 ? label : '', text))

const timeOf = (run: RunReport, alive: boolean, tookMs: number | null, bySandbox: boolean): string => {
  if (alive) return 'running now'
  if (tookMs !== null) return `${moment(run.created_at)} · took ${duration(tookMs)}`
  if (run.finished_at === null) return run.worker === null ? 'waits for its turn' : 'its process is gone'
  const whose = bySandbox ? " by the sandbox's clock" : ''
  return `${moment(run.created_at)} · took ${duration(Date.parse(run.finished_at) - Date.parse(run.created_at))}${whose}`
}

const statuses = (run: RunReport, paint: ChalkInstance): string[] => {
  const colours = {
    succeeded: paint.green,
    partial: paint.yellow,
    failed: paint.red,
    skipped: paint.dim,
    running: paint.cyan,
    pending: paint.dim,
  }
  return STATUS_WORDS.flatMap(status => {
    const count = run.jobs[status] ?? 0
    return count === 0 ? [] : [colours[status](`${number(count)} ${status}`)]
  })
}

const itemsOf = (run: RunReport): string => {
  const items = ITEM_WORDS.flatMap(([kind, one, many]) => {
    const count = run.items[kind] ?? 0
    if (count === 0) return []
    const fresh = run.new_items[kind] ?? 0
    return [`${counted(count, one, many)} (${number(fresh)} new)`]
  })
  return items.length === 0 ? 'nothing' : items.join(' · ')
}

/** That nobody tells who liked is no news of each post: it is told once, and of no job. */
const isUntoldLikes = ({ what, reason }: Gap): boolean =>
  what === 'likes' && reason === 'unsupported-by-network'

const unsupportedLikes = (gaps: readonly Gap[]): string[] => {
  const silent = [...new Set(gaps.filter(isUntoldLikes).map(({ network }) => network))].sort()
  return silent.length === 0 ? [] : [`who liked is not told by ${silent.join(', ')}: only how many`]
}

/** Gaps as lines: how often, what, and why; that who liked is not told is left out. */
export const gapsOf = (gaps: readonly Gap[], paint: ChalkInstance): string[] => {
  const rows = gaps
    .filter(gap => !isUntoldLikes(gap))
    .map(gap => {
      const names =
        gap.what === 'profile' || gap.what === 'post'
          ? `: ${gap.examples.map(printable).join(', ')}${gap.count > gap.examples.length ? ', …' : ''}`
          : ''
      const why = `${gap.reason}: ${REASON_TEXT[gap.reason] ?? 'no more is known'}`
      return [gap.count, `${gap.network} ${gap.what}${names}`, paint.yellow(why)]
    })
  return rows.length === 0 ? [] : table(rows).split('\n')
}

/** A line for each pool; where several credentials have one of the same name, whose it is. */
export const quotaLines = (pools: readonly LedgerRow[], now: number): string[] =>
  pools.map(pool => {
    const alike = pools.filter(other => other.network === pool.network && other.pool === pool.pool)
    return showQuota(pool, alike.length > 1 ? ` of ${printable(pool.owner)}` : '', now)
  })

const showQuota = (pool: LedgerRow, whose: string, now: number): string => {
  const allowance = pool.allowance === null ? '' : ` of ${number(pool.allowance)}`
  const until =
    pool.exhausted_until === null
      ? ''
      : ` · ${pool.refused_as === 'rate-limited' ? 'closed' : 'used up'} until ${momentIn(pool.exhausted_until, now)}`
  const since = `since ${moment(pool.window_start)}`
  return `${pool.network} ${pool.pool}${whose}: ${number(pool.used)}${allowance} used ${since}${until}`
}

const nextOf = (run: RunStatus, alive: boolean, now: number): string => {
  if (alive) return pasted('socsync status --watch')
  if (isNobodyThere(run)) return `look at the list: ${listedAs(run)}`
  if (run.resumable === 0) return pasted('socsync export all --out ./export')
  const types = run.errors.map(({ error_type }) => error_type)
  return unfinishedNext(`socsync resume --run ${run.id}`, types, run, now)
}

/** The first of those that are not to be had, as a list names them. */
const listedAs = (run: RunStatus): string =>
  absentOf(run)
    .flatMap(({ network, examples }) => examples.map(id => printable(`${network}:${id}`)))
    .slice(0, 1)
    .join('')

/**
 * What to do about what is unfinished at a moment, epoch ms; `resume` = the command that goes on with it. It has a line of its own, so
 * that it can be pasted.
 */
export const unfinishedNext = (
  resume: string,
  errorTypes: readonly string[],
  { not_before, put_off_until }: Pick<RunReport, 'not_before' | 'put_off_until'>,
  now: number,
): string => {
  const step = nextStep(errorTypes, { notBefore: not_before, putOffUntil: put_off_until }, now)
  const command = pasted(resume)
  switch (step.kind) {
    case 'set-up':
      return `${command}\nonce that is set up; ${pasted('socsync auth status')} tells whether it is`
    case 'renew':
      return `${command}\nonce the credential is renewed`
    case 'budget':
      return `${command}\nwithout a ceiling; --budget sets one`
    case 'wait':
      return `${command}\nat once; runs from ${step.until.slice(0, 10)} on try again what failed`
    case 'resume':
      return step.after === null ? command : `${command}\nafter ${momentIn(step.after, now)}`
  }
}
