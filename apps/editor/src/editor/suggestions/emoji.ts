import type { Suggested } from './SuggestionList.ts'

const MOST = 8

type Words = readonly (readonly [emoji: string, words: readonly string[]])[]

let known: Words | null = null

/** The words of all emoji, 50 KB that are loaded when a person first looks for one. */
async function load(): Promise<Words> {
  if (known === null) {
    const { default: words } = await import('emojilib')
    known = Object.entries(words as Record<string, string[]>)
  }
  return known
}

/** The emoji whose name or keyword starts with the typed word. @throws if they cannot be loaded */
export async function emojiMatching(query: string): Promise<Suggested[]> {
  return chosenFrom(await load(), query)
}

export function chosenFrom(words: Words, query: string): Suggested[] {
  const sought = query.toLowerCase()
  const found: { rank: number; item: Suggested }[] = []
  for (const [emoji, names] of words) {
    const place = names.findIndex((name) => name.toLowerCase().startsWith(sought))
    if (place === -1) continue
    const [name = ''] = names
    const isWhole = names[place]?.toLowerCase() === sought
    found.push({
      rank: isWhole ? -1 : Math.min(place, 1),
      item: { id: emoji, label: name.replaceAll('_', ' '), sign: emoji },
    })
  }
  return found
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MOST)
    .map(({ item }) => item)
}
