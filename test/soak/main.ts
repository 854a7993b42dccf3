import { soak, tell } from './soak.ts'

/** `npm run soak`, or `SEED=7 node test/soak/main.ts 5`: so many minutes, thirty unless said. */
const minutes = Number(process.argv[2] ?? 30)
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const until = Date.now() + minutes * 60_000

process.stdout.write(`seed ${seed}, ${minutes} minutes\n`)
const soaked = await soak(seed, () => Date.now() < until)
process.stdout.write(`${[tell(soaked), ...soaked.complaints].join('\n')}\n`)
process.exitCode = soaked.complaints.length === 0 ? 0 : 1
