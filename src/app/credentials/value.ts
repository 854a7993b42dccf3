import { BadInput } from '../../core/errors.ts'

/** A value that may go into a header or an address. The message does not show it: it may be a secret. */
export const checkValue = (value: string, place: string): string => {
  if (!/[\p{C}\s]/u.test(value)) return value
  throw new BadInput(`${place} holds a space, a line break or another character that no credential has`)
}
