import { z } from 'zod'
import { Counter, Moment, maybe } from './plain-schemas.ts'

/** The price of a run, as `plan --json` has it. */

const Spread = z
  .object({ low: z.number(), likely: z.number(), high: z.number() })
  .meta({ id: 'Range', description: 'It lies between `low` and `high`, most likely near `likely`' })

export const Plan = z
  .object({
    fits_budget: maybe(z.boolean()).meta({
      description: 'false = the run would be refused; null = no budget',
    }),
    budget: maybe(Counter),
    units: Spread.meta({ description: 'Of all networks together' }),
    networks: z.array(
      z.object({
        network: z.string(),
        profiles: Counter,
        posts: Counter.meta({ description: 'Posts that the list names' }),
        playlists: Counter,
        tags: Counter,
        searches: Counter,
        stored: Counter.meta({ description: 'Of these, those that are stored, or known to be gone' }),
        incremental: Counter.meta({ description: 'Whose lists are read from where they were left' }),
        continued: Counter.meta({ description: 'Whose unfinished job is gone on with' }),
        calls: Spread,
        costs: z.array(z.object({ kind: z.string(), pool: z.string(), calls: Spread })),
        pools: z.array(
          z.object({
            pool: z.string(),
            units: Spread,
            allowance: maybe(Counter).meta({ description: 'In a window; null = the network does not say' }),
            window: z.enum(['day', 'hour', 'minute']),
            left: maybe(Counter).meta({ description: 'In the window that is open now' }),
            windows: maybe(Counter).meta({ description: 'How many it needs, this one included' }),
            done_at: Moment,
          }),
        ),
        seconds: Spread,
        seconds_per_call: z.number(),
        pace_measured: z.boolean().meta({ description: 'On runs of this database; false = assumed' }),
        assumptions: z
          .array(
            z.object({
              name: z.string().meta({ examples: ['posts_per_profile'] }),
              measured_on: Counter.meta({
                description: 'Stored things that it was measured on; 0 = assumed',
              }),
              low: z.number(),
              likely: z.number(),
              high: z.number(),
            }),
          )
          .meta({ description: 'What was not known, and what was taken in its place' }),
      }),
    ),
  })
  .meta({ id: 'Plan' })
