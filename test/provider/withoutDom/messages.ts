import type { LiveMode, ProviderStatus } from 'y-electric'

export interface WorkerSetup {
  readonly url: string
  readonly docId: string
  readonly live: LiveMode
  readonly fetchLike: 'native' | 'react-native'
}

/** The test's request to the worker. */
export type Order = { readonly type: 'write'; readonly text: string } | { readonly type: 'destroy' }

/** The worker's report after every change. */
export interface Report {
  readonly text: string
  readonly saved: boolean
  readonly status: ProviderStatus
  readonly errors: readonly string[]
  readonly names: readonly string[]
  /** After destroy(), the resources that still keep the worker alive. */
  readonly left: readonly string[] | null
}
