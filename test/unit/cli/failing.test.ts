import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { nextStep } from '../../../src/app/reports/next-step.ts'
import { failingLines, learnedLines, unreadLines } from '../../../src/cli/show/failing.ts'
import type { FailingTask } from '../../../src/store/reports/failing-tasks.ts'

const plain = new Chalk({ level: 0 })
const TASK: FailingTask = {
  network: 'youtube',
  entity_id: '@north',
  job_id: 7,
  what: 'threads',
  external_id: 'V1',
  post_id: 'V1',
  status: 'failed',
  reason: null,
  error_type: 'network_error',
  message: 'processingFailure: try later',
  failing_since: '2026-11-03T04:00:00.000Z',
  failed_runs: 3,
  next_try_at: '2026-11-10T02:00:00.000Z',
}
const GROUP = { network: 'youtube', what: 'threads', error_type: 'network_error', message: TASK.message }

const NOW = Date.parse('2026-11-05T04:00:00.000Z')

const linesOf = (tasks: readonly FailingTask[], count = tasks.length, now = NOW): string[] =>
  failingLines(
    {
      count,
      groups: [{ ...GROUP, count, failing_since: TASK.failing_since, next_try_at: TASK.next_try_at }],
      tasks,
    },
    now,
    of => of.entity_id,
    plain,
  )

describe('what keeps failing is named', () => {
  it.each([
    [{}, 'youtube threads of post V1 of @north'],
    [{ what: 'replies', external_id: 'T1' }, 'youtube replies T1 of post V1 of @north'],
    [{ what: 'profile', external_id: '@north', post_id: null }, 'youtube profile of @north'],
    [
      { what: 'videos', external_id: '2023-10-08..2023-10-10', post_id: null },
      'youtube videos 2023-10-08..2023-10-10 of @north',
    ],
  ])('by itself: %j', (task, name) => {
    expect(linesOf([{ ...TASK, ...task }])).toEqual([
      `${name}: since 2026-11-03, in 3 runs · next tried 2026-11-10\nprocessingFailure: try later`,
    ])
  })

  it('a long text ends at a word, and a page is no text', () => {
    const [line = ''] = linesOf([{ ...TASK, message: 'requests from this referer are blocked '.repeat(20) }])
    expect(line.split('\n')[1]).toMatch(/ (requests|from|this|referer|are|blocked)…$/)
    expect(line.length).toBeLessThan(320)
    expect(linesOf([{ ...TASK, message: '<b>no</b>\u001b[2J' }])[0]).not.toMatch(/<b>|\u001b/)
  })

  it('much of it by its kinds, with some examples', () => {
    const many = Array.from({ length: 6 }, (_, n) => ({ ...TASK, external_id: `V${n}`, post_id: `V${n}` }))
    expect(linesOf(many, 1_204)).toEqual([
      '1,204 × youtube threads: V0, V1, V2, … · since 2026-11-03 · next tried 2026-11-10\nprocessingFailure: try later',
    ])
  })

  it('whose day has come is tried by the next run', () => {
    const day = Date.parse('2026-11-10T02:00:00.000Z')
    expect(linesOf([TASK], 1, day - 1)[0]).toContain('next tried 2026-11-10')
    expect(linesOf([TASK], 1, day)[0]).toContain('next tried by the next run')
    expect(linesOf([TASK], 6, day)[0]).toContain('next tried by the next run')
  })

  it('what could not be read, and what is not asked for', () => {
    const unread = {
      network: 'youtube',
      entity_id: '@north',
      stream: 'uploads',
      path: 'items[3]',
      reason: 'no id',
    }
    expect(unreadLines({ count: 0, examples: [] }, of => of.entity_id)).toEqual([])
    expect(unreadLines({ count: 2, examples: [unread] }, of => of.entity_id)).toEqual([
      '2 values kept aside, the rest was read; `socsync db drift` lists all',
      'youtube uploads of @north, items[3]: no id',
    ])
    const rule = {
      network: 'instagram',
      account: '@me',
      fact: 'the metric shares',
      until: TASK.failing_since,
    }
    expect(learnedLines([rule])).toEqual([
      'instagram: the metric shares, refused to @me; asked for again from 2026-11-03 on',
    ])
  })
})

describe('what helps with what is unfinished', () => {
  const NOW = Date.parse('2026-11-05T00:00:00.000Z')
  const AFTER = '2026-11-06T08:00:00.000Z'
  const NOTHING = { notBefore: null, putOffUntil: null }
  it.each([
    ['misconfigured', NOTHING, { kind: 'set-up' }],
    ['unauthorised', NOTHING, { kind: 'renew' }],
    ['budget', NOTHING, { kind: 'budget' }],
    ['quota_exhausted', { ...NOTHING, notBefore: AFTER }, { kind: 'resume', after: AFTER }],
    ['interrupted', NOTHING, { kind: 'resume', after: null }],
    ['network_error', { ...NOTHING, putOffUntil: AFTER }, { kind: 'wait', until: AFTER }],
    [
      'network_error',
      { ...NOTHING, putOffUntil: '2026-11-04T22:00:00.000Z' },
      { kind: 'resume', after: null },
    ],
  ] as const)('%s, %j', (type, when, step) => {
    expect(nextStep([type], when, NOW)).toEqual(step)
  })

  it('of several errors what none of them excludes', () => {
    expect(nextStep(['misconfigured', 'network_error'], NOTHING, NOW)).toEqual({
      kind: 'resume',
      after: null,
    })
    expect(nextStep([], NOTHING, NOW)).toEqual({ kind: 'resume', after: null })
  })
})
