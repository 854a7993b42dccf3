import { DuckDBInstance } from '@duckdb/node-api'

/** What DuckDB reads, which nobody here wrote: integers of 64 bits as bigint, moments as Date. */
export const duckdb = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The rows of a Parquet file. Texts are taken as bytes, since the client drops a byte-order mark at their beginning. */
export const readParquet = async (path: string): Promise<readonly Record<string, unknown>[]> => {
  const columns = await duckdb(`describe select * from '${path}'`)
  const texts = new Set(
    columns
      .filter(({ column_type: type }) => type === 'VARCHAR')
      .map(({ column_name: name }) => String(name)),
  )
  const wanted = columns.map(({ column_name: name }) =>
    texts.has(String(name)) ? `hex(encode("${name}")) as "${name}"` : `"${name}"`,
  )
  const rows = await duckdb(`select ${wanted.join(', ')} from '${path}'`)
  return rows.map(row =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        texts.has(name) && value !== null ? Buffer.from(String(value), 'hex').toString() : value,
      ]),
    ),
  )
}
