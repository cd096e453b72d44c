/** Opened resources, which are closed in reverse order, all of them, even when one fails to close. */
export type Resources = {
  add: <T extends { close: () => Promise<void> }>(resource: T) => T
  close: () => Promise<void>
}

/**
 * A list of opened resources. `add` returns the resource that it takes. `close` closes them one after the other, the last opened first;
 * it throws an `AggregateError` when some did not close, after it has tried all. Closing again does nothing.
 *
 * @example
 * const resources = createResources()
 * const redis = resources.add(openRedis(options))
 * await resources.close()
 */
export function createResources(): Resources {
  const opened: { close: () => Promise<void> }[] = []
  return {
    add: (resource) => {
      opened.push(resource)
      return resource
    },
    close: async () => {
      const failures: unknown[] = []
      for (let resource = opened.pop(); resource; resource = opened.pop()) {
        try {
          await resource.close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} resource(s) did not close`)
    },
  }
}
