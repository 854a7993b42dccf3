import { z } from 'zod'

/** Values that every answer is made of. */

export const Id = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .meta({ description: 'The number of a run or job, as text', examples: ['17'] })
export const Moment = z.string().meta({ format: 'date-time', examples: ['2026-03-01T10:20:30.000Z'] })
export const Counter = z.int().min(0)
export const maybe = <T extends z.ZodType>(schema: T): z.ZodNullable<T> => schema.nullable()
