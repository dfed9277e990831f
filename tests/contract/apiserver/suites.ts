import type { Interaction } from "./interaction.ts"
import { coreSuite } from "./suite-core.ts"

/** Every interaction. */
export const allSuites: readonly Interaction[] = [...coreSuite]
