import { appendFileSync } from 'node:fs'
import Database from 'better-sqlite3'

/**
 * Notes every statement that a process prepares, one JSON text a line, in the file that `STATEMENTS` names:
 * `NODE_OPTIONS="--import <this file>"`.
 */
const { prepare } = Database.prototype
const { STATEMENTS = '' } = process.env
Database.prototype.prepare = function (this: Database.Database, sql: string) {
  appendFileSync(STATEMENTS, `${JSON.stringify(sql)}\n`)
  return prepare.call(this, sql)
} as typeof prepare
