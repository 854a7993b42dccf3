import type { ChalkInstance } from 'chalk'
import type { LearnedRule } from '../../app/reports/learned.ts'
import { instant } from '../../core/instant.ts'
import { plainText } from '../../networks/plain-text.ts'
import type { FailingGroup, FailingReport, FailingTask } from '../../store/reports/failing-tasks.ts'
import type { UnreadReport } from '../../store/reports/unread-rows.ts'
import { pasted } from '../pasted.ts'
import { counted, number, printable } from './text.ts'

/** So many are named one by one; more are told by their kinds, each with some examples. */
const FEW = 5
const EXAMPLES = 3
/** A network's words are cut to so many characters. */
const WORDS = 200

/** What keeps failing at a moment, epoch ms: since when, how often, when it is tried again, and what the network says. */
export const failingLines = (
  { count, groups, tasks }: FailingReport,
  now: number,
  profile: Profile,
  paint: ChalkInstance,
): string[] =>
  count <= FEW
    ? tasks.map(task => taskLine(task, now, profile, paint))
    : groups.map(group => groupLine(group, tasks, now, paint))

/** A profile as a person knows it. */
export type Profile = (of: { readonly network: string; readonly entity_id: string }) => string

const taskLine = (task: FailingTask, now: number, profile: Profile, paint: ChalkInstance): string => {
  const runs = `since ${dayOf(task.failing_since)}, in ${counted(task.failed_runs, 'run')}`
  return said(
    `${task.network} ${whichOf(task, profile)}: ${runs} · ${nextTry(task, now)}`,
    task.message,
    paint,
  )
}

const groupLine = (
  group: FailingGroup,
  tasks: readonly FailingTask[],
  now: number,
  paint: ChalkInstance,
): string => {
  const alike = tasks.filter(
    ({ network, what, error_type }) =>
      network === group.network && what === group.what && error_type === group.error_type,
  )
  const some = alike.slice(0, EXAMPLES).map(task => printable(task.external_id))
  const examples = some.length === 0 ? '' : `: ${some.join(', ')}${group.count > some.length ? ', …' : ''}`
  const what = `${number(group.count)} × ${group.network} ${printable(group.what)}${examples}`
  return said(`${what} · since ${dayOf(group.failing_since)} · ${nextTry(group, now)}`, group.message, paint)
}

/** `threads of post V1 of @north`, `videos 2026-03-01..2026-03-07 of north`, `profile north` */
const whichOf = (task: FailingTask, profile: Profile): string => {
  const { what, external_id, post_id, entity_id } = task
  const mine = external_id === entity_id || external_id === post_id ? '' : ` ${printable(external_id)}`
  const post = post_id === null ? '' : ` of post ${printable(post_id)}`
  return `${printable(what)}${mine}${post} of ${profile(task)}`
}

const nextTry = ({ next_try_at }: Pick<FailingTask, 'next_try_at'>, now: number): string =>
  next_try_at === null || next_try_at <= instant(now)
    ? 'next tried by the next run'
    : `next tried ${dayOf(next_try_at)}`

const said = (text: string, message: string | null, paint: ChalkInstance): string =>
  message === null ? text : `${text}\n${paint.dim(wordsOf(message))}`

/** What a network said, as much of it as is read at a glance; whole where what to set is said behind it. */
export const wordsOf = (message: string, errorType: string | null = null): string =>
  printable(errorType === 'misconfigured' ? message : plainText(message, WORDS))

const dayOf = (at: string): string => at.slice(0, 10)

/** What came and could not be read. */
export const unreadLines = ({ count, examples }: UnreadReport, profile: Profile): string[] => {
  if (count === 0) return []
  const rows = examples.map(
    ({ network, entity_id, stream, path, reason }) =>
      `${network} ${printable(stream)} of ${profile({ network, entity_id })}, ${printable(path)}: ${printable(reason)}`,
  )
  const head = `${counted(count, 'value')} kept aside, the rest was read; \`${pasted('socsync db drift')}\` lists all`
  return [head, ...rows]
}

/** What is not asked for, since it was refused again and again. */
export const learnedLines = (rules: readonly LearnedRule[]): string[] =>
  rules.map(
    ({ network, account, fact, until }) =>
      `${network}: ${printable(fact)}, refused to ${printable(account)}; asked for again from ${dayOf(until)} on`,
  )
