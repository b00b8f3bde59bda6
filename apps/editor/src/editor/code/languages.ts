/** A language that code blocks colour. */
export interface Language {
  /** The name that a code block stores, as highlight.js and Markdown know it. */
  readonly id: string
  readonly label: string
  /** Other names that code blocks of other programs store. */
  readonly aliases: readonly string[]
}

const language = (id: string, label: string, ...aliases: string[]): Language => ({
  id,
  label,
  aliases,
})

/** The languages of the grammars that highlighting.ts loads, by their labels. */
export const LANGUAGES: readonly Language[] = [
  language('arduino', 'Arduino', 'ino'),
  language('bash', 'Bash', 'sh', 'zsh'),
  language('c', 'C', 'h'),
  language('csharp', 'C#', 'cs', 'c#'),
  language('cpp', 'C++', 'cc', 'c++', 'h++', 'hpp', 'hh', 'hxx', 'cxx'),
  language('css', 'CSS'),
  language('diff', 'Diff', 'patch'),
  language('go', 'Go', 'golang'),
  language('graphql', 'GraphQL', 'gql'),
  language(
    'xml',
    'HTML, XML',
    'html',
    'xhtml',
    'rss',
    'atom',
    'xjb',
    'xsd',
    'xsl',
    'plist',
    'wsf',
    'svg',
  ),
  language('ini', 'INI, TOML', 'toml'),
  language('java', 'Java', 'jsp'),
  language('javascript', 'JavaScript', 'js', 'jsx', 'mjs', 'cjs'),
  language('json', 'JSON', 'jsonc', 'json5'),
  language('kotlin', 'Kotlin', 'kt', 'kts'),
  language('less', 'Less'),
  language('lua', 'Lua', 'pluto'),
  language('makefile', 'Makefile', 'mk', 'mak', 'make'),
  language('markdown', 'Markdown', 'md', 'mkdown', 'mkd'),
  language('objectivec', 'Objective-C', 'mm', 'objc', 'obj-c', 'obj-c++', 'objective-c++'),
  language('perl', 'Perl', 'pl', 'pm'),
  language('php', 'PHP'),
  language('php-template', 'PHP template'),
  language('plaintext', 'Plain text', 'text', 'txt'),
  language('python', 'Python', 'py', 'gyp', 'ipython'),
  language('python-repl', 'Python session', 'pycon'),
  language('r', 'R'),
  language('ruby', 'Ruby', 'rb', 'gemspec', 'podspec', 'thor', 'irb'),
  language('rust', 'Rust', 'rs'),
  language('scss', 'SCSS'),
  language('shell', 'Shell session', 'console', 'shellsession'),
  language('sql', 'SQL'),
  language('swift', 'Swift'),
  language('typescript', 'TypeScript', 'ts', 'tsx', 'mts', 'cts'),
  language('vbnet', 'Visual Basic', 'vb'),
  language('wasm', 'WebAssembly'),
  language('yaml', 'YAML', 'yml'),
]

/** The language that a code block names; null if it names none, or one that is not coloured. */
export const languageOf = (name: string): Language | null => {
  const sought = name.toLowerCase()
  return LANGUAGES.find(({ id, aliases }) => id === sought || aliases.includes(sought)) ?? null
}

/** One line of the list from which a person chooses. */
export interface LanguageChoice {
  /** The name that a code block stores; '' for none. */
  readonly value: string
  readonly label: string
}

/** The lines of the list for a code block that stores this name. Its own name is among them, whatever it is. */
export function choicesFor(stored: string): LanguageChoice[] {
  const own = languageOf(stored)
  const known = LANGUAGES.map(({ id, label }) => ({ value: id === own?.id ? stored : id, label }))
  const isUnknown = stored !== '' && own === null
  return [
    { value: '', label: 'No language' },
    ...(isUnknown ? [{ value: stored, label: stored }] : []),
    ...known,
  ]
}
