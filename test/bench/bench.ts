/** `npm run bench`: pages a second in a file. `npm run bench -- postgres [flags]`: what a server carries (`postgres.ts`). */
const [what, ...args] = process.argv.slice(2)
if (what === undefined) await (await import('./pages.ts')).benchPages()
else if (what === 'postgres') await (await import('./postgres.ts')).benchPostgres(args)
else throw new Error(`there is no bench ${what}: leave it out, or say postgres`)
