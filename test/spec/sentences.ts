// Finds sentences that begin with a clause in place of a subject, such as "Who may not write does not
// stand" or "What waits is sent": readers have to guess who acts. Questions may begin like this.

const BEGINNING = /^(?:who|whoever|what|whatever) /i

/** Most files have none of these words, and are not searched further. */
const MAYBE = /\b(?:who|whoever|what|whatever)\s/i

/** A shorter string is a part of a sentence, such as `'what it deletes'`. */
const LEAST_WORDS = 4

/** Labels that read as a question without its question mark, and text of sample documents. */
const ALLOWED = ['Who is here', 'What we want to grow this year']

const COMMENT = /(?:^|\s)(\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*|\/\*[\s\S]*?\*\/)/g
const STRING = /(?<![\w\\])(?:'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`)/g
const JSX_TEXT = />([^<>{}=;()]+)</g
/** Code of a page, without the line that names its language. */
const SNIPPET = /^```[^\n]*\n([\s\S]*?)^```/gm
const PARAGRAPH = /((?:\S[^\n]*\n?)+)/g

/** The headless sentences in comments, test names, messages and JSX texts of a source file. */
export function headlessInCode(source: string): string[] {
  if (!MAYBE.test(source)) return []
  const comments = textsOf(source, COMMENT).map((comment) =>
    comment.replace(/^\/\*+|\*+\/$|^[ \t]*(?:\/\/+|\*)(?!\/)/gm, ''),
  )
  return [
    ...comments.flatMap((comment) => headlessIn(comment, 1)),
    ...textsOf(source, STRING).flatMap((text) => headlessIn(text, LEAST_WORDS)),
    ...textsOf(source, JSX_TEXT).flatMap((text) => headlessIn(text, LEAST_WORDS)),
  ]
}

/** The headless sentences in the paragraphs, lists, tables and snippets of a page. Headings are not sentences. */
export function headlessInMarkdown(page: string): string[] {
  const prose = page
    .replace(SNIPPET, '')
    .replace(/^#.*$/gm, '')
    .replace(/^[ \t]*(?:[-*>]|\d+\.) |\| ?/gm, '\n\n')
  return [
    ...textsOf(prose, PARAGRAPH).flatMap((text) => headlessIn(text, LEAST_WORDS)),
    ...textsOf(page, SNIPPET).flatMap(headlessInCode),
  ]
}

const textsOf = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map((match) => match.slice(1).find((part) => part) ?? '')

function headlessIn(text: string, leastWords: number): string[] {
  if (!MAYBE.test(text)) return []
  return text
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?][)”"'`*]?) (?=[A-Z“*])|(?<=:) (?=[A-Z])/)
    .map((sentence) => sentence.replace(/^[\s*_“"'`(-]+/, '').trim())
    .filter((sentence) => BEGINNING.test(sentence) && !sentence.includes('?'))
    .filter((sentence) => sentence.split(' ').length >= leastWords)
    .filter((sentence) => !ALLOWED.some((allowed) => sentence.startsWith(allowed)))
}
