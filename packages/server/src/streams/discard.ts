/**
 * Gives up the body of an answer that is not needed. Nobody may wait for that: if a framework or a monitoring tool has
 * copied the answer, as Next.js does, the body is only cancelled when the other copy is, too.
 */
export function discard({ body }: Pick<Response, 'body'>): void {
  body?.cancel().catch(() => {})
}
