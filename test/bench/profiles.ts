/**
 * `npm run bench:profiles`: what a run takes for each profile of its list, and how much memory, for 20,000 profiles and
 * for 100,000, against a server in a process of its own that answers at once. Both should grow with the list by no more
 * than the list. `node test/bench/profiles.ts instagram 5000 20000` says another network and other lengths; of TikTok a
 * day's quota is a thousand profiles: there it is the list that is made and put aside.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { start, tempFolder } from '../support/cli.ts'

const [network = 'youtube', ...lengths] = process.argv.slice(2)
const LENGTHS = lengths.length === 0 ? [20_000, 100_000] : lengths.map(Number)

/** The key of a network's profile of a number. */
const KEYS: Readonly<Record<string, (number: number) => string>> = {
  youtube: number => `UC${number.toString(36).padStart(21, '0')}A`,
  instagram: number => `account.${number.toString(36)}`,
  tiktok: number => `creator.${number.toString(36)}`,
}

const standIn = spawn(process.execPath, [fileURLToPath(new URL('stand-in.ts', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const origin = await originOf(standIn)
const env = {
  SOCSYNC_YOUTUBE_BASE_URL: origin,
  SOCSYNC_YOUTUBE_API_KEY: 'bench-key',
  SOCSYNC_YOUTUBE_DAILY_UNITS: '1000000',
  SOCSYNC_INSTAGRAM_BASE_URL: origin,
  SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'bench-token',
  SOCSYNC_INSTAGRAM_USER_ID: '17841400000000001',
  SOCSYNC_TIKTOK_BASE_URL: origin,
  SOCSYNC_TIKTOK_CLIENT_KEY: 'bench',
  SOCSYNC_TIKTOK_CLIENT_SECRET: 'bench-secret',
  // TikTok's pace of ten calls a second is waited for on this clock.
  ...(network === 'tiktok' && { SOCSYNC_CLOCK: origin }),
}
using folder = tempFolder()
try {
  const took: number[] = []
  for (const length of LENGTHS) {
    const ids = folder.file(`${length}.txt`)
    const key = KEYS[network] ?? String
    writeFileSync(ids, Array.from({ length }, (_, number) => `${key(number)}\n`).join(''))
    const args = [
      'run',
      '--network',
      network,
      '--ids',
      ids,
      '--scope',
      'profile',
      '--db',
      folder.file(`${length}.db`),
    ]
    const { seconds, peak } = await measure([...args, '--quiet'])
    took.push(seconds)
    const perProfile = ((seconds / length) * 1000).toFixed(2)
    process.stdout.write(
      `${network}, ${length} profiles: ${seconds.toFixed(1)} s · ${perProfile} ms a profile · at most ${peak} MB\n`,
    )
  }
  const [first = 0, last = 0] = [took[0], took.at(-1)]
  process.stdout.write(
    `${((LENGTHS.at(-1) ?? 0) / (LENGTHS[0] ?? 1)).toFixed(1)} x the profiles took ${(last / first).toFixed(1)} x the time\n`,
  )
} finally {
  standIn.stdin?.end()
  await once(standIn, 'exit')
}

/** Runs `socsync`: how long it took, and the most memory that it held, in MB (only told where there is /proc). */
async function measure(
  args: readonly string[],
): Promise<{ readonly seconds: number; readonly peak: number }> {
  const began = performance.now()
  const run = start(args, { env })
  let peak = 0
  const watch = setInterval(() => {
    peak = peakOf(run.pid) ?? peak
  }, 100)
  const { code, stderr } = await run.ended
  clearInterval(watch)
  if (code !== 0 && code !== 75) throw new Error(`the run ended with ${code}: ${stderr}`)
  return { seconds: (performance.now() - began) / 1000, peak }
}

function peakOf(pid: number): number | null {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    // One that has ended and was not waited for yet has a status without it.
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
  } catch {
    return null
  }
}

async function originOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no output')
  for await (const chunk of child.stdout) return String(chunk).trim()
  throw new Error('the server did not start')
}
