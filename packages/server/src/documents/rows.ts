import { decodeUpdate, type UpdateRow } from 'y-electric/protocol'

/** The updates of the rows that can be read: one bad row never hides the others. */
export const readableRows = (rows: readonly UpdateRow[]): Uint8Array[] =>
  rows.filter(isReadable).map(({ data }) => data)

function isReadable({ data }: UpdateRow): boolean {
  try {
    decodeUpdate(data)
    return true
  } catch {
    return false
  }
}
