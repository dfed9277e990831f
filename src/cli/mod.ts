/** The command line: commands, flags, what a person sees. Hands everything else to the layers below. */
export { main } from "./cli.ts"
export { exit } from "./exit.ts"
export type { Terminal } from "./terminal.ts"
