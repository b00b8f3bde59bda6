import { foldToSnapshot } from '../protocol/fold.ts'
import type { FoldJob } from './fold-runner.ts'

/** The worker of `fold-runner.ts`: one job, one answer. */
addEventListener('message', ({ data: { sources, gc } }: MessageEvent<FoldJob>) => {
  postMessage(foldToSnapshot(sources, gc))
})
