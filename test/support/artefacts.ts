import { AsyncLocalStorage } from 'node:async_hooks'
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The variable by which a suite tells its workers that the system's folder of temporary files is its own, to be kept. */
export const SUITE = 'ARTEFACTS_OF_SUITE'
const root = process.env[SUITE]
/** Whether what tests leave is kept to the end of the suite, to be searched (`suite.ts`). */
export const isKept = root !== undefined

/** The test that is running, as its file and its name. */
export const test = new AsyncLocalStorage<string>()
let file = ''
/** Says whose everything is that is made while no test is running. */
export const isFile = (path: string): void => {
  file = path
}

/** Stands beside what a test made, with its name. */
const MADE_BY = '.made-by'
const sign = (path: string): void => {
  if (isKept) writeFileSync(path + MADE_BY, test.getStore() ?? file)
}

/** An empty folder below the system's one of temporary files. */
export const makeFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'socsync-test-'))
  sign(path)
  return path
}

let said = 0
/** Keeps what a program said to a test, or what would have been logged of it. */
export const keepSaid = (text: string): void => {
  if (root === undefined || text === '') return
  const path = join(root, `said-${process.pid}-${++said}`)
  writeFileSync(path, text)
  sign(path)
}

/** Whose artefact this is, by the name of its entry in the suite's folder. */
export const madeBy = (folder: string, entry: string): string => {
  try {
    return readFileSync(join(folder, entry + MADE_BY), 'utf8')
  } catch {
    return 'a test that did not say its name'
  }
}

const SECRET_VARIABLE = /_(ACCESS_TOKEN|REFRESH_TOKEN|CLIENT_SECRET|APP_SECRET|API_KEY)$/
const USED = 'secrets-of-'
const noted = new Set<string>()

/** Notes the secrets that a process is given by its environment: the suite searches for them. */
export const noteSecrets = (env: Readonly<Record<string, string>>): void => {
  if (root === undefined) return
  for (const [variable, value] of Object.entries(env)) {
    if (!SECRET_VARIABLE.test(variable) || noted.has(value)) continue
    noted.add(value)
    const lines = value.split(',').map(secret => `${JSON.stringify([`a ${variable}`, secret.trim()])}\n`)
    appendFileSync(join(root, USED + process.pid), lines.join(''))
  }
}

/** The secrets in a file of such notes, by value; null where it is none. */
export const readNotes = (path: string, name: string): ReadonlyMap<string, string> | null => {
  if (!name.startsWith(USED)) return null
  const notes = readFileSync(path, 'utf8').trimEnd().split('\n')
  return new Map(notes.map(note => JSON.parse(note) as [string, string]).map(([of, secret]) => [secret, of]))
}

/** Whether an entry is the suite's own record, and no test's artefact. */
export const isRecord = (name: string): boolean => name.endsWith(MADE_BY) || name.startsWith(USED)
