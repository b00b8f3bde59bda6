import type { ProviderErrorCode } from '../errors.ts'

/** The two ways in which a provider uses its `url`. */
export type Side = 'read' | 'write'

/** Errors that a wrong `url` would explain: for each code, the sides that still have it. */
export type Suspicions = ReadonlyMap<ProviderErrorCode, ReadonlySet<Side>>

export const NO_SUSPICIONS: Suspicions = new Map()

/** Records that a side failed with this code. `isNew`: no side had failed with it since both last worked. */
export function suspect(
  suspicions: Suspicions,
  side: Side,
  code: ProviderErrorCode,
): { suspicions: Suspicions; isNew: boolean } {
  const sides = suspicions.get(code)
  return {
    suspicions: new Map(suspicions).set(code, new Set([...(sides ?? []), side])),
    isNew: sides === undefined,
  }
}

/** Records that a side works: its codes are cleared unless the other side still has them. */
export function clear(suspicions: Suspicions, side: Side): Suspicions {
  const left = [...suspicions].map(
    ([code, sides]) => [code, new Set([...sides].filter((other) => other !== side))] as const,
  )
  return new Map(left.filter(([, sides]) => sides.size > 0))
}
