import type { ChalkInstance } from 'chalk'
import { ERROR_HINT, REASON_TEXT } from '../../app/reports/messages.ts'
import type { Status, WithReaders } from '../../app/reports/status.ts'
import type { Completeness, JobReport } from '../../store/reports/job-report.ts'
import { pasted } from '../pasted.ts'
import { called } from './called.ts'
import { commentGaps, countersAge, ofDeclared, postGaps } from './completeness.ts'
import { failingLines, learnedLines, unreadLines, wordsOf } from './failing.ts'
import { gapsOf, line, quotaLines, section, unfinishedNext } from './run.ts'
import { counted, moment, number } from './text.ts'
import { readerLines } from './workers.ts'

/** A job in a screen. */
export const showJob = (
  { subject: job, alive, now, quota, learned, names, readers }: Status<JobReport> & WithReaders,
  paint: ChalkInstance,
): string => {
  const lines = [
    line(
      `job ${job.id}`,
      `${job.network} · ${called(names)(job)} · ${job.scopes.join(', ')} · run ${job.run_id}`,
      paint.bold,
    ),
    line('status', stateOf(job, alive)),
    ...section('read now', readerLines(readers)),
    ...section('chain', [
      ...(job.previous_job_id === null ? [] : [`continues job ${job.previous_job_id}`]),
      ...(job.continued_by === null ? [] : [`continued by job ${job.continued_by}`]),
    ]),
    ...section(
      'tasks',
      job.tasks.map(
        task =>
          `${task.kind.padEnd(8)} ${task.status.padEnd(9)} ${counted(task.count, 'task')}, ${counted(task.items, 'record')} (${number(task.new_items)} new), ${counted(task.pages, 'page')}`,
      ),
    ),
    ...section('stored', job.completeness === null ? [] : completenessOf(job.completeness)),
    ...section('posts', job.completeness === null ? [] : postGaps(job.completeness, paint)),
    ...section('comments', job.completeness === null ? [] : commentGaps(job.completeness, paint)),
    ...section('counters', job.completeness === null ? [] : countersAge(job.completeness.counters)),
    ...section('missing', gapsOf(job.gaps, paint)),
    ...section('failing', failingLines(job.failing, now, called(names), paint)),
    ...section('unread', unreadLines(job.unread, called(names))),
    ...section('not asked', learnedLines(learned)),
    ...section('error', job.error_type === null ? [] : errorOf(job, job.error_type, paint)),
    ...section('quota', quotaLines(quota, now)),
    line('next', nextOf(job, alive, now)),
  ]
  return `${lines.join('\n')}\n`
}

const stateOf = (job: JobReport, alive: boolean): string => {
  if (job.status === 'running' || job.status === 'pending')
    return alive ? `${job.status} now` : `${job.status}, but its process is gone`
  const reason =
    job.reason === null ? '' : ` · ${job.reason} (${REASON_TEXT[job.reason] ?? 'no more is known'})`
  const at = job.finished_at === null ? '' : ` · ${moment(job.finished_at)}`
  return `${job.status}${reason}${at}`
}

const completenessOf = (stored: Completeness): string[] => {
  const held = stored.playlists ?? stored.tags ?? stored.searches
  const posts = stored.named_posts?.stored ?? held?.posts_stored ?? stored.posts_stored
  const declared = ofDeclared(held?.items_declared ?? stored.posts_declared)
  return [
    `${counted(posts, 'post')}${declared} · ${number(stored.media_stored)} media`,
    `${counted(stored.comments_stored, 'comment')}${ofDeclared(stored.comments_declared)}`,
  ]
}

const errorOf = (job: JobReport, type: string, paint: ChalkInstance): string[] => [
  `${paint.red(type)}: ${ERROR_HINT[type] ?? 'no more is known'}`,
  ...(job.error_message === null ? [] : [paint.dim(wordsOf(job.error_message, type))]),
]

const nextOf = (job: JobReport, alive: boolean, now: number): string => {
  if (job.continued_by !== null) return pasted(`socsync status ${job.continued_by}`)
  if (alive) return pasted(`socsync status ${job.id}`)
  if (job.status === 'succeeded' || job.status === 'skipped')
    return pasted(`socsync export posts --job ${job.id}`)
  return unfinishedNext(`socsync resume ${job.id}`, job.error_type === null ? [] : [job.error_type], job, now)
}
