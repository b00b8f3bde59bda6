import { type CSSProperties, useEffect, useRef } from 'react'
import { around, type Block, isTouched, type Piece } from './blocks.ts'

/** The most lines that are drawn. */
const MOST_BLOCKS = 300

interface ThenTextProps {
  blocks: readonly Block[]
  /** The colour of the writer of the row. */
  color: string
}

/** The document as lines, with what the row changed marked and in view. */
export function ThenText({ blocks, color }: ThenTextProps) {
  const frame = useRef<HTMLElement>(null)
  const { shown, before, after } = around(blocks, MOST_BLOCKS)

  useEffect(() => {
    const change = frame.current?.querySelector<HTMLElement>('[data-touched]')
    if (!frame.current || !change || blocks.length === 0) return
    // Not scrollIntoView, which would also scroll the page away from the slider.
    const { clientHeight, scrollTop } = frame.current
    // The frame is positioned, so that this is the place inside it.
    const top = change.offsetTop
    const isInView = top >= scrollTop && top + change.clientHeight <= scrollTop + clientHeight
    if (!isInView) frame.current.scrollTop = top - clientHeight / 3
  }, [blocks])

  return (
    // Scrollable text must be reachable by keyboard.
    <section
      className="then-text"
      ref={frame}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the arrow keys.
      tabIndex={0}
      aria-label="The document at this row"
      style={{ '--person': color } as CSSProperties}
    >
      {blocks.length === 0 && <p className="inspector-nothing">The document was empty.</p>}
      {before > 0 && <p className="then-more">{before.toLocaleString('en')} lines before</p>}
      {shown.map((block) => (
        <BlockLine key={block.key} block={block} />
      ))}
      {after > 0 && <p className="then-more">{after.toLocaleString('en')} lines after</p>}
    </section>
  )
}

function BlockLine({ block }: { block: Block }) {
  const { kind, depth, pieces, mark, isReformatted } = block
  return (
    <p
      className="then-block"
      data-kind={kind}
      data-mark={mark ?? undefined}
      data-touched={isTouched(block) || undefined}
      style={{ paddingInlineStart: `${0.5 + 1.25 * Math.max(0, depth - 1)}rem` }}
    >
      {kind !== 'paragraph' && kind !== 'root' && kind !== 'entry' && kind !== 'value' && (
        <span className="then-kind">{kind} </span>
      )}
      {pieces.map((piece, index) => (
        // Pieces have no identity and are never moved.
        // biome-ignore lint/suspicious/noArrayIndexKey: all pieces are rendered again.
        <PieceText key={index} piece={piece} />
      ))}
      {pieces.length === 0 && mark !== null && <PieceText piece={{ text: '¶', mark }} />}
      {isReformatted && <mark className="then-note">formatting changed</mark>}
    </p>
  )
}

function PieceText({ piece: { text, mark } }: { piece: Piece }) {
  if (mark === 'added') return <ins>{text}</ins>
  return mark === 'removed' ? <del>{text}</del> : text
}
