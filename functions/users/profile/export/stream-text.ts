/**
 * Pieces of text as a body that is made as fast as it is read. A failure in between breaks the connection off: a body that
 * ended normally would pass for a complete one.
 */
export function streamText(pieces: AsyncGenerator<string>, onFailure: (error: unknown) => void): ReadableStream {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { value, done } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      } catch (error) {
        onFailure(error)
        controller.error(error)
      }
    },
    cancel: async () => {
      await pieces.return(undefined)
    },
  })
}
