// Content that other editors write and that this editor has no tools for. It shows and keeps all of it.
import { Mark, Node } from '@tiptap/core'
import { imageAddressOf, pageAddress } from './imageAddress.ts'
import { isLinkAddress } from './linkAddress.ts'
import { mayLoad } from './remoteImages.ts'

const absent = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { default: null }]))

/** The poster image of a video; omitted if it is on another server. */
function posterOf(source: unknown): string | null {
  const address = imageAddressOf(source, pageAddress())
  return address !== null && mayLoad(address, pageAddress()) ? address : null
}

const film = (name: 'video' | 'audio') =>
  Node.create({
    name,
    group: 'block',
    atom: true,
    addAttributes: () => absent('src', 'poster', 'title', 'width', 'height'),
    parseHTML: () => [{ tag: name }],
    renderHTML: ({ HTMLAttributes: { src, poster, ...others } }) => [
      name,
      {
        ...others,
        src: imageAddressOf(src, pageAddress()),
        poster: posterOf(poster),
        controls: 'true',
        preload: 'none',
      },
    ],
  })

/** An embedded page (iframe) is shown as a link to that page. */
const frame = (name: 'iframe' | 'youtube') =>
  Node.create({
    name,
    group: 'block',
    atom: true,
    addAttributes: () => absent('src', 'title'),
    parseHTML: () => [{ tag: `div[data-frame="${name}"]` }],
    renderHTML: ({ HTMLAttributes: { src, title } }) => {
      const address = typeof src === 'string' && isLinkAddress(src) ? src : null
      const words = typeof title === 'string' && title !== '' ? title : String(address ?? name)
      const target = address === null ? {} : { href: address, target: '_blank', rel: 'noopener' }
      return ['div', { 'data-frame': name }, ['a', target, words]]
    },
  })

const Mention = Node.create({
  name: 'mention',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => absent('id', 'label', 'mentionSuggestionChar'),
  parseHTML: () => [{ tag: 'span[data-type="mention"]' }],
  renderHTML: ({ HTMLAttributes: { id, label, mentionSuggestionChar } }) => [
    'span',
    { 'data-type': 'mention' },
    `${mentionSuggestionChar ?? '@'}${label ?? id ?? ''}`,
  ],
})

/** A CSS value without characters that could end a declaration or form an address. */
const VALUE = /^[\w#(),.%\s"'-]+$/

const STYLES = {
  color: 'color',
  backgroundColor: 'background-color',
  fontFamily: 'font-family',
  fontSize: 'font-size',
  lineHeight: 'line-height',
} as const

/** Colours and fonts. Pasting from other sources drops them. */
const TextStyle = Mark.create({
  name: 'textStyle',
  addAttributes: () => absent(...Object.keys(STYLES)),
  parseHTML: () => [{ tag: 'span[data-text-style]' }],
  renderHTML: ({ HTMLAttributes }) => {
    const declarations = Object.entries(STYLES).flatMap(([name, property]) => {
      const value: unknown = HTMLAttributes[name]
      return typeof value === 'string' && VALUE.test(value) ? [`${property}: ${value}`] : []
    })
    return ['span', { 'data-text-style': '', style: declarations.join('; ') }, 0]
  },
})

/** Videos, frames, mentions and styles, as the server makes them from HTML and Markdown. */
export const media = [
  film('video'),
  film('audio'),
  frame('iframe'),
  frame('youtube'),
  Mention,
  TextStyle,
]
