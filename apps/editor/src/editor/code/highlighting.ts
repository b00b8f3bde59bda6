/** A tree of coloured text, as lowlight makes it. */
interface Tree {
  readonly type: 'root'
  readonly children: readonly object[]
}

interface Highlighter {
  highlight(language: string, text: string): Tree
  listLanguages(): string[]
  registered(language: string): boolean
}

let loaded: Highlighter | null = null
let loading: Promise<void> | null = null

const plain = (text: string): Tree => ({ type: 'root', children: [{ type: 'text', value: text }] })

/**
 * The highlighter that code blocks use. Its grammars are larger than the editor, so they are loaded when the
 * first code block with a language is shown; until then code is plain.
 */
export const highlighter = {
  highlight: (language: string, text: string): Tree =>
    loaded?.highlight(language, text) ?? plain(text),
  // A guessed language would be wrong for most short blocks, and a guess tries every grammar at each key.
  highlightAuto: plain,
  listLanguages: (): string[] => loaded?.listLanguages() ?? [],
  registered: (language: string): boolean => loaded?.registered(language) ?? false,
}

export const isHighlighterLoaded = (): boolean => loaded !== null

/** Loads the grammars once. A failed download may be repeated. */
export function loadHighlighter(): Promise<void> {
  loading ??= import('./grammars.ts').then(
    ({ createHighlighter }) => {
      loaded = createHighlighter()
    },
    () => {
      loading = null
    },
  )
  return loading
}
