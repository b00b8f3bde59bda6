// The caption of a picture is an attribute of its node. In HTML it is a figure that says so: editors without that
// attribute would not show the captions of other figures, whose words stay paragraphs.
import type { Element, ElementContent, Root } from 'hast'
import { MARKS_BY_TAG } from './marks.ts'
import { forEachElement } from './sanitize.ts'
import { isElement } from './structures.ts'
import { CAPTION, NODE_NAME, storedName } from './unknown.ts'

/** A figure that {@link figureOf} has made. */
interface Figure {
  /** The picture, or the link around it. */
  readonly shown: Element
  readonly image: Element
  readonly caption: string
}

/** Collapses white space as browsers do. */
const folded = (words: string): string => words.replace(/[ \t\n\r\f]+/g, ' ').replace(/^ | $/g, '')

/** The words of a caption as a figure shows them; '' if there are none. */
export const shownCaption = (caption: unknown): string =>
  typeof caption === 'string' && !caption.includes('\u0000') ? folded(caption) : ''

/** A figure around a picture, with its caption below. */
export const figureOf = (shown: Element, caption: string): Element => ({
  type: 'element',
  tagName: 'figure',
  properties: { [NODE_NAME]: 'image' },
  children: [
    shown,
    {
      type: 'element',
      tagName: 'figcaption',
      properties: {},
      children: [{ type: 'text', value: caption }],
    },
  ],
})

/** True if an image node expresses this part of a figure completely. */
export function isReadAsCaption(element: Element, parent: Root | Element): boolean {
  if (element.tagName === 'figure') return figureIn(element) !== null
  return (
    element.tagName === 'figcaption' && isElement(parent, 'figure') && figureIn(parent) !== null
  )
}

/** Gives each picture the caption of the figure around it. */
export function keepCaptions(tree: Root): void {
  forEachElement(tree, (element) => {
    const figure = element.tagName === 'figure' ? figureIn(element) : null
    if (figure === null) return
    element.children = [figure.shown]
    figure.image.properties[CAPTION] = figure.caption
  })
}

function figureIn(figure: Element): Figure | null {
  if (storedName(figure, NODE_NAME) !== 'image') return null
  const [shown, below, ...others] = figure.children
  const image = imageIn(shown)
  if (image === null || !isElement(below, 'figcaption') || others.length > 0) return null
  const [words, ...more] = below.children
  if (words?.type !== 'text' || more.length > 0) return null
  return { shown: shown as Element, image, caption: folded(words.value) }
}

/** The picture that an element consists of, inside of its marks; null if it consists of anything else. */
function imageIn(element: ElementContent | undefined): Element | null {
  if (element?.type !== 'element') return null
  if (element.tagName === 'img') return element
  const isMark = element.tagName === 'span' || Object.hasOwn(MARKS_BY_TAG, element.tagName)
  const [only, ...others] = element.children
  return isMark && others.length === 0 ? imageIn(only) : null
}
