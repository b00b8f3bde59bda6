import type { NodeViewRenderer } from '@tiptap/core'
import { Image } from '@tiptap/extension-image'
import { imageAddressOf } from './imageAddress.ts'
import { samePictureIn } from './pictures/addresses.ts'
import { allowToLoad, mayLoad, remoteHostOf } from './remoteImages.ts'

const baseAddress = (): string => globalThis.location?.href ?? 'https://localhost'

/** Without an alternative text a screen reader would read the address. */
const textOf = (alt: unknown): string => (typeof alt === 'string' ? alt : '')

/** An image, or a button that loads it if it is on another server. */
const imageView: NodeViewRenderer = ({ editor, node: first, HTMLAttributes }) => {
  let node = first
  const dom = document.createElement('div')
  dom.className = 'image'
  const draw = (): void => {
    const address = imageAddressOf(node.attrs.src, baseAddress())
    dom.replaceChildren(
      address === null || mayLoad(address, baseAddress()) ? picture(address) : button(address),
    )
  }
  const picture = (address: string | null): HTMLElement => {
    const image = document.createElement('img')
    image.referrerPolicy = 'no-referrer'
    image.alt = textOf(node.attrs.alt)
    for (const name of ['title', 'width', 'height']) {
      const value: unknown = node.attrs[name] ?? HTMLAttributes[name]
      if (typeof value === 'string' || typeof value === 'number') {
        image.setAttribute(name, String(value))
      }
    }
    if (address === null) return image
    image.src = address
    const docId = editor.storage.pictures?.docId
    const own = docId === undefined ? null : samePictureIn(docId, address)
    if (own !== null && own !== address) {
      image.addEventListener('error', () => image.setAttribute('src', own), { once: true })
    }
    return image
  }
  const button = (address: string): HTMLElement => {
    const made = document.createElement('button')
    made.type = 'button'
    made.className = 'remote-image'
    const words = textOf(node.attrs.alt)
    const host = remoteHostOf(address, baseAddress())
    made.textContent = `Show the picture${words === '' ? '' : ` “${words}”`} from ${host}`
    made.addEventListener('click', () => {
      allowToLoad(address)
      draw()
    })
    return made
  }
  draw()
  return {
    dom,
    update(next) {
      if (next.type !== node.type) return false
      const isSame = next.sameMarkup(node)
      node = next
      if (!isSame) draw()
      return true
    },
    ignoreMutation: () => true,
    stopEvent: ({ target, type }) =>
      target instanceof HTMLButtonElement && /^(click|key|mouse(down|up))/.test(type),
  }
}

/** Images with safe addresses; those on other servers are loaded only after a click. */
export const SafeImage = Image.extend({
  renderHTML({ HTMLAttributes: { src, ...others } }) {
    const address = imageAddressOf(src, baseAddress())
    return [
      'img',
      {
        ...others,
        ...(address === null ? {} : { src: address }),
        alt: textOf(others.alt),
        referrerpolicy: 'no-referrer',
      },
    ]
  },
  addNodeView: () => imageView,
})
