const bodyBytesMax = 1_048_576

/**
 * `fetch` that follows no redirect, so a 3xx is the response, and whose body fails beyond 1 MiB when it is read. Throws what `fetch`
 * throws.
 */
export async function fetchBounded(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  let sizeBytes = 0
  const bounded = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        sizeBytes += chunk.byteLength
        if (sizeBytes > bodyBytesMax) controller.error(new Error(`An answer has more than ${bodyBytesMax} bytes`))
        else controller.enqueue(chunk)
      },
    }),
  )
  return new Response(bounded ?? null, response)
}
