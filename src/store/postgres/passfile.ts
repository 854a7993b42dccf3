import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BadInput } from '../../core/errors.ts'

/** What a line of a password file is looked up by. */
interface Login {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/**
 * The password that a file of PostgreSQL's form has for a login: `host:port:database:user:password` a line, `*` = any, `\` before
 * a colon or a backslash. `path` null = `~/.pgpass`, which need not be there. Undefined = it has none. BadInput where others than its
 * owner may read it.
 */
export const findPassword = (path: string | null, login: Login): string | undefined => {
  const file = path ?? join(homedir(), '.pgpass')
  if (!existsSync(file)) {
    if (path === null) return undefined
    throw new BadInput(`there is no password file ${file}`)
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new BadInput(`others than its owner may read ${file}`, { hint: `chmod 600 ${file}` })
  const host = login.host.startsWith('/') ? 'localhost' : login.host
  const wanted = [host, String(login.port), login.database, login.user]
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue
    const [password, ...fields] = fieldsOf(line).reverse()
    fields.reverse()
    if (fields.length === 4 && fields.every((field, at) => field === '*' || field === wanted[at]))
      return password
  }
  return undefined
}

const fieldsOf = (line: string): string[] => {
  const fields = ['']
  for (const [char] of line.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (char === ':') fields.push('')
    else fields[fields.length - 1] += char.length === 2 ? char.slice(1) : char
  }
  return fields
}
