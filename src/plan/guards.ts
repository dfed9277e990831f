import type { GuardSpec } from "../katalog/mod.ts"
import { type Gvk, type KubeObject, type ResourceInfo, shortenName } from "../kube/mod.ts"
import type { OperatorPlan } from "./plan.ts"

/** The kinds that guards are made of: the API server evaluates them itself, so that nothing has to run. */
export const guardKinds: readonly Gvk[] = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map(
  (kind) => ({ group: "admissionregistration.k8s.io", version: "v1", kind }),
)

/** On guards: the Katalog that they belong to. */
export const guardLabel = "orkestra.orkspace.io/guards-of"
/** On a custom resource, with the value "false": it may be deleted. */
const releaseLabel = "orkestra.io/deletion-protection"

/** The value of `guardLabel` for a Katalog. */
export function guardOwner(katalog: string): string {
  return shortenName(katalog, 63)
}

/** One policy and its binding, and whether they go when nothing runs any more. */
export interface Guard {
  readonly objects: readonly KubeObject[]
  readonly cleanupOnShutdown: boolean
}

type Guarded = Pick<OperatorPlan, "name" | "katalog" | "guards" | "selection">

/** What the API server is asked to refuse for the custom resources of an operator. */
export function guardsOf(plan: Guarded, resource: ResourceInfo): readonly Guard[] {
  const { deletion, namespaces } = plan.guards
  const guards: Guard[] = []
  if (deletion) guards.push(deletionGuard(plan, resource, deletion))
  if (namespaces && resource.namespaced) guards.push(namespaceGuard(plan, resource, namespaces))
  return guards
}

function deletionGuard(
  plan: Guarded,
  { gvr, gvk }: ResourceInfo,
  spec: GuardSpec & { readonly strict: boolean },
): Guard {
  const label = `oldObject.metadata.labels['${releaseLabel}']`
  const released = `has(oldObject.metadata.labels) && '${releaseLabel}' in oldObject.metadata.labels && ${label} == 'false'`
  const way = spec.strict
    ? "take deletionProtection off the Katalog first"
    : `to delete it all the same, label it first: ${releaseLabel}=false`
  const rule = { apiVersions: ["*"], operations: ["DELETE"], scope: "*" }
  return guard(
    plan,
    { what: "deletion", spec },
    {
      resourceRules: [
        { ...rule, apiGroups: [gvr.group], resources: [gvr.resource] },
        // With its definition all objects of a kind go.
        {
          ...rule,
          apiGroups: ["apiextensions.k8s.io"],
          resources: ["customresourcedefinitions"],
          resourceNames: [`${gvr.resource}.${gvr.group}`],
        },
      ],
      // The request to delete a whole collection has no object; each of its members is judged after it.
      expression: spec.strict ? "false" : `oldObject != null && ${released}`,
      message: `it is protected by the Katalog ${plan.katalog} (${gvk.kind}); ${way}`,
    },
  )
}

function namespaceGuard(plan: Guarded, { gvr, gvk }: ResourceInfo, spec: GuardSpec): Guard {
  const { allowedNamespaces: allowed, restrictedNamespaces: restricted } = plan.selection
  const terms = [
    ...(allowed.length > 0 ? [`request.namespace in ${listOf(allowed)}`] : []),
    ...(restricted.length > 0 ? [`!(request.namespace in ${listOf(restricted)})`] : []),
  ]
  const rule = allowed.length > 0 ? `only in ${allowed.join(", ")}` : `in any namespace but ${restricted.join(", ")}`
  return guard(
    plan,
    { what: "namespaces", spec },
    {
      resourceRules: [
        {
          apiGroups: [gvr.group],
          apiVersions: ["*"],
          resources: [gvr.resource],
          operations: ["CREATE"],
          scope: "Namespaced",
        },
      ],
      expression: terms.join(" && "),
      message: `the Katalog ${plan.katalog} lets a ${gvk.kind} be made ${rule}`,
    },
  )
}

// The texts are data of a Katalog: as JSON they cannot end early, and CEL reads JSON strings.
function listOf(texts: readonly string[]): string {
  return JSON.stringify(texts)
}

function guard(
  { name, katalog }: Guarded,
  { what, spec }: { readonly what: string; readonly spec: GuardSpec },
  policy: { readonly resourceRules: unknown; readonly expression: string; readonly message: string },
): Guard {
  const metadata = {
    name: shortenName(`ork-${katalog}-${name}-${what}`, 200),
    labels: { "managed-by": "orkestra", [guardLabel]: guardOwner(katalog) },
  }
  const [policyKind = "", bindingKind = ""] = guardKinds.map(({ kind }) => kind)
  const apiVersion = "admissionregistration.k8s.io/v1"
  const { resourceRules, expression, message } = policy
  const { failurePolicy, cleanupOnShutdown } = spec
  return {
    cleanupOnShutdown,
    objects: [
      {
        apiVersion,
        kind: policyKind,
        metadata,
        spec: {
          failurePolicy,
          matchConstraints: { resourceRules },
          validations: [{ expression, message, reason: "Forbidden" }],
        },
      },
      { apiVersion, kind: bindingKind, metadata, spec: { policyName: metadata.name, validationActions: ["Deny"] } },
    ],
  }
}
