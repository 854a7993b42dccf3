/**
 * `npm run bench:serve`: results, 100 rows a page, read 500 times a second while a run writes: the answers' p99, and
 * how much the run slowed against one that nobody reads beside. Both are measured in one go, in turns; first against
 * a sandbox that answers as a network does, so that a run leaves a core some time, then against one that answers at
 * once: there sandbox, run, server and reader take all that the machine has.
 */
import autocannon from 'autocannon'
import { start } from '../support/cli.ts'
import { type Json, startServer, type TestServer, TOKEN } from '../support/server.ts'

const ROUNDS = 3
const RATE = 500
const PROFILES = 60
/** What a call takes, ms. */
const LATENCIES = [150, 0]

const sandbox = start(['sandbox', '--port', '0', '--size', 'medium'])
while (!sandbox.stdout().includes('BASE_URL')) await new Promise(resume => setTimeout(resume, 50))
const env = Object.fromEntries(
  [...sandbox.stdout().matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
)
try {
  await using server = await startServer({ env })
  const origin = env.SOCSYNC_INSTAGRAM_BASE_URL ?? ''
  const names = (await (await fetch(`${origin}/sandbox/entities/instagram`)).text()).trim().split('\n')
  const run = async (): Promise<{ rate: number; id: string }> => {
    const wish = { network: 'instagram', ids: names.slice(0, PROFILES), scope: ['posts'], fresh: true }
    const { id } = (await server.post<Json>('/v1/runs', wish)).body
    const { finished_at, cost } = await server.ended(id)
    const calls = cost.reduce((sum: number, one: Json) => sum + one.calls, 0)
    // From the first page on: the start of a thread is no part of a page.
    const jobs: Json[] = (await server.get<Json>(`/v1/jobs?run=${id}&limit=200`)).items
    const began = Math.min(...jobs.map(job => Date.parse(job.started_at)))
    return { id, rate: (calls / (Date.parse(finished_at) - began)) * 1000 }
  }
  const first = await run()
  const jobs = (await server.get<Json>(`/v1/jobs?run=${first.id}&limit=200`)).items
  for (const latency of LATENCIES) {
    const rule = { name: 'slow', network: 'instagram', value: latency }
    await fetch(`${origin}/sandbox/switches`, { method: 'DELETE' })
    if (latency > 0)
      await fetch(`${origin}/sandbox/switches`, { method: 'POST', body: JSON.stringify([rule]) })
    process.stdout.write(`calls of ${latency} ms\n`)
    await compare(server, jobs, run)
  }
} finally {
  sandbox.kill('SIGTERM')
  await sandbox.ended
}

/** Runs that nobody reads beside and runs that are read beside, in turns. */
async function compare(
  server: TestServer,
  jobs: readonly Json[],
  run: () => Promise<{ readonly rate: number }>,
): Promise<void> {
  const slowed: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const alone = await run()
    const end = Promise.withResolvers<autocannon.Result>()
    const options: autocannon.Options = {
      url: server.origin,
      connections: 10,
      overallRate: RATE,
      duration: 60,
      headers: { authorization: `Bearer ${TOKEN}` },
      requests: jobs.map((job: Json) => ({ path: `/v1/jobs/${job.id}/results/posts?limit=100` })),
    }
    const reading = autocannon(options, (error, result) => (error ? end.reject(error) : end.resolve(result)))
    const beside = await run()
    reading.stop()
    const { latency, requests, non2xx } = await end.promise
    slowed.push(1 - beside.rate / alone.rate)
    process.stdout.write(
      `round ${round}: run alone ${alone.rate.toFixed(0)} pages/s · beside ${requests.average.toFixed(0)} reads/s ${beside.rate.toFixed(0)} pages/s · reads p50 ${latency.p50} ms, p99 ${latency.p99} ms${non2xx > 0 ? ` · ${non2xx} refused` : ''}\n`,
    )
  }
  slowed.sort((a, b) => a - b)
  process.stdout.write(
    `the run slowed by ${((slowed[Math.floor(ROUNDS / 2)] ?? 0) * 100).toFixed(0)} %, median of ${ROUNDS}\n`,
  )
}
