import { Image } from '@tiptap/extension-image'
import { imageAddressOf, pageAddress } from './imageAddress.ts'
import { pictureView, textOf } from './pictures/pictureView.ts'

/** Addresses of pictures that are pasted: a whole picture as an address would be a huge edit. */
const PASTED = 'img[src]:not([src^="data:"])'

/** Pictures with safe addresses and captions; those on other servers are loaded only after a click. */
export const SafeImage = Image.extend({
  addAttributes() {
    return {
      ...this.parent?.(),
      caption: { default: null, rendered: false, validate: 'string|null', parseHTML: () => null },
    }
  },
  parseHTML: () => [{ tag: 'figure', getAttrs: figureAttributes }, { tag: PASTED }],
  renderHTML({ node, HTMLAttributes: { src, ...others } }) {
    const address = imageAddressOf(src, pageAddress())
    const image = [
      'img',
      {
        ...others,
        ...(address === null ? {} : { src: address }),
        alt: textOf(others.alt),
        referrerpolicy: 'no-referrer',
      },
    ] as const
    const caption = textOf(node.attrs.caption)
    return caption === '' ? image : ['figure', image, ['figcaption', caption]]
  },
  addNodeView: () => pictureView,
})

/** The attributes of the picture in a pasted figure; false if it holds something else. */
function figureAttributes(figure: HTMLElement): Record<string, unknown> | false {
  const images = figure.querySelectorAll(PASTED)
  const [image] = images
  const caption = wordsOf(figure.querySelector('figcaption'))
  if (image === undefined || images.length > 1 || wordsOf(figure) !== caption) return false
  const width = Number(image.getAttribute('width') ?? Number.NaN)
  return {
    src: image.getAttribute('src'),
    alt: image.getAttribute('alt'),
    title: image.getAttribute('title'),
    width: Number.isInteger(width) ? width : null,
    caption: caption === '' ? null : caption,
  }
}

const wordsOf = (element: Element | null): string =>
  (element?.textContent ?? '').replace(/\s+/g, ' ').trim()
