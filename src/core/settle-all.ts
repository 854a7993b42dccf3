/** Waits for the end of all, whatever it is; then returns what they gave, or throws the first failure in their order. */
export const settleAll = async <T>(promises: readonly Promise<T>[]): Promise<T[]> => {
  const ended = await Promise.allSettled(promises)
  return ended.map(end => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}
