import { describe, expect, test } from 'vitest'
import { FaultError } from '../../../src/core/fault.ts'
import type { Json } from '../../../src/core/json.ts'
import { readBatch, readJob } from '../../../src/transforms/wire.ts'

const refusal = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.kind} ${error.fault.code}`
  }
  return 'read'
}

describe('an answer about a job', () => {
  test.each<[Json, string]>([
    [null, 'unreadable shape'],
    [[], 'unreadable shape'],
    ['done', 'unreadable shape'],
    [{ status: 'pending' }, 'unreadable no-job-id'],
    [{ job_id: '', status: 'pending' }, 'unreadable no-job-id'],
    [{ job_id: '..', status: 'pending' }, 'unreadable no-job-id'],
    [{ job_id: '.', status: 'pending' }, 'unreadable no-job-id'],
    [{ job_id: 'x'.repeat(201), status: 'pending' }, 'unreadable no-job-id'],
    [{ job_id: 1.5, status: 'pending' }, 'unreadable no-job-id'],
    [{ job_id: 'j' }, 'unreadable status'],
    [{ job_id: 'j', status: 'DONE', result: 1 }, 'unreadable status'],
    [{ job_id: 'j', status: 'done' }, 'unreadable no-result'],
    [{ job_id: 'j', status: 'done', result: 'é'.repeat(2 ** 19) }, 'unreadable too-large'],
  ])('%j', (json, expected) => {
    expect(refusal(() => readJob(json, null))).toBe(expected)
  })

  test('is read by what it must have; null is a result; a long number is an id', () => {
    expect(readJob({ job_id: 42, status: 'pending', more: 1 }, null)).toMatchObject({ jobId: '42' })
    expect(readJob({ status: 'processing' }, 'known')).toMatchObject({ jobId: 'known', status: 'processing' })
    expect(readJob({ job_id: 'j', status: 'done', result: null }, 'j')).toMatchObject({ result: null })
    expect(readJob({ status: 'failed' }, 'j')).toMatchObject({ error: null })
    expect(readJob({ status: 'failed', error: { code: 7 } }, 'j')).toMatchObject({ error: '{"code":7}' })
  })
})

describe('an answer about several', () => {
  test('is a list, or an object with one, in their order; each is judged alone', () => {
    const jobs = [{ job_id: 'a', status: 'pending' }, { error: 'too long' }, { job_id: 'c' }]
    for (const json of [jobs, { jobs }]) {
      const [a, b, c] = readBatch(json, 3)
      expect(a).toMatchObject({ jobId: 'a' })
      expect(b).toMatchObject({ fault: { kind: 'rejected' }, message: 'the service refused it: too long' })
      expect(c).toMatchObject({ fault: { kind: 'unreadable', code: 'status' } })
    }
    expect(refusal(() => readBatch(jobs, 2))).toBe('unreadable length')
    expect(refusal(() => readBatch({ job_id: 'a', status: 'pending' }, 1))).toBe('unreadable shape')
  })
})
