import type { Editor } from '@tiptap/react'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { BlockMenuItems } from './BlockMenuItems.tsx'
import { selectWhole } from './blockActions.ts'
import { type BlockTarget, blockAtHeight, stillThere } from './blockTarget.ts'
import { MenuButton } from './MenuButton.tsx'

interface Shown {
  readonly target: BlockTarget
  readonly top: number
  readonly left: number
}

/**
 * The handle beside the block under the pointer: drag it to move the block, press it for the menu. TipTap's own
 * handle is not published for this version. The same menu is in the toolbar for keys, and opens for a finger that rests
 * on a block.
 */
export function BlockHandle({ editor }: { editor: Editor }) {
  const [shown, setShown] = useState<Shown | null>(null)
  const isMenuOpen = useRef(false)

  useEffect(() => {
    const { view } = editor
    const page = view.dom.closest<HTMLElement>('.page')
    if (page === null) return
    let frame: number | null = null
    const onMove = ({ clientY, pointerType }: PointerEvent) => {
      if (pointerType !== 'mouse' || isMenuOpen.current) return
      frame ??= requestAnimationFrame(() => {
        frame = null
        if (!editor.isDestroyed) setShown(placeAt(editor, page, clientY))
      })
    }
    const hide = () => {
      if (!isMenuOpen.current) setShown(null)
    }
    page.addEventListener('pointermove', onMove)
    page.addEventListener('pointerleave', hide)
    view.dom.addEventListener('keydown', hide)
    return () => {
      if (frame !== null) cancelAnimationFrame(frame)
      page.removeEventListener('pointermove', onMove)
      page.removeEventListener('pointerleave', hide)
      view.dom.removeEventListener('keydown', hide)
    }
  }, [editor])

  if (shown === null) return null
  const { target, top, left } = shown
  const startDrag = (event: DragEvent<HTMLElement>) => {
    if (!stillThere(editor.state, target)) return event.preventDefault()
    const { view } = editor
    view.focus()
    selectWhole(editor, target)
    const slice = view.state.selection.content()
    view.dragging = { slice, move: true }
    const image = view.nodeDOM(target.pos)
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', target.node.textContent)
    if (image instanceof Element) event.dataTransfer.setDragImage(image, 0, 0)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is a shortcut for "Move up" and "Move down".
    <div
      className="block-handle"
      style={{ top, left }}
      draggable
      onDragStart={startDrag}
      onDragEnd={() => setShown(null)}
    >
      <MenuButton
        editor={editor}
        label="Block: drag to move, press for a menu"
        icon="grip"
        className="block-grip"
        tabIndex={-1}
        onOpen={() => {
          isMenuOpen.current = true
        }}
        onClose={() => {
          isMenuOpen.current = false
        }}
      >
        <BlockMenuItems editor={editor} target={target} />
      </MenuButton>
    </div>
  )
}

/** The width of the handle and its distance to the text, in pixels. */
const WIDTH = 28

function placeAt(editor: Editor, page: HTMLElement, clientY: number): Shown | null {
  const target = blockAtHeight(editor.view, clientY)
  const dom = target === null ? null : editor.view.nodeDOM(target.pos)
  if (target === null || !(dom instanceof HTMLElement)) return null
  const box = dom.getBoundingClientRect()
  const frame = page.getBoundingClientRect()
  const line = Number.parseFloat(getComputedStyle(dom).lineHeight) || 24
  const indent = dom.tagName === 'LI' ? 20 : 0
  return {
    target,
    top: box.top - frame.top + Math.min(line, box.height) / 2 - WIDTH / 2,
    left: Math.max(0, box.left - frame.left - WIDTH - 4 - indent),
  }
}
