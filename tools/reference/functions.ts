// Reads the exports of the packages (names, signatures and docstrings) from the declarations that the
// compiler writes.
import path from 'node:path'
import ts from 'typescript'

export interface Exported {
  readonly name: string
  /** The docstring, as written in the code. */
  readonly comment: string
  /** The declaration, without a body. */
  readonly declaration: string
  readonly kind: 'value' | 'type'
}

/** The exports of packages, each sorted by name. The packages must be built. */
export function exportsOf(...folders: readonly string[]): readonly (readonly Exported[])[] {
  const indexes = folders.map((folder) => path.join(folder, 'dist/index.d.ts'))
  const program = read(indexes)
  const checker = program.getTypeChecker()
  return indexes.map((index) => {
    const source = program.getSourceFile(index)
    const module = source && checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${index} exports nothing`)
    return checker
      .getExportsOfModule(module)
      .map((symbol) => exported(symbol, checker))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  })
}

/**
 * Reads only the declarations: they name every type, and the compiler has to resolve only the types of
 * schemas.
 */
function read(indexes: readonly string[]): ts.Program {
  return ts.createProgram(indexes, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ESNext,
    types: [],
  })
}

function exported(symbol: ts.Symbol, checker: ts.TypeChecker): Exported {
  const { name } = symbol
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const found = target.declarations?.[0]
    ?.getSourceFile()
    .statements.find((statement) => namesOf(statement).includes(target.name))
  if (found === undefined) throw new Error(`the declaration of ${name} was not found`)
  return {
    name,
    comment: commentOf(found),
    declaration: withoutInternals(
      derivedFromSchema(found, checker) ?? found.getText().replace(/^export (declare )?/, ''),
    ),
    kind: ts.isInterfaceDeclaration(found) || ts.isTypeAliasDeclaration(found) ? 'type' : 'value',
  }
}

/** A type that is derived from a schema, with its members; null for any other declaration. */
function derivedFromSchema(found: ts.Statement, checker: ts.TypeChecker): string | null {
  if (!ts.isTypeAliasDeclaration(found) || !/^Output</.test(found.type.getText())) return null
  const { InTypeAlias, MultilineObjectLiterals, NoTruncation } = ts.NodeBuilderFlags
  const flags = InTypeAlias | MultilineObjectLiterals | NoTruncation
  const members = checker.typeToTypeNode(checker.getTypeAtLocation(found), found, flags)
  if (members === undefined) return null
  const text = ts.createPrinter().printNode(ts.EmitHint.Unspecified, members, found.getSourceFile())
  return `type ${found.name.text} = ${text};`
}

/** Members with the tag `@internal` are for the tests of this repository. */
const withoutInternals = (declaration: string): string =>
  declaration.replace(/\n *\/\*\*(?:(?!\*\/)[\s\S])*@internal(?:(?!\*\/)[\s\S])*\*\/\n[^\n]*;/g, '')

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }
  return ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
    ? [statement.name?.text ?? '']
    : []
}

function commentOf(statement: ts.Statement): string {
  const [comment] = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc).slice(-1)
  if (comment === undefined) return ''
  return comment
    .getText()
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

/** The part of the reference about one package. */
export function functionReference(title: string, intro: string, all: readonly Exported[]): string {
  const order = ['value', 'type'] as const
  const sorted = order.flatMap((kind) => all.filter((one) => one.kind === kind))
  return [`## ${title}`, intro, ...sorted.map(section)].join('\n\n')
}

function section({ name, comment, declaration }: Exported): string {
  const words = comment.replace(/^@returns /gm, '\nReturns ').replace(/^@throws /gm, '\nThrows ')
  return [
    `### ${name}`,
    ...(words === '' ? [] : [words.trim()]),
    `\`\`\`ts\n${declaration}\n\`\`\``,
  ].join('\n\n')
}
