import type { ServerController } from "../controllers.ts"
import { autoscalerController } from "./autoscalers.ts"
import { claimController } from "./claims.ts"
import { cronJobController } from "./cron-jobs.ts"
import { daemonSetController } from "./daemon-sets.ts"
import { deploymentController } from "./deployments.ts"
import { disruptionController } from "./disruptions.ts"
import { jobController } from "./jobs.ts"
import { podController } from "./pods.ts"
import { replicaSetController } from "./replica-sets.ts"
import { serviceController } from "./services.ts"
import { statefulSetController } from "./stateful-sets.ts"
import type { PretendDeps } from "./workload.ts"

/** Everything that a cluster with nodes would do, without running a container. */
export function pretendControllers(deps: PretendDeps): readonly ServerController[] {
  return [
    deploymentController(deps),
    replicaSetController(deps),
    statefulSetController(deps),
    daemonSetController(deps),
    jobController(deps),
    cronJobController(deps),
    podController(deps),
    claimController(deps),
    serviceController(deps),
    autoscalerController(deps),
    disruptionController(deps),
  ]
}
