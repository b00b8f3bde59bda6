import type { Editor, NodeViewRenderer } from '@tiptap/core'
import type { Node } from '@tiptap/pm/model'
import { imageAddressOf, pageAddress } from '../imageAddress.ts'
import { allowToLoad, mayLoad, remoteHostOf } from '../remoteImages.ts'
import { samePictureIn } from './addresses.ts'
import { captionActions } from './captionActions.ts'
import { captionField } from './captionField.ts'

/** Without an alternative text a screen reader would read the address. */
export const textOf = (text: unknown): string => (typeof text === 'string' ? text : '')

/** A picture, or a button that loads it if it is on another server. Its caption is below. */
export const pictureView: NodeViewRenderer = ({ editor, node: first, getPos }) => {
  let node = first
  const dom = document.createElement('figure')
  dom.className = 'image'
  const frame = document.createElement('div')
  frame.className = 'image-frame'
  const caption = captionField(captionActions(editor, getPos), editor.isEditable)
  dom.append(frame, caption.dom)

  const draw = (): void => {
    const address = imageAddressOf(node.attrs.src, pageAddress())
    const isShown = address === null || mayLoad(address, pageAddress())
    frame.replaceChildren(isShown ? picture(editor, node, address) : button(node, address, draw))
  }
  draw()
  caption.show(textOf(node.attrs.caption))
  return {
    dom,
    update(next) {
      if (next.type !== node.type) return false
      const { attrs } = node
      node = next
      caption.show(textOf(next.attrs.caption))
      const image = frame.querySelector('img')
      // A picture that is drawn again would flicker.
      if (image === null || attrs.src !== next.attrs.src) draw()
      else describe(image, next)
      return true
    },
    ignoreMutation: () => true,
    stopEvent: ({ target, type }) =>
      (target instanceof HTMLElement && caption.dom.contains(target)) ||
      (target instanceof HTMLButtonElement && /^(click|key|mouse(down|up))/.test(type)),
  }
}

function picture(editor: Editor, node: Node, address: string | null): HTMLElement {
  const image = document.createElement('img')
  image.referrerPolicy = 'no-referrer'
  describe(image, node)
  if (address === null) return image
  image.src = address
  const docId = editor.storage.pictures?.docId
  const own = docId === undefined ? null : samePictureIn(docId, address)
  if (own !== null && own !== address) {
    image.addEventListener('error', () => image.setAttribute('src', own), { once: true })
  }
  return image
}

function describe(image: HTMLImageElement, { attrs }: Node): void {
  image.alt = textOf(attrs.alt)
  for (const name of ['title', 'width', 'height']) {
    const value: unknown = attrs[name]
    if (typeof value === 'string' || typeof value === 'number') {
      image.setAttribute(name, String(value))
    } else image.removeAttribute(name)
  }
}

function button(node: Node, address: string, draw: () => void): HTMLElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'remote-image'
  const words = textOf(node.attrs.alt)
  const host = remoteHostOf(address, pageAddress())
  made.textContent = `Show the picture${words === '' ? '' : ` “${words}”`} from ${host}`
  made.addEventListener('click', () => {
    allowToLoad(address)
    draw()
  })
  return made
}
