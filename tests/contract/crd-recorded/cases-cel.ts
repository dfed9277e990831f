import type { Case } from "./cases.ts"

/** Rules of CRDs in CEL. */
export const celCases: readonly Case[] = []
