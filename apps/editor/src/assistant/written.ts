import { linesOf } from '@y-electric/agent/lines'
import * as Y from 'yjs'

/** Yjs clients, each with the clock from which on its insertions count. */
export type Writers = ReadonlyMap<number, number>

/** The text that some clients wrote and nobody deleted. */
export interface Written {
  /** A line for each text that contains some of it. */
  readonly text: string
  /** The end of it, in document order; null if nothing is left. */
  readonly end: { readonly line: Y.XmlText; readonly index: number } | null
}

/** Reads what some clients wrote and nobody deleted. Insertions of others in between are left out. */
export function writtenBy(root: Y.XmlFragment, writers: Writers): Written {
  const lines: string[] = []
  let end: Written['end'] = null
  for (const line of linesOf(root)) {
    const runs = runsIn(line, writers)
    const last = runs.at(-1)
    if (last === undefined) continue
    lines.push(runs.map(({ text }) => text).join(''))
    end = { line, index: last.index + last.length }
  }
  return { text: lines.join('\n'), end }
}

/**
 * Deletes exactly what these clients inserted: their text, and the blocks that they made, unless
 * something of others is in such a block.
 */
export function removeWritten(root: Y.XmlFragment, writers: Writers, origin: unknown): void {
  const { doc } = root
  if (doc === null || writers.size === 0) return
  doc.transact((transaction) => {
    // An insertion may have been merged with earlier ones of the same client.
    for (const [client, clock] of writers) {
      const known = Y.getState(doc.store, client)
      if (clock > 0 && clock < known) {
        Y.getItemCleanStart(transaction, Y.createID(client, clock))
      }
    }
    for (const line of linesOf(root)) {
      // From the end, so that the indices before stay.
      for (const { index, length } of runsIn(line, writers).reverse()) line.delete(index, length)
    }
    removeBareBlocks(root, writers)
  }, origin)
}

function removeBareBlocks(parent: Y.XmlFragment, writers: Writers): void {
  for (const [index, child] of [...parent.toArray().entries()].reverse()) {
    if (!(child instanceof Y.XmlElement)) continue
    if (isOf(child._item, writers) && isBare(child, writers)) parent.delete(index, 1)
    else removeBareBlocks(child, writers)
  }
}

/** True if a block holds no characters, and no block that others made. */
function isBare(block: Y.XmlElement, writers: Writers): boolean {
  return block.toArray().every((child) => {
    if (child instanceof Y.XmlText) return child.length === 0
    return child instanceof Y.XmlElement && isOf(child._item, writers) && isBare(child, writers)
  })
}

interface Run {
  readonly index: number
  readonly length: number
  readonly text: string
}

/** The parts of a text that these clients inserted and that are not deleted. */
function runsIn(line: Y.XmlText, writers: Writers): Run[] {
  const runs: Run[] = []
  let index = 0
  for (let item = line._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (isOf(item, writers)) {
      const text = item.content instanceof Y.ContentString ? item.content.str : ''
      runs.push({ index, length: item.length, text })
    }
    index += item.length
  }
  return runs
}

function isOf(item: Y.Item | null, writers: Writers): boolean {
  const from = item === null ? undefined : writers.get(item.id.client)
  return item !== null && from !== undefined && item.id.clock >= from
}
