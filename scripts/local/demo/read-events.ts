/** The events of a `text/event-stream` (HTML standard, 9.2.6), as far as this API uses them. */
export async function* readEvents(response: Response): AsyncGenerator<{ id: string; body: string }> {
  let buffer = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    buffer += decoder.decode(chunk, { stream: true })
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const fields = buffer.slice(0, end).split('\n')
      buffer = buffer.slice(end + 2)
      const fieldOf = (name: string) =>
        fields
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim()
      const body = fieldOf('data')
      if (body !== undefined) yield { id: fieldOf('id') ?? '', body }
    }
  }
}
