import { formatPath, isRecord } from "../kube/mod.ts"
import { conditions, readConditions } from "./conditions.ts"
import { external } from "./external.ts"
import type { Fault } from "./fault.ts"
import { flag, list, oneOf, place, readFlag, type Shape } from "./shape.ts"
import type { GateSpec, GatesSpec, Sentinel } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

/** What a gate may ask about the changes of a custom resource, in a line each. */
const sentinels: Readonly<Record<Sentinel, string>> = {
  generationChanged: "The spec changed.",
  labelsChanged: "The labels changed.",
  annotationsChanged: "The annotations changed.",
  deletionStarted: "The deletion was asked for; gates never hold a deletion.",
  finalizersChanged: "The finalizers changed.",
  nameChanged: "The name changed.",
  namespaceChanged: "The namespace changed.",
  generateNameChanged: "metadata.generateName changed.",
  uidChanged: "It is another object of the same name.",
  resourceVersionChanged: "Anything changed.",
  creationTimestampChanged: "metadata.creationTimestamp changed.",
  deletionGracePeriodSecondsChanged: "metadata.deletionGracePeriodSeconds changed.",
  ownerReferenceChanged: "The owner references changed.",
  managedFieldsChanged: "metadata.managedFields changed.",
}

/** True for a name of the format. */
export function isSentinel(name: unknown): name is Sentinel {
  return typeof name === "string" && Object.hasOwn(sentinels, name)
}

const gate = (noun: string, more: Readonly<Record<string, Shape>> = {}) =>
  place(noun, {
    fields: { when: conditions, or: conditions, external, failPolicy: oneOf("open", "closed"), ...more },
  })

/** `gates`: what holds a custom resource back, before the queue and before the pass. */
export const gates: Shape = place("gates", {
  fields: {
    sentinels: list(oneOf(...Object.keys(sentinels))),
    enqueueGate: gate("enqueueGate"),
    reconcileGate: gate("reconcileGate", { eventAware: flag }),
    external,
  },
})

/** One line for each field, for editors. */
export const gateTexts: Readonly<Record<string, string>> = {
  gates: "What holds a custom resource back. A deletion is never held.",
  sentinels: `Functions for gates that tell what changed: ${Object.keys(sentinels).join(", ")}.`,
  enqueueGate: "Closed: what happens to the custom resource is not queued now.",
  reconcileGate: "Closed: the custom resource is left alone for now.",
  failPolicy: "Whether a gate that cannot be evaluated is open or closed.",
  eventAware: "True: each new Event of observe.events is asked for by itself; one that opens the gate is enough.",
}

/** Reads `gates` that passed their shape. */
export function readGates(gates: Plain, at: Steps): GatesSpec {
  const named = gates["sentinels"]
  const read = (key: string, failPolicy: GateSpec["failPolicy"]): GateSpec | undefined => {
    const gate = gates[key]
    if (!isRecord(gate)) return undefined
    const written = gate["failPolicy"]
    return {
      when: readConditions(gate["when"], [...at, key, "when"]),
      or: readConditions(gate["or"], [...at, key, "or"]),
      failPolicy: written === "open" || written === "closed" ? written : failPolicy,
      eventAware: readFlag(gate["eventAware"]) ?? false,
      at: formatPath([...at, key]),
    }
  }
  return {
    sentinels: Array.isArray(named) ? [...new Set(named.filter(isSentinel))] : [],
    enqueue: read("enqueueGate", "open"),
    reconcile: read("reconcileGate", "closed"),
  }
}

/** What is read and changes nothing, with its place in the operatorBox. */
export function uselessInGates(box: Plain): readonly { readonly fault: Fault; readonly place: string }[] {
  const gates = box["gates"]
  const gate = isRecord(gates) ? gates["reconcileGate"] : undefined
  const observe = box["observe"]
  if (isRecord(observe) && (observe["events"] ?? null) !== null) return []
  if (!isRecord(gate) || (gate["eventAware"] ?? null) === null) return []
  const message = '"eventAware" has no effect without observe.events'
  return [{ fault: { code: "ORK0122", message, help: "remove it" }, place: "gates.reconcileGate.eventAware" }]
}
