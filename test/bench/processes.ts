import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BINARY, type Running } from '../support/cli.ts'
import { OWN_ACCOUNT } from './stand-in/instagram.ts'

/** A server of a bench in a process of its own. */
export interface Process extends AsyncDisposable {
  readonly origin: string
  /** What `socsync` is to be told of it. */
  readonly env: Readonly<Record<string, string>>
}

/** The sandbox: `size` = of its world. */
export const startSandboxProcess = async (size: string): Promise<Process> => {
  const child = spawn(process.execPath, [BINARY, 'sandbox', '--port', '0', '--size', size], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const env: Record<string, string> = {}
  const said = await untilSaid(child, text => text.includes('SOCSYNC_INSTAGRAM_BASE_URL'))
  for (const [, name = '', value = ''] of said.matchAll(/^export (\w+)=(.*)$/gm)) env[name] = value
  return { origin: env.SOCSYNC_INSTAGRAM_BASE_URL ?? '', env, [Symbol.asyncDispose]: () => endOf(child) }
}

/** What the stand-in of all networks has of each profile, and how long it takes for an answer. */
export interface StandInWorld {
  readonly posts?: number
  /** Of each post. */
  readonly comments?: number
  readonly latencyMs?: number
}

/** `stand-in/server.ts`, which knows every profile; a day's quota is more than any bench takes. */
export const startStandIn = async ({
  posts = 0,
  comments = 0,
  latencyMs = 0,
}: StandInWorld = {}): Promise<Process> => {
  const path = fileURLToPath(new URL('stand-in/server.ts', import.meta.url))
  const world = ['--posts', posts, '--comments', comments, '--latency', latencyMs].map(String)
  const child = spawn(process.execPath, [path, ...world], { stdio: ['pipe', 'pipe', 'inherit'] })
  const origin = (await untilSaid(child, text => text.includes('\n'))).trim()
  const env = {
    SOCSYNC_YOUTUBE_BASE_URL: origin,
    SOCSYNC_YOUTUBE_API_KEY: 'bench-key',
    SOCSYNC_YOUTUBE_DAILY_UNITS: '10000000',
    SOCSYNC_INSTAGRAM_BASE_URL: origin,
    SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'bench-token',
    SOCSYNC_INSTAGRAM_USER_ID: OWN_ACCOUNT,
    SOCSYNC_TIKTOK_BASE_URL: origin,
    SOCSYNC_TIKTOK_CLIENT_KEY: 'bench',
    SOCSYNC_TIKTOK_CLIENT_SECRET: 'bench-secret',
  }
  return { origin, env, [Symbol.asyncDispose]: () => endOf(child) }
}

/** The id of the stand-in's profile of a number. Instagram's first is the token's own account, whose comments are told. */
export const profileOf = (network: string, number: number): string => {
  if (network === 'youtube') return `UC${number.toString(36).padStart(21, '0')}A`
  if (network === 'tiktok') return `creator.${number.toString(36)}`
  return number === 0 ? OWN_ACCOUNT : `account.${number.toString(36)}`
}

const untilSaid = async (child: ChildProcess, isEnough: (text: string) => boolean): Promise<string> => {
  let text = ''
  child.stdout?.setEncoding('utf8')
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    if (isEnough(text)) return text
  }
  throw new Error(`it did not start: ${text}`)
}

const endOf = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Waits for the end of a process: the most memory that it held, MB; null where there is no /proc to tell it. */
export const peakUntilEnd = async (running: Running): Promise<number | null> => {
  let peak: number | null = null
  const watch = setInterval(() => {
    peak = peakOf(running.pid) ?? peak
  }, 100)
  const { code, stderr } = await running.ended
  clearInterval(watch)
  if (code !== 0 && code !== 75) throw new Error(`it ended with ${code}: ${stderr}`)
  return peak
}

/** The most memory that a process has held until now, MB; null where there is no /proc to tell it. */
export const peakOf = (pid: number): number | null => {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]
  // One that has ended and was not waited for yet has a status without it.
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}

/** How busy the machine's processors were from now on, 0 to 1, whoever kept them so; null where there is no /proc. */
export const watchProcessors = (): (() => number | null) => {
  const before = ticks()
  return () => {
    const now = ticks()
    if (before === null || now === null) return null
    return (now.busy - before.busy) / Math.max(1, now.all - before.all)
  }
}

const ticks = (): { readonly busy: number; readonly all: number } | null => {
  const line = /^cpu\s+(.*)$/m.exec(read('/proc/stat'))?.[1]
  if (line === undefined) return null
  const counts = line.split(' ').map(Number)
  const all = counts.reduce((sum, count) => sum + count, 0)
  return { all, busy: all - (counts[3] ?? 0) - (counts[4] ?? 0) }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
