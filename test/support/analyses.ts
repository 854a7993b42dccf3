import { readFileSync } from 'node:fs'

/** The statements of `examples/analysis.sql`, each with the comment above it. */
export const analyses = (): readonly (readonly [question: string, sql: string])[] =>
  readFileSync(new URL('../../examples/analysis.sql', import.meta.url), 'utf8')
    .split('\n\n')
    .slice(1)
    .map(part => {
      const [comment = '', ...sql] = part.trim().split('\n')
      return [comment.replace(/^-- /, ''), sql.join('\n').replace(/;$/, '')]
    })
