import type { CrashPoint } from '../../core/ports.ts'

/**
 * `SOCSYNC_CRASH_AT=page.committed:7` ends the process with SIGKILL the seventh time it comes by that point:
 * the tests' way to kill at an exact moment. Refused unless every base address is loopback (`config.ts`).
 */
export const crashPoint = (wish: string | undefined): CrashPoint => {
  if (wish === undefined || wish === '') return () => {}
  const [name, count = '1'] = wish.split(':')
  let left = Number(count)
  return point => {
    if (point === name && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
