import { ElectricProviderError } from '../errors.ts'
import { isHistoryKept, STATE_MEDIA_TYPE } from '../protocol/headers.ts'
import { decodeJoin, type JoinFrames } from '../protocol/join-frames.ts'
import type { StoredState } from '../protocol/state-frames.ts'
import { errorOfResponse, foreignAnswer } from './answers.ts'
import type { Http } from './http.ts'

/** How long the server may take to begin its answer, in milliseconds. */
export const STATE_DEADLINE_MS = 30_000

/** State as it was read. The parts for joiners are null unless the URL is that of a join. */
export interface ReadState extends JoinFrames {
  readonly state: StoredState
}

/**
 * Reads a document's state.
 * @throws {ElectricProviderError} if there is no answer, or it is not part of the protocol
 */
export async function readState(http: Http, url: string, signal: AbortSignal): Promise<ReadState> {
  const response = await http.send(url, {
    headers: { accept: STATE_MEDIA_TYPE },
    signal,
    deadlineMs: STATE_DEADLINE_MS,
  })
  if (!response.ok) throw await errorOfResponse(response)
  const { status } = response
  const contentType = response.headers.get('content-type') ?? ''
  if (!contentType.startsWith(STATE_MEDIA_TYPE)) {
    throw await foreignAnswer(response, 'a document')
  }
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason
    throw new ElectricProviderError('network', 'the answer was cut off', { cause })
  })
  try {
    const { state, ...frames } = decodeJoin(new Uint8Array(bytes))
    return { ...frames, state: { ...state, keepHistory: isHistoryKept(contentType) } }
  } catch (cause) {
    throw new ElectricProviderError('bad_response', (cause as Error).message, { status, cause })
  }
}
