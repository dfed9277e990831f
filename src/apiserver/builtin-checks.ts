import type { KubeObject, StatusCause } from "../kube/mod.ts"
import {
  anyTexts,
  type Check,
  type Checks,
  label,
  labels,
  members,
  oneOf,
  qualified,
  segment,
  subdomain,
  texts,
  within,
} from "./builtin-check.ts"
import { admissionChecks } from "./builtin-checks-admission.ts"
import { amountChecks } from "./builtin-checks-amounts.ts"
import { isUsable, networkChecks } from "./builtin-checks-network.ts"
import { podChecks } from "./builtin-checks-pods.ts"
import { scalingChecks } from "./builtin-checks-scaling.ts"
import { storageChecks } from "./builtin-checks-storage.ts"
import { workloadChecks } from "./builtin-checks-workloads.ts"
import { type Fields, listAt, textAt } from "./fields.ts"
import { invalidValue, required, unsupported } from "./names.ts"

const accessGroup = "rbac.authorization.k8s.io"

const accessChecks: Checks = {
  "rbac.v1.AggregationRule": (rule, at) =>
    listAt(rule, "clusterRoleSelectors").flatMap((selector, index) =>
      isUsable(selector) ? [] : [invalidValue(`${at}.clusterRoleSelectors[${index}]`, null, "invalid label selector.")],
    ),
  "rbac.v1.RoleRef": members({ name: texts(segment) }),
  "rbac.v1.Subject": subject,
}

const serviceChecks: Checks = {
  "core.v1.ServicePort": members({ name: texts(label), appProtocol: anyTexts(qualified) }),
  "core.v1.ServiceSpec": members({ internalTrafficPolicy: oneOf("Cluster", "Local"), selector: labels }),
  "core.v1.ClientIPConfig": members({
    timeoutSeconds: within(1, 86_400, "must be greater than 0 and less than 86400"),
  }),
}

function subject(value: Fields, at: string, { kind: root }: KubeObject): readonly StatusCause[] {
  const [kind, group, name] = [textAt(value, "kind"), textAt(value, "apiGroup"), textAt(value, "name")]
  const field = `${at}.apiGroup`
  switch (kind) {
    case "ServiceAccount": {
      const isLost = root === "ClusterRoleBinding" && textAt(value, "namespace") === ""
      return [
        ...texts(subdomain)(name, `${at}.name`),
        ...(group === "" ? [] : [unsupported(field, group, [""])]),
        ...(isLost ? [required(`${at}.namespace`)] : []),
      ]
    }
    case "User":
    case "Group":
      return group === accessGroup ? [] : [unsupported(field, group, [accessGroup])]
    default:
      return [unsupported(`${at}.kind`, kind, ["ServiceAccount", "User", "Group"])]
  }
}

const checks: Checks = {
  ...accessChecks,
  ...admissionChecks,
  ...amountChecks,
  ...networkChecks,
  ...podChecks,
  ...scalingChecks,
  ...serviceChecks,
  ...storageChecks,
  ...workloadChecks,
}

const byName = new Map<string, Check | undefined>()

/** What is judged of structs of a definition beyond what was learnt. */
export function checkOf(definition: string): Check | undefined {
  if (byName.has(definition)) return byName.get(definition)
  const short = definition.split(".").slice(-3).join(".")
  const check = Object.hasOwn(checks, short) ? checks[short] : undefined
  byName.set(definition, check)
  return check
}
