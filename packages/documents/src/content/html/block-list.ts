import type { PmMark, PmNode } from '../prosemirror/nodes.ts'
import { foldSpace, type Inline } from './whitespace.ts'

/** Makes a block of a line of text. */
type Wrap = (line: readonly PmNode[]) => PmNode

export const paragraph = (line: readonly PmNode[] = []): PmNode =>
  line.length === 0 ? { type: 'paragraph' } : { type: 'paragraph', content: line }

const withMarks = (node: PmNode, marks: readonly PmMark[]): PmNode =>
  marks.length === 0 ? node : { ...node, marks }

/** Blocks as they come, and the line of text that is not a block yet. */
export class BlockList {
  readonly blocks: PmNode[] = []
  #line: Inline[] = []
  readonly #wrap: Wrap

  constructor(wrap: Wrap) {
    this.#wrap = wrap
  }

  addText(text: string, marks: readonly PmMark[], keepSpace: boolean): void {
    this.#line.push({ node: withMarks({ type: 'text', text }, marks), keepSpace })
  }

  addInline(node: PmNode, marks: readonly PmMark[]): void {
    this.#line.push({ node: withMarks(node, marks), keepSpace: true })
  }

  addBlock(...blocks: readonly PmNode[]): void {
    this.endLine()
    this.blocks.push(...blocks)
  }

  /** What lies between blocks becomes a block, unless it is only white space. */
  endLine(): void {
    const line = this.takeLine()
    if (line.length > 0) this.blocks.push(this.#wrap(line))
  }

  takeLine(): PmNode[] {
    const line = foldSpace(this.#line)
    this.#line = []
    return line
  }
}
