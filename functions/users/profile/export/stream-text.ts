/**
 * Streams pieces of text as a body, as fast as the client reads it. A failure in between aborts the connection, since a body that
 * ends normally would look complete.
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
