/**
 * `npm run bench`: the table of docs/performance.md. `--only pages,start` leaves the rest out, `--scale 0.1` takes a tenth of the sizes,
 * `--rounds n` says how often what is compared is compared, `--json` prints one object, `--check` fails where a stable figure is worse than
 * `baseline.json` has it, `--write-baseline` writes that. All programs are those of the package. `npm run bench -- postgres [flags]`: what a server carries (`postgres.ts`).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Figure, lineOf, type Measure, worseThan } from './figure.ts'
import { layOut } from './package.ts'

const BASELINE = new URL('baseline.json', import.meta.url)

const bench = async (measures: readonly Measure[], args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: measures.map(({ name }) => name).join() },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      'write-baseline': { type: 'boolean', default: false },
    },
  })
  const wanted = new Set(values.only.split(','))
  for (const name of wanted)
    if (!measures.some(measure => measure.name === name)) throw new Error(`there is no measure ${name}`)
  const print = (line: string): void => void (values.json || process.stdout.write(`${line}\n`))
  const sizes = { scale: Number(values.scale), rounds: Number(values.rounds) }
  const figures: Figure[] = []
  for (const { name, measure } of measures) {
    if (!wanted.has(name)) continue
    for await (const figure of measure(sizes)) {
      figures.push(figure)
      print(lineOf(figure))
    }
  }
  const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model ?? '' }
  if (values.json) process.stdout.write(`${JSON.stringify({ schema: 1, machine, ...sizes, figures })}\n`)
  if (values['write-baseline']) {
    const stable = figures.filter(({ isStable, reach }) => isStable && reach !== null)
    const rounded = stable.map(({ name, value }) => [name, Number(value.toPrecision(3))])
    writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`)
  }
  if (!values.check) return
  const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Record<string, number>
  const worse = worseThan(baseline, figures)
  for (const line of worse) process.stderr.write(`worse: ${line}\n`)
  if (worse.length > 0) process.exitCode = 1
}

using built = await layOut()
// Read where what runs programs is loaded, which is therefore after it.
process.env.SOCSYNC_TEST_BINARY = built.program
const [what, ...args] = process.argv.slice(2)
if (what === 'postgres') await (await import('./postgres.ts')).benchPostgres(args)
else await bench((await import('./measures/all.ts')).MEASURES, process.argv.slice(2))
