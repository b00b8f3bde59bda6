import type { Element } from 'hast'
import type { Losses } from '../losses.ts'
import { canonicalName, type PmMark } from '../prosemirror/nodes.ts'
import { HTML_MARKS, MARKS_BY_TAG } from './marks.ts'
import { stylesOf } from './styles.ts'
import { allAttrs, MARK_NAME, readAttrs, storedName } from './unknown.ts'

/** The marks of the text in an element; `outer` itself if the element adds none. */
export function addMarks(
  outer: readonly PmMark[],
  element: Element,
  inCode: boolean,
  losses: Losses,
): readonly PmMark[] {
  let marks = outer
  for (const mark of marksOf(element, inCode, losses)) {
    if (!marks.some(({ type, attrs }) => isSame({ type, attrs }, mark))) marks = [...marks, mark]
  }
  return marks
}

const isSame = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

const named = (type: string, attrs: NonNullable<PmMark['attrs']>): PmMark =>
  Object.keys(attrs).length > 0 ? { type, attrs } : { type }

function marksOf(element: Element, inCode: boolean, losses: Losses): PmMark[] {
  const stored = storedName(element, MARK_NAME)
  if (inCode && stored === undefined) return []
  const type = MARKS_BY_TAG[element.tagName]
  const isOwn = stored !== undefined && (type === undefined || canonicalName(stored) === type)
  if (type !== undefined) {
    const attrs = allAttrs(element, type, HTML_MARKS[type]?.read?.(element) ?? {}, losses)
    if (type === 'link' && attrs.href === undefined && !isOwn) return []
    if (element.tagName === 'font' && Object.keys(attrs).length === 0) return []
    return [named(isOwn ? stored : type, attrs)]
  }
  if (stored !== undefined && canonicalName(stored) === 'textStyle') {
    return [named(stored, styleAttrs(element, losses))]
  }
  if (stored !== undefined) return [named(stored, readAttrs(element, stored, losses))]
  return element.tagName === 'span' ? marksOfStyle(element, losses) : []
}

const styleAttrs = (element: Element, losses: Losses) =>
  allAttrs(element, 'textStyle', HTML_MARKS.textStyle?.read?.(element) ?? {}, losses)

/** The marks of a span's style: office programs write bold text that way. */
function marksOfStyle(element: Element, losses: Losses): PmMark[] {
  const styles = stylesOf(element)
  const marks: PmMark[] = []
  const weight = styles['font-weight'] ?? ''
  if (/^bold/.test(weight) || Number(weight) >= 600) marks.push({ type: 'bold' })
  if (/^(italic|oblique)$/.test(styles['font-style'] ?? '')) marks.push({ type: 'italic' })
  const lines = (styles['text-decoration'] ?? '').split(' ')
  if (lines.includes('underline')) marks.push({ type: 'underline' })
  if (lines.includes('line-through')) marks.push({ type: 'strike' })
  const attrs = styleAttrs(element, losses)
  return Object.keys(attrs).length === 0 ? marks : [{ type: 'textStyle', attrs }, ...marks]
}
