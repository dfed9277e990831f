import { isRecord } from "../../kube/mod.ts"
import { blockOf, derivedFrom, field, memberOf, type Skeleton } from "../entry.ts"
import { childPath, derived } from "../value.ts"
import type { Form } from "./context.ts"

const listsOfRule = ["apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"] as const

/** The rules of a Role or ClusterRole. A rule for resources without `apiGroups` is for the core group. */
export function rules({ entry }: Form): Skeleton {
  return {
    rules: derivedFrom(field(entry, "rules"), (value) => (Array.isArray(value) ? value.map(ruleOf) : value)),
  }
}

function ruleOf(rule: unknown): unknown {
  if (!isRecord(rule)) return rule
  const lists = listsOfRule.flatMap((key) => {
    const value = rule[key]
    return value === undefined ? [] : [[key, Array.isArray(value) ? value : [value]] as const]
  })
  const core = rule["resources"] !== undefined && rule["apiGroups"] === undefined ? { apiGroups: [""] } : {}
  return { ...rule, ...core, ...Object.fromEntries(lists) }
}

/** A RoleBinding, of a Role unless its `roleRef` says otherwise. */
export function roleBinding(form: Form): Skeleton {
  return binding(form, "Role")
}

/** A ClusterRoleBinding, of a ClusterRole. */
export function clusterRoleBinding(form: Form): Skeleton {
  return binding(form, "ClusterRole")
}

function binding({ entry }: Form, kind: string): Skeleton {
  const at = childPath(entry.at, "roleRef")
  const ref = blockOf(entry, "roleRef")
  const home = field(entry, "namespace") ?? "{{ .metadata.namespace }}"
  return {
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: memberOf(ref, "kind", at) ?? kind,
      name: memberOf(ref, "name", at),
    },
    subjects: derived({ subjects: field(entry, "subjects"), home }, (input) => {
      const { subjects, home: namespace } = isRecord(input) ? input : {}
      return Array.isArray(subjects) ? subjects.map((subject) => subjectOf(subject, namespace)) : subjects
    }),
  }
}

// A ServiceAccount is mostly one of the same namespace; users and groups have none.
function subjectOf(subject: unknown, namespace: unknown): unknown {
  if (!isRecord(subject)) return subject
  const kind = subject["kind"] ?? "ServiceAccount"
  if (kind === "ServiceAccount") return { namespace, ...subject, kind }
  return { apiGroup: "rbac.authorization.k8s.io", ...subject, kind }
}
