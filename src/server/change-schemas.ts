import { z } from 'zod'
import type { Diff } from '../app/reports/diff.ts'
import type { Change } from '../store/reports/changes.ts'
import { Counter, Moment, maybe } from './plain-schemas.ts'

/** What changed, as `diff --json` has it. */

const Subject = z.enum(['profile', 'post', 'media', 'comment'])

const ChangeSchema = z
  .object({
    network: z.string(),
    subject: Subject,
    subject_id: z.string(),
    profile_id: z.string(),
    profile: maybe(z.string()).meta({ description: 'What the profile is called' }),
    profile_name: maybe(z.string()).meta({ description: 'The name that it shows' }),
    post_id: maybe(z.string()),
    at: Moment,
    text: maybe(z.string()).meta({ description: 'A name, a title or caption, a comment' }),
    field: maybe(z.string()).meta({ description: 'The text that was edited, or the counter that moved' }),
    before: maybe(z.string()),
    after: maybe(z.string()),
    from: maybe(z.int()),
    to: maybe(z.int()),
    difference: maybe(z.int()),
    percent: maybe(z.number()),
  })
  .meta({ id: 'Change' })

const List = z.array(ChangeSchema)

export const Changes = z
  .object({
    since: Moment,
    until: maybe(Moment),
    run: maybe(z.string()),
    counts: z
      .array(
        z.object({
          change: z.enum(['new', 'edited', 'gone', 'back', 'moved']),
          network: z.string(),
          subject: Subject,
          count: Counter,
        }),
      )
      .meta({ description: 'All of them, whatever is listed below' }),
    new: List.meta({ description: 'The first of them, as of the other lists' }),
    edited: List,
    gone: List,
    back: List,
    commented: z
      .array(
        z.object({
          network: z.string(),
          post_id: z.string(),
          profile_id: z.string(),
          profile: maybe(z.string()),
          profile_name: maybe(z.string()),
          text: maybe(z.string()),
          comments: Counter,
        }),
      )
      .meta({ description: 'Posts with the most new comments' }),
    movers: z.array(
      z.object({
        subject: Subject,
        field: z.string(),
        up: Counter,
        down: Counter,
        hidden: Counter.meta({ description: 'A value before, none now' }),
        shown: Counter.meta({ description: 'None before, a value now' }),
        largest: List,
      }),
    ),
  })
  .meta({ id: 'Changes' })

const listed = (changes: readonly Change[]) => changes.map(({ change: _change, ...rest }) => rest)

export const changesView = ({ since, until, run, counts, examples, commented, movers }: Diff) => ({
  since,
  until,
  run: run === null ? null : String(run),
  counts: [...counts],
  new: listed(examples.new),
  edited: listed(examples.edited),
  gone: listed(examples.gone),
  back: listed(examples.back),
  commented: [...commented],
  movers: movers.map(({ largest, ...mover }) => ({ ...mover, largest: listed(largest) })),
})
