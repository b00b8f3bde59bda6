import type { SnapshotInfo } from '@y-electric/server'

/** The name of a version: its label, or a description of its origin. */
export function versionName({ label, kind, seq }: SnapshotInfo): string {
  return (
    label ?? (kind === 'fold' ? `After a fold, snapshot row ${seq}` : `Kept, snapshot row ${seq}`)
  )
}
