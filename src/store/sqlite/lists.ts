/** SQLite has no lists: one in a placeholder is JSON, which `json_each` takes apart (`spelling.ts`). */
export const encodeList = (value: unknown): unknown => (Array.isArray(value) ? JSON.stringify(value) : value)

export const encodeLists = (values: readonly unknown[]): unknown[] => values.map(encodeList)
