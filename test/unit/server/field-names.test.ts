import { expect, test } from 'vitest'
import { inFields } from '../../../src/server/field-names.ts'

test.each([
  ['argument 3: "x" does not say which network it means', 'line 3: "x" does not say which network it means'],
  ['pass --network, or write youtube:…', 'give `network`, or write youtube:…'],
  ['leave --network out where a list holds several', 'leave `network` out where a list holds several'],
  [
    'nothing lies between --since 2026-02-01 and --until 2026-01-01',
    'nothing lies between `since` 2026-02-01 and `until` 2026-01-01',
  ],
  ['narrow it with --scope or --limit-posts', 'narrow it with `scope` or `limit_posts`'],
  [
    'set SOCSYNC_X, or name a credentials file with --credentials',
    'set SOCSYNC_X, or name a credentials file where the server is started',
  ],
  // What is no field of a request, and what only looks like one.
  ['--network-address and --since-last', '--network-address and --since-last'],
])('%s', (told, fields) => expect(inFields(told)).toBe(fields))
