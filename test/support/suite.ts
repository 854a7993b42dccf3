import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textsOf } from './artefact-texts.ts'
import { isRecord, madeBy, readNotes, SUITE } from './artefacts.ts'
import { type Search, searchFor } from './secret-search.ts'
import { isCredentialsFile, isGiven, SANDBOX_SECRETS, type Secrets, secretsOfFile } from './secrets.ts'

/** What a search of a folder came to. */
export interface Searched {
  readonly artefacts: number
  readonly secrets: number
  /** Which secret, where, and by which test: never the secret itself. */
  readonly found: readonly string[]
}

/**
 * Searches all that tests left in a folder for all secrets there are: those given, those that processes were given
 * there, and those in its credentials files.
 */
export const searchArtefacts = (folder: string, given: Secrets): Searched => {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const secrets = new Map(given)
  for (const name of names) {
    for (const [secret, of] of secretsIn(join(folder, name), name)) {
      if (!secrets.has(secret)) secrets.set(secret, of)
    }
  }
  const search = searchFor(secrets)
  const artefacts = names.filter(name => !isRecord(name) && !isGiven(name))
  const found = artefacts.flatMap(name =>
    leaksOf(join(folder, name), search).map(
      ({ secret, place }) =>
        `${secret}: in ${name}, ${place}, made by ${madeBy(folder, name.split('/')[0] ?? '')}`,
    ),
  )
  return { artefacts: artefacts.length, secrets: search.secrets, found }
}

const secretsIn = (path: string, name: string): Secrets =>
  isCredentialsFile(name) ? secretsOfFile(readFileSync(path, 'utf8')) : (readNotes(path, name) ?? new Map())

/** Each secret that a file holds, at its first place. */
const leaksOf = (path: string, search: Search): readonly { secret: string; place: string }[] => {
  const places = new Map<string, string>()
  for (const [place, text] of textsOf(path, search.longest)) {
    for (const secret of search.in(text)) if (!places.has(secret)) places.set(secret, place)
  }
  return [...places].map(([secret, place]) => ({ secret, place }))
}

const SHOWN = 20
const FOLDER = 'socsync-suite-'

/** Removes what suites left that were ended before their search. */
const clearAfterTheDead = (): void => {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(FOLDER) ? Number.parseInt(name.slice(FOLDER.length), 10) : Number.NaN
    if (!Number.isNaN(pid) && !isAlive(pid)) removeUnlessMounted(join(tmpdir(), name))
  }
}

/** Where a disk of a test that was killed is still mounted, the folder stays until somebody unmounts it. */
const removeUnlessMounted = (folder: string): void => {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (Object(error).code !== 'EBUSY' && !String(error).includes('busy')) throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It is somebody else's.
    return Object(error).code === 'EPERM'
  }
}

/**
 * Around the whole suite, or one file of it: the system's folder of temporary files is a new one, from which nothing
 * is cleared away; in the end it is searched, a secret found makes the run fail, and it is gone.
 */
export const setup = (): (() => void) => {
  clearAfterTheDead()
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`))
  const before = process.env.TMPDIR
  // What Node has compiled outlives suites: processes start sooner, and the moments of tests are met.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')
  // Workers, and what they start, have their environment from here.
  Object.assign(process.env, { TMPDIR: folder, [SUITE]: folder })
  return () => {
    delete process.env[SUITE]
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    try {
      const began = performance.now()
      const { artefacts, secrets, found } = searchArtefacts(folder, SANDBOX_SECRETS)
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      process.stdout.write(
        `\nartefacts searched ${artefacts} / secrets ${secrets} / found ${found.length} (in ${seconds} s)\n`,
      )
      if (found.length > 0) {
        const more = found.length > SHOWN ? [`and ${found.length - SHOWN} more`] : []
        throw new Error(['Secrets were left behind:', ...found.slice(0, SHOWN), ...more].join('\n  '))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
