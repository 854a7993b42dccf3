#!/usr/bin/env node
// Written so that any old Node.js can parse it: it says what is wrong before anything newer is loaded.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'

// Process 1 of a container is not ended by a signal that it does not take. Until a command takes them, and once it has let
// them go, each of these ends it as it would end any other process.
if (process.pid === 1) {
  const end = signal => {
    if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
}

const needed = [22, 19]
const version = process.versions.node.split('.').map(Number)
if (version[0] < needed[0] || (version[0] === needed[0] && version[1] < needed[1])) {
  process.stderr.write(
    `socsync needs Node.js ${needed.join('.')} or newer; this is ${process.versions.node}. In a checkout: npx socsync\n`,
  )
  process.exitCode = 2
} else if (process.argv.length === 3 && process.argv[2] === '--version') {
  // Asked for by scripts: nothing else need be loaded for it.
  process.stdout.write(`${module.createRequire(import.meta.url)('../package.json').version}\n`)
} else {
  module.enableCompileCache()
  // A checkout runs its sources; an installed package has only what was built from them.
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const built = new URL('../dist/bundle/main.js', import.meta.url)
  import((existsSync(source) ? source : built).href).then(cli => cli.main(process.argv))
}
