/** Objects that the recorded ones lack: what Katalogs make, as people write them. */
import type { KubeObject } from "../../src/kube/mod.ts"

/** Beside the recorded ones. */
export const moreSamples: readonly KubeObject[] = []
