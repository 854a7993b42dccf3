import { X509Certificate } from 'node:crypto'
import { constants } from 'node:fs'
import { access, readFile, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Proxies } from '../../http/proxies.ts'
import { isShared, isThere, nameOfDatabase } from '../../store/connect.ts'
import { withReaderIfCurrent } from '../../store/reader.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

/** Which Node.js this is; one that is too old does not get as far as here (`bin/socsync.js`). */
export const checkNode = (): Finding => ok('node', `${process.version}, ${process.execPath}`)

/** The database: nothing is made or migrated. Throws BadInput where it is none of ours, StoreBroken where it is damaged. */
export const checkDatabase = async (db: string): Promise<Finding> => {
  const name = nameOfDatabase(db)
  if (!(await isThere(db))) return note('database', `${name} is not there yet: the first run makes it`)
  const isCurrent = await withReaderIfCurrent(db, async open => open !== null)
  return isCurrent
    ? ok('database', `${name} can be read, and is of this version`)
    : note(
        'database',
        `${name} is of an older version: the next run brings it to this one`,
        'socsync db migrate',
      )
}

/** Below this a run may end with a full disk; a night of a long list writes less. */
const LITTLE = 1 * 2 ** 30
const TOO_LITTLE = 100 * 2 ** 20

/** File systems of other machines, by their numbers in Linux: their locks cannot be relied on. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9P'],
])

/** Room, rights and kind of the disk that a file is, or will be, on; null = it is a server's. */
export const checkDisk = async (db: string): Promise<Finding | null> => {
  if (isShared(db)) return null
  const folder = dirname(resolve(db))
  const denied = await access(folder, constants.R_OK | constants.W_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  )
  if (denied === 'ENOENT') return wrong('disk', `${folder} does not exist`, `mkdir -p ${folder}`)
  if (denied !== null)
    return wrong('disk', `${folder} may not be written to by this user`, `chown "$USER" ${folder}`)
  const { type, bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const said = `${(free / 2 ** 30).toFixed(1)} GiB are free in ${folder}`
  const remote = REMOTE.get(type)
  if (remote !== undefined)
    return wrong(
      'disk',
      `${folder} is a share (${remote}): locks do not hold there`,
      'name a file on a disk of this machine with --db',
    )
  if (free < TOO_LITTLE) return wrong('disk', said, 'socsync db prune --older-than 90d')
  return free < LITTLE ? note('disk', said, 'socsync db prune --older-than 90d') : ok('disk', said)
}

/** Which proxy is used for what. */
export const checkProxy = ({ https, except }: Proxies): Finding => {
  if (https === null) return ok('proxy', 'none is set: networks are asked straight')
  const but = except === '' ? '' : `, but not for ${except} (NO_PROXY)`
  return ok('proxy', `${https.shown} of ${https.variable} is used${but}; never for this machine`)
}

/** Node.js itself only warns of a file that it cannot read, and goes on without it. */
export const checkCertificates = async (env: NodeJS.ProcessEnv): Promise<Finding> => {
  const file = env.NODE_EXTRA_CA_CERTS
  if (!file) return ok('certificates', 'those that Node.js knows')
  const remedy = `NODE_EXTRA_CA_CERTS=<a file of certificates, PEM>`
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return wrong('certificates', `NODE_EXTRA_CA_CERTS: ${file} cannot be read`, remedy)
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  const ended = blocks.filter(block => !isReadable(block))
  if (blocks.length === 0 || ended.length > 0)
    return wrong('certificates', `NODE_EXTRA_CA_CERTS: ${file} holds no certificate that can be read`, remedy)
  return ok('certificates', `those that Node.js knows, and ${blocks.length} of ${file}`)
}

const isReadable = (block: string): boolean => {
  try {
    return new X509Certificate(block).subject !== undefined
  } catch {
    return false
  }
}
