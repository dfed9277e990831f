/** A node of a text: what stands there, and where. Offsets into the file; `end` is exclusive. */
export interface YamlNode {
  readonly kind: "map" | "list" | "scalar" | "alias"
  readonly start: number
  /** Of a map or list without brackets: where its last part ends. */
  readonly end: number
  /** Brackets themselves. */
  readonly isFlow: boolean
  readonly pairs: readonly YamlPair[]
  readonly items: readonly YamlNode[]
  /** A scalar's value; the name of an alias. */
  readonly value: unknown
  /** A scalar's text, without quotes, its lines folded. */
  readonly source: string
  readonly style: YamlStyle | undefined
  readonly anchor: string | undefined
}

/** How a scalar is written. */
export type YamlStyle = "PLAIN" | "QUOTE_SINGLE" | "QUOTE_DOUBLE" | "BLOCK_LITERAL" | "BLOCK_FOLDED"

/** A key and its value. */
export interface YamlPair {
  readonly key: YamlNode
  readonly value: YamlNode | undefined
}

/** A node, and whatever `parts` it has. */
export function yamlNode(
  kind: YamlNode["kind"],
  { start, end }: { readonly start: number; readonly end: number },
  parts: Partial<Omit<YamlNode, "kind" | "start" | "end">>,
): YamlNode {
  const { isFlow = false, pairs = nothing, items = nothing, value = null, source = "", style, anchor } = parts
  return { kind, start, end, isFlow, pairs, items, value, source, style, anchor }
}

const nothing: readonly never[] = []

/** A value that is not written at all. */
export function isAbsent({ kind, value, source, anchor }: YamlNode): boolean {
  return kind === "scalar" && value === null && source === "" && anchor === undefined
}

/** Where a pair ends. */
export function endOfPair({ key, value }: YamlPair): number {
  return value === undefined || isAbsent(value) ? key.end : value.end
}
