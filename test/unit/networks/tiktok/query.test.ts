import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/core/json.ts'
import { readQuery } from '../../../../src/networks/tiktok/query.ts'

const bread = { operation: 'EQ', field_name: 'keyword', field_values: ['bread'] }

describe('a query', () => {
  test('goes as it is, without lists that are empty', () => {
    const not = [
      { operation: 'IN', field_name: 'region_code', field_values: ['US', 'de'] },
      { operation: 'GTE', field_name: 'view_count', field_values: ['1000'] },
      { operation: 'EQ', field_name: 'video_length', field_values: ['EXTRA_LONG'] },
      { operation: 'LT', field_name: 'create_date', field_values: ['20260301'] },
    ]
    expect(readQuery({ and: [bread], or: [], not })).toEqual({ query: { and: [bread], not } })
  })

  test.each([
    [
      { and: [bread, { ...bread, operation: 'LIKE' }] },
      'and[1].operation: "LIKE"; allowed are EQ, IN, GT, GTE, LT, LTE',
    ],
    [{}, 'at least one condition must stand in and, or, or not'],
    [{ or: [] }, 'at least one condition must stand in and, or, or not'],
    [[], '[]; allowed is an object with lists of conditions: and, or, not'],
    [{ query: { and: [bread] } }, /^query: .*; allowed are and, or, not$/],
    [{ and: bread }, /^and: .*; allowed is a list of conditions$/],
    [{ and: ['bread'] }, 'and[0]: "bread"; allowed is an object with operation, field_name, field_values'],
    [{ and: [{ ...bread, value: 1 }] }, 'and[0].value: 1; allowed are operation, field_name, field_values'],
    [
      { and: [{ ...bread, field_name: 'likes' }] },
      /^and\[0\]\.field_name: "likes"; allowed are create_date, username, /,
    ],
    [{ and: [{ ...bread, field_values: [7] }] }, 'and[0].field_values[0]: 7; allowed is a text, in quotes'],
    [{ and: [{ ...bread, field_values: 'x' }] }, /^and\[0\]\.field_values: "x"; allowed is a list of texts/],
    [
      { and: [{ operation: 'EQ', field_name: 'keyword' }] },
      /^and\[0\]\.field_values: missing; allowed is a list/,
    ],
    [
      { and: [{ ...bread, field_values: ['a', 'b'] }] },
      /^and\[0\]\.field_values: .*; EQ takes one value, IN several$/,
    ],
    [{ and: [{ ...bread, operation: 'GT' }] }, 'and[0].operation: "GT"; of keyword allowed are EQ, IN'],
    [value('hashtag_name', '#bread'), 'not[0].field_values[0]: "#bread"; allowed is a hashtag without #'],
    [value('username', '@ada'), /allowed is a name without @$/],
    [value('region_code', 'Ireland'), /allowed is a country in two letters, such as US$/],
    [value('video_length', 'short'), /allowed is SHORT, MID, LONG or EXTRA_LONG$/],
    [value('view_count', '1k'), /allowed is a whole number$/],
    [value('create_date', '2026-03-01'), /allowed is a day such as 20260301$/],
    [value('music_id', 'rye'), /allowed is an id, in digits$/],
  ] as [Json, string | RegExp][])('%j is refused: %s', (given, problem) => {
    expect(readQuery(given)).toEqual({
      problem: problem instanceof RegExp ? expect.stringMatching(problem) : problem,
    })
  })
})

function value(field: string, text: string) {
  return { not: [{ operation: 'EQ', field_name: field, field_values: [text] }] }
}
