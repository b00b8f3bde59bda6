import type { SnapshotInfo } from './api.ts'

/** What a version is called: by its name, or by what made it. */
export function versionName({ label, kind, seq }: SnapshotInfo): string {
  return label ?? (kind === 'fold' ? `After compaction, row ${seq}` : `Kept, row ${seq}`)
}
