/** Things that must be closed. They close in reverse order of opening, all of them, even when one fails. */
export type Resources = {
  add: <T extends { close: () => Promise<void> }>(resource: T) => T
  close: () => Promise<void>
}

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
