import { didYouMean } from "../base/mod.ts"
import { compileRegex } from "../kube/mod.ts"
import type { Fault } from "./fault.ts"
import { describe, isTemplate } from "./shape.ts"
import type { Operator } from "./spec-conditions.ts"

/** Spellings that name a type. */
export const typeFlags: Readonly<Record<string, string>> = {
  typeMap: "map",
  typeList: "list",
  typeString: "string",
  typeNumber: "number",
  typeBool: "bool",
  typeNull: "null",
}

/** What is wrong with a fixed value, by its operator. */
export function valueFault(value: unknown, operator: Operator): Fault | undefined {
  switch (operator) {
    case "regex": {
      const compiled = compileRegex(String(value))
      if (compiled.ok) return undefined
      const help = "use RE2 syntax, which has no back references and no look-around"
      return { code: "ORK0402", message: `the regular expression ${compiled.error}`, help }
    }
    case "typeOf":
      return typeNameOf(value) === undefined ? unknownType(value) : undefined
    case "gt":
    case "lt":
    case "gte":
    case "lte":
      if (isNumeric(value)) return undefined
      return {
        code: "ORK0106",
        message: `expected a number to compare with, found ${describe(value)}`,
        help: "write a number, for example 1",
      }
    case "between":
    case "notBetween": {
      const bounds = Array.isArray(value) ? value : String(value).split(",")
      if (bounds.length === 2 && bounds.every((bound) => isNumeric(bound) || isTemplate(bound))) return undefined
      const message = `expected two numbers, the lowest and the highest, found ${describe(value)}`
      return { code: "ORK0106", message, help: "write [1, 10]" }
    }
    default:
      return undefined
  }
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value.trim() !== "" && Number.isFinite(+value))
}

const typeSynonyms: Readonly<Record<string, string>> = { object: "map", array: "list", boolean: "bool" }

/** The name of a type, in any case of letters; undefined when there is none. */
export function typeNameOf(value: unknown): string | undefined {
  const word = String(value).toLowerCase()
  const name = Object.hasOwn(typeSynonyms, word) ? typeSynonyms[word] : word
  return Object.values(typeFlags).find((known) => known === name)
}

function unknownType(value: unknown): Fault {
  const names = Object.values(typeFlags)
  const near = didYouMean(String(value).toLowerCase(), names)
  const help = near === undefined ? `write one of ${names.join(", ")}` : `did you mean "${near}"?`
  return { code: "ORK0106", message: `expected the name of a type, found ${describe(value)}`, help }
}

/** Instances are compared by what they are, not by what a template makes of them. */
export function uniqueFault(field: unknown): Fault | undefined {
  if (/^\.?(spec|status|metadata)[.[]/.test(String(field)) && !isTemplate(field)) return undefined
  const help = "write a path below spec, status or metadata"
  return { code: "ORK0112", message: "unique compares a field of the custom resource", help }
}
