import { openDatabase } from '../../src/store/connect.ts'

/** A process that holds a name of a database until it is killed: says `held`, or `null` where another one has it. */
const [where = '', name = ''] = process.argv.slice(2)
const database = await openDatabase(where)
const held = await database.hold(name)
process.stdout.write(held === null ? 'null\n' : 'held\n')
setInterval(() => held, 60_000)
