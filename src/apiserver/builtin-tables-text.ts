import { isRecord, type KubeObject } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, textAt } from "./fields.ts"
import { humanDuration } from "./human-duration.ts"
import type { TableCell } from "./resource.ts"

/** The cells of one row, by the name of their column. */
export type Row = Readonly<Record<string, TableCell>>

/** The cells that only a kind itself knows how to make. */
export type RowOf = (object: KubeObject, nowMs: number) => Row

/** What kubectl shows for nothing. */
export const none = "<none>"

/** How long ago a time was; `<unknown>` without one. */
export function ageOf(time: unknown, nowMs: number): string {
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN
  return Number.isNaN(at) ? "<unknown>" : humanDuration(nowMs - at)
}

/** Labels as `a=b,c=d`. */
export function labelsText(labels: unknown): string {
  const entries = isRecord(labels) ? Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)) : []
  return entries.length === 0 ? none : entries.map(([key, value]) => `${key}=${value}`).join(",")
}

/** A label selector as `a=b,c in (d,e)`. */
export function selectorText(selector: unknown): string {
  const fields = isRecord(selector) ? selector : {}
  const equal = Object.entries(mapAt(fields, "matchLabels")).map(([key, value]) => [key, `${key}=${value}`] as const)
  const others = listAt(fields, "matchExpressions").map((one) => [textAt(one, "key"), expressionText(one)] as const)
  const parts = [...equal, ...others].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return parts.length === 0 ? none : parts.map(([, text]) => text).join(",")
}

function expressionText(expression: Fields): string {
  const key = textAt(expression, "key")
  const values = Array.isArray(expression["values"]) ? expression["values"].map(String).sort().join(",") : ""
  switch (expression["operator"]) {
    case "Exists":
      return key
    case "DoesNotExist":
      return `!${key}`
    case "In":
      return `${key} in (${values})`
    default:
      return `${key} notin (${values})`
  }
}

/** The first few of many, and how many more there are. */
export function firstOf(texts: readonly string[], max: number): string {
  const shown = texts.slice(0, max).join(",")
  return texts.length > max ? `${shown} + ${texts.length - max} more...` : shown
}

/** The names and the images of a Pod's containers. */
export function containerCells(podSpec: Fields): { readonly Containers: string; readonly Images: string } {
  const containers = listAt(podSpec, "containers")
  const all = (key: string) => containers.map((container) => textAt(container, key)).join(",")
  return { Containers: all("name"), Images: all("image") }
}

/** The texts of a list. */
export function stringsAt(fields: Fields, name: string): readonly string[] {
  const list = fields[name]
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : []
}

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
}

/** Access modes in their short form, in the server's order. */
export function accessModes(given: readonly string[]): string {
  return Object.entries(modes)
    .filter(([mode]) => given.includes(mode))
    .map(([, short]) => short)
    .join(",")
}
