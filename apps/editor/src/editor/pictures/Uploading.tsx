import { lazy, Suspense, useSyncExternalStore } from 'react'
import type { Uploads } from './Uploads.ts'

const UploadLines = lazy(async () => {
  const { UploadLines } = await import('./UploadLines.tsx')
  return { default: UploadLines }
})

/** Nothing, until the person adds a picture. */
export function Uploading({ uploads }: { uploads: Uploads }) {
  const isNeeded = useSyncExternalStore(uploads.subscribe, () => uploads.current().length > 0)
  if (!isNeeded) return null
  return (
    <Suspense fallback={null}>
      <UploadLines uploads={uploads} />
    </Suspense>
  )
}
