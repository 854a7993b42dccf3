// Loaded by `node --import` into a process that a bench measures: at its end it writes what it used into the file of BENCH_USAGE.
import { writeFileSync } from 'node:fs'

const path = process.env.BENCH_USAGE
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  writeFileSync(path, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 }))
})
