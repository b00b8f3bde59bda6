import { picturesOf } from './addresses.ts'

/** The server's refusal; `code` is `network` if it cannot be reached, and `canceled` if the person canceled. */
export class UploadError extends Error {
  override readonly name = 'UploadError'

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

interface Sending {
  readonly show: (sent: number) => void
  readonly canceled: AbortSignal
}

/** Sends a picture with progress, which `fetch` does not report. @returns its id */
export function upload(docId: string, file: File, { show, canceled }: Sending): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', picturesOf(docId))
    request.setRequestHeader('content-type', file.type)
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded, total }) => show(loaded / total))
    request.addEventListener('error', () => reject(new UploadError('network', '')))
    request.addEventListener('abort', () => reject(new UploadError('canceled', '')))
    request.addEventListener('load', () => {
      const said = (request.response ?? {}) as {
        readonly id?: string
        readonly error?: { readonly code?: string; readonly message?: string }
      }
      if (said.id !== undefined) resolve(said.id)
      else reject(new UploadError(said.error?.code ?? 'bad_response', said.error?.message ?? ''))
    })
    canceled.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}
