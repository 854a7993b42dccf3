// @module-tag long
import { afterAll, expect, it } from 'vitest'
import { checkFile } from '../../src/app/admin/db.ts'
import { unit } from '../../src/networks/seeded.ts'
import { start } from '../support/cli.ts'
import { until } from '../support/kill.ts'
import { placeOf } from '../support/on-server.ts'
import { query } from '../support/tables.ts'
import { commentsOf, openTransformScene, type TransformScene } from '../support/transforms.ts'

const ELEMENTS = 10_000
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
/** Points that an element passes, and where on its way through thousands of them the process ends itself. */
const POINTS = [
  'transform.asked:700',
  'transform.answered:1',
  'transform.settled:800',
  'transform.answered:900',
]
const KILLS = 12
/** Calls after which a process is killed from outside, on average: some among the submissions, most among the questions. */
const CALLS = 3_500

const told: string[] = [`seed ${SEED}`]
afterAll(() => void process.stdout.write(`\n${told.join('\n')}\n`))

const RUN = ['transform', 'run', 'moody', '--max-wait', '2h', '--quiet', '--json']

/** Starts a call that is killed in the middle of its work: by itself at a point, or from outside at any moment. */
const killOne = async (scene: TransformScene, round: number): Promise<void> => {
  const point = POINTS[round]
  const env = { ...scene.sandbox.env, ...(point && { SOCSYNC_CRASH_AT: point }) }
  const end = callsOf(scene) + CALLS * (0.5 + unit(SEED, round))
  const running = start(scene.args(RUN), { env })
  if (point === undefined) {
    await until(running, () => callsOf(scene) >= end)
    running.kill('SIGKILL')
  }
  expect((await running.ended).signal).toBe('SIGKILL')
}

const callsOf = ({ sandbox }: TransformScene): number => {
  const { jobs = 0, repeated = 0, polls = 0 } = sandbox.transforms.counts().moody ?? {}
  return jobs + repeated + polls
}

it('ten thousand elements and kills in the middle: each is begun once, each result is stored once', async () => {
  await using scene = await openTransformScene()
  scene.change(commentsOf(ELEMENTS))
  scene.configure({ moody: { elements: ['comments.content'], concurrency: 8 } })
  const began = performance.now()
  for (let round = 0; round < KILLS; round++) await killOne(scene, round)
  const open = scene.count(`status not in ('done', 'failed')`)
  expect(open).toBeGreaterThan(0)
  expect(open).toBeLessThan(ELEMENTS)

  // What is left two processes do at once; the one that finds nothing more to claim ends first.
  const last = await Promise.all([scene.call(RUN), scene.call(RUN)])
  for (const { code, stderr } of last)
    expect({ code, stderr }).toEqual({ code: expect.toBeOneOf([0, 3, 75]), stderr: '' })
  expect(await scene.call(RUN)).toMatchObject({ code: expect.toBeOneOf([0, 3]), stderr: '' })

  const service = scene.sandbox.transforms.counts().moody
  const { jobs = 0, forgotten = 0, again = 0, repeated = 0, polls = 0, mostPolls = 0 } = service ?? {}
  expect(forgotten).toBeGreaterThan(0)
  expect({ begun: jobs - again, again }).toEqual({ begun: ELEMENTS, again: forgotten })

  const statuses = query(
    scene.db,
    `select status, error_type, count(*) as n, count(distinct element_id) as elements,
      sum(result is not null) as results from transforms group by 1, 2 order by 1`,
  )
  const done = statuses.find(({ status }) => status === 'done')
  const failed = statuses.find(({ status }) => status === 'failed')
  expect(statuses).toEqual([
    { status: 'done', error_type: null, n: done?.n, elements: done?.n, results: done?.n },
    { status: 'failed', error_type: 'service_failed', n: failed?.n, elements: failed?.n, results: 0 },
  ])
  expect(Number(done?.n) + Number(failed?.n)).toBe(ELEMENTS)
  const right = `status = 'done' and json_extract(result, '$.words') = 3`
  expect(scene.count(right)).toBe(done?.n)
  expect(await checkFile(placeOf(scene.db))).toMatchObject({ violations: [], dead: [] })
  expect(scene.sandbox.log.errors).toEqual([])

  // An hour at most: ten doublings, then every five to ten minutes, and one more for each kill.
  const perElement = polls / ELEMENTS
  expect(mostPolls).toBeLessThanOrEqual(10 + 60 / 5 + KILLS)
  const seconds = (performance.now() - began) / 1000
  told.push(
    `${ELEMENTS} elements, ${KILLS} kills, ${open} open after them: ${jobs} jobs begun, ${forgotten} of them lost and begun again, ${repeated} submissions repeated under their key`,
    `${done?.n} results stored, ${failed?.n} failures; ${perElement.toFixed(1)} polls per element, ${mostPolls} at most; ${seconds.toFixed(0)} s`,
  )
}, 900_000)
