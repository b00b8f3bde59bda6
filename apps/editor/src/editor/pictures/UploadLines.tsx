import { useSyncExternalStore } from 'react'
import type { Uploads } from './Uploads.ts'

/** The pictures on their way, with their progress, and those that were refused, with the reason. */
export function UploadLines({ uploads }: { uploads: Uploads }) {
  const list = useSyncExternalStore(uploads.subscribe, uploads.current)
  return (
    <div className="uploads">
      {list.map(({ id, name, sent, trouble }) =>
        trouble === null ? (
          <p key={id} role="status">
            Adding “{name}”
            <progress value={sent} aria-label={`Adding ${name}`} />
          </p>
        ) : (
          <p key={id} role="alert" data-state="refused">
            {trouble}
            <button type="button" className="button-quiet" onClick={() => uploads.remove(id)}>
              Close
            </button>
          </p>
        ),
      )}
    </div>
  )
}
