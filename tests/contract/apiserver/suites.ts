import type { Interaction } from "./interaction.ts"
import { scenarioSuite } from "./scenarios.ts"
import { accessSuite } from "./suite-access.ts"
import { admissionSuite } from "./suite-admission.ts"
import { bodySuite } from "./suite-bodies.ts"
import { changeSuite } from "./suite-changes.ts"
import { costSuite } from "./suite-costs.ts"
import { crdSuite } from "./suite-crds.ts"
import { endpointSuite } from "./suite-endpoints.ts"
import { kindSuite } from "./suite-kinds.ts"
import { kubectlSuite } from "./suite-kubectl.ts"
import { mutatingSuite } from "./suite-mutating.ts"
import { objectSuite } from "./suite-objects.ts"
import { oddValueSuite } from "./suite-odd-values.ts"
import { podSecuritySuite } from "./suite-pod-security.ts"
import { podSuite } from "./suite-pods.ts"
import { quotaSuite } from "./suite-quotas.ts"
import { readSuite } from "./suite-reads.ts"
import { statusSuite } from "./suite-status.ts"
import { validationSuite } from "./suite-validation.ts"
import { webhookSuite } from "./suite-webhooks.ts"
import { writeSuite } from "./suite-writes.ts"

/** Every interaction. */
export const allSuites: readonly Interaction[] = [
  ...bodySuite,
  ...scenarioSuite,
  ...writeSuite,
  ...readSuite,
  ...kindSuite,
  ...objectSuite,
  ...crdSuite,
  ...webhookSuite,
  ...validationSuite,
  ...changeSuite,
  ...podSuite,
  ...kubectlSuite,
  ...admissionSuite,
  ...podSecuritySuite,
  ...quotaSuite,
  ...oddValueSuite,
  ...accessSuite,
  ...mutatingSuite,
  ...endpointSuite,
  ...costSuite,
  ...statusSuite,
]
