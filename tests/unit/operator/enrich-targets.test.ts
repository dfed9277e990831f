import { describe, expect, test } from "bun:test"
import { builtinKinds, formatGvk, type KubeObject, ownerReferenceTo } from "../../../src/kube/mod.ts"
import { enrichChild, type Look, listMax, warningsMax } from "../../../src/operator/enrich.ts"
import {
  type EnrichWatch,
  enrichSources,
  questionOf,
  questionsAbout,
  watchesOf,
} from "../../../src/operator/enrich-sources.ts"
import { accessOf, type EnrichPlan, pluralsOf, workloadLabel } from "../../../src/plan/mod.ts"
import { katalog } from "../../support/makers.ts"
import { planOf } from "../../support/world.ts"
import { rendered } from "../template/support.ts"

type Target = EnrichPlan["target"]

let uids = 0

/** A stored object, `kind` with its API version: `apps/v1 Deployment web`. */
function object(text: string, fields: object = {}, metadata: object = {}): KubeObject {
  const [apiVersion = "", kind = "", name = ""] = text.split(" ")
  return { apiVersion, kind, metadata: { name, namespace: "shop", uid: `u-${++uids}`, ...metadata }, ...fields }
}

const ownedBy = (owner: KubeObject, metadata: object = {}) => ({
  ownerReferences: [ownerReferenceTo(owner)],
  ...metadata,
})

/** Answers as caches over `objects` would; a source in `unknown` knows nothing. */
function lookAt(objects: readonly KubeObject[], unknown: readonly string[] = []): Look {
  const answers = new Map<string, KubeObject[]>()
  for (const [source, { gvk, project, indexes }] of Object.entries(enrichSources)) {
    const watch = { source, indexes: Object.keys(indexes) } as EnrichWatch // the keys of the two tables
    for (const stored of objects.filter((one) => one.kind === gvk.kind)) {
      const kept = project(stored)
      for (const question of kept ? questionsAbout(watch, kept) : []) {
        answers.set(question, [...(answers.get(question) ?? []), ...(kept ? [kept] : [])])
      }
    }
  }
  return (source, by, value) =>
    unknown.includes(source) ? undefined : (answers.get(questionOf(source, by, value)) ?? [])
}

/** What is added to a child. */
function added(child: KubeObject, targets: readonly Target[], look: Look): Readonly<Record<string, unknown>> {
  const keys = Object.entries(enrichChild(child, targets, look)).filter(([key]) => key.startsWith("_"))
  return Object.fromEntries(keys)
}

const pod = (name: string, owner: KubeObject, more: object = {}, metadata: object = {}) =>
  object(`v1 Pod ${name}`, { spec: { nodeName: "n1" }, ...more }, ownedBy(owner, metadata))

describe("pods", () => {
  const set = object("apps/v1 StatefulSet db")
  const broken = {
    status: {
      phase: "Running",
      podIP: "10.0.0.7",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [
        {
          name: "db",
          ready: false,
          restartCount: 3,
          state: { waiting: { reason: "CrashLoopBackOff", message: "x".repeat(5_000) } },
          lastState: { terminated: { reason: "OOMKilled", exitCode: 137, startedAt: "2026-01-01T00:00:00Z" } },
        },
        { name: "sidecar", ready: true, restartCount: 1, state: { running: { startedAt: "2026-01-01T00:00:00Z" } } },
      ],
    },
  }

  test("are short, in the order of their names, and tell why containers do not run", () => {
    const look = lookAt([pod("db-1", set, broken), pod("db-0", set, {}, { deletionTimestamp: "2026-01-01T00:00:00Z" })])
    expect(added(set, ["pods"], look)["_pods"]).toEqual([
      {
        ...{ name: "db-0", ip: "", phase: "", ready: false, node: "n1", restartCount: 0, ordinal: 0 },
        terminating: true,
        containers: [],
      },
      {
        ...{ name: "db-1", ip: "10.0.0.7", phase: "Running", ready: false, node: "n1", restartCount: 4, ordinal: 1 },
        containers: [
          {
            ...{ name: "db", ready: false, restartCount: 3, state: "waiting", reason: "CrashLoopBackOff" },
            lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
          },
          { name: "sidecar", ready: true, restartCount: 1, state: "running" },
        ],
      },
    ])
  })

  test("are what the functions of templates read", () => {
    const o = { o: enrichChild(set, ["pods"], lookAt([pod("db-1", set, broken)])) }
    expect(rendered("{{ podNames .o }} {{ podIPs .o }} {{ podNodes .o }} {{ podMaxRestarts .o }}", o)).toBe(
      "db-1 10.0.0.7 n1 4",
    )
    expect(rendered('{{ podCrashLoopDetected .o }} {{ podContainerState .o 1 "sidecar" }}', o)).toBe("true running")
    expect(rendered("{{ podByOrdinal .o 1 }}", o)).toMatchObject({ name: "db-1", ordinal: 1 })
  })

  test("of another owner are not there, and without a cache there is no list at all", () => {
    const other = object("apps/v1 StatefulSet other")
    expect(added(set, ["pods"], lookAt([pod("other-0", other)]))).toEqual({ _pods: [] })
    expect(added(set, ["pods"], lookAt([], ["pods"]))).toEqual({})
    expect(added(object("v1 ConfigMap page"), ["pods"], lookAt([]))).toEqual({})
  })

  test("are at most as many as are listed", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => pod(`db-${index}`, set))
    expect(added(set, ["pods"], lookAt(many(listMax + 1)))["_pods"]).toHaveLength(listMax)
    expect(added(set, ["pods"], lookAt(many(listMax)))["_pods"]).toHaveLength(listMax)
  })

  test("of a Deployment come through its ReplicaSets alone", () => {
    const web = object("apps/v1 Deployment web")
    const sets = ["web-b", "web-a"].map((name, index) =>
      object(
        `apps/v1 ReplicaSet ${name}`,
        { status: { replicas: index, readyReplicas: index } },
        ownedBy(web, { annotations: { "deployment.kubernetes.io/revision": String(2 - index) } }),
      ),
    )
    const pods = sets.map((set, index) => pod(`web-${index}`, set))
    const look = lookAt([...sets, ...pods, pod("alone", web)])
    const names = (value: unknown) => (value as { name: string }[]).map(({ name }) => name) // lists of named values
    const found = added(web, ["pods", "replicasets"], look)
    expect(names(found["_pods"])).toEqual(["web-0", "web-1"])
    expect(found["_replicaSets"]).toEqual([
      { name: "web-b", revision: 2, replicas: 0, readyReplicas: 0 },
      { name: "web-a", revision: 1, replicas: 1, readyReplicas: 1 },
    ])
    expect(rendered("{{ oldDeploymentReplicaSets .o }}", { o: enrichChild(web, ["replicasets"], look) })).toBe("web-a")
    expect(added(web, ["pods"], lookAt(pods, ["replicaSets"]))).toEqual({})
  })
})

describe("events", () => {
  const about = (regarding: KubeObject, fields: object, name = "e") =>
    object(`events.k8s.io/v1 Event ${name}`, {
      ...{ type: "Warning", regarding: { uid: regarding.metadata.uid }, reason: "Failed" },
      ...fields,
    })
  const page = object("v1 ConfigMap page")

  test("are warnings, with how often and when last, whichever way they were written", () => {
    const events = [
      about(page, { note: "a", deprecatedCount: 3, deprecatedLastTimestamp: "2026-01-01T00:00:03Z" }),
      about(page, { note: "b", series: { count: 7, lastObservedTime: "2026-01-01T00:00:02.000000Z" } }),
      about(page, { note: "c", eventTime: "2026-01-01T00:00:01.000000Z" }),
      about(page, { note: "d", type: "Normal" }),
    ].map((event, index) => ({ ...event, metadata: { ...event.metadata, name: `e${index}` } }))
    expect(added(page, ["events"], lookAt(events))["_warnings"]).toEqual([
      { reason: "Failed", message: "a", count: 3, lastTimestamp: "2026-01-01T00:00:03Z" },
      { reason: "Failed", message: "b", count: 7, lastTimestamp: "2026-01-01T00:00:02.000000Z" },
      { reason: "Failed", message: "c", count: 1, lastTimestamp: "2026-01-01T00:00:01.000000Z" },
    ])
    const o = { o: enrichChild(page, ["events"], lookAt(events)) }
    expect(rendered("{{ warningCount .o }} {{ firstWarning .o }} {{ warningReasons .o }}", o)).toBe("3 a Failed")
  })

  test("of a CronJob are also those of its Jobs and their Pods; what is not known of these is no hindrance", () => {
    const cron = object("batch/v1 CronJob backup")
    const job = object("batch/v1 Job backup-1", {}, ownedBy(cron))
    const run = pod("backup-1-x", job)
    const all = [job, run, about(job, { note: "job" }, "a"), about(run, { note: "pod" }, "b")]
    const messages = (look: Look) => rendered("{{ warningMessages .o }}", { o: enrichChild(cron, ["events"], look) })
    expect(messages(lookAt(all))).toBe("job,pod")
    expect(messages(lookAt(all, ["pods"]))).toBe("job")
    expect(added(cron, ["events"], lookAt(all, ["events"]))).toEqual({})
  })

  test("are at most as many as are listed, the newest", () => {
    const many = Array.from({ length: warningsMax + 1 }, (_, index) =>
      about(page, { note: String(index), eventTime: new Date(index * 1_000).toISOString() }, `e${index}`),
    )
    const found = added(page, ["events"], lookAt(many))["_warnings"] as { message: string }[] // as the target says
    expect(found).toHaveLength(warningsMax)
    expect(found.at(0)?.message).toBe(String(warningsMax))
    expect(found.at(-1)?.message).toBe("1")
  })
})

describe("storage", () => {
  const storageClass = object(
    "storage.k8s.io/v1 StorageClass fast",
    { provisioner: "csi.example", reclaimPolicy: "Delete" },
    { namespace: undefined },
  )
  const claim = (name: string) =>
    object(`v1 PersistentVolumeClaim ${name}`, {
      spec: { volumeName: "v1", storageClassName: "fast" },
      status: { phase: "Bound", capacity: { storage: "1Gi" } },
    })
  const volume = object(
    "v1 PersistentVolume v1",
    {
      spec: {
        persistentVolumeReclaimPolicy: "Retain",
        accessModes: ["ReadWriteOnce"],
        volumeMode: "Block",
        claimRef: { namespace: "shop", name: "data" },
        csi: { driver: "csi.example" },
      },
      status: { phase: "Bound" },
    },
    { namespace: undefined },
  )
  const short = { name: "data", phase: "Bound", capacity: "1Gi", storageClass: "fast", volume: "v1" }

  test("of a claim is its volume and its class", () => {
    const o = { o: enrichChild(claim("data"), ["pv", "storageclass"], lookAt([volume, storageClass])) }
    expect(rendered("{{ pvReclaimPolicy .o }} {{ pvAccessModes .o }} {{ pvcVolumeMode .o }}", o)).toBe(
      "Retain ReadWriteOnce Block",
    )
    expect(rendered("{{ pvcStorageClassProvisioner .o }} {{ pvcStorageClassReclaimPolicy .o }}", o)).toBe(
      "csi.example Delete",
    )
    expect(o.o["_pv"]).not.toHaveProperty("spec.csi")
    expect(added(claim("data"), ["pv", "storageclass"], lookAt([]))).toEqual({})
  })

  test("of a volume is its claim", () =>
    expect(added(volume, ["pvc"], lookAt([claim("data")]))).toEqual({ _pvc: short }))

  test("of a StatefulSet are the claims of its templates, not those of a neighbour", () => {
    const set = object("apps/v1 StatefulSet db", { spec: { volumeClaimTemplates: [{ metadata: { name: "data" } }] } })
    const look = lookAt(["data-db-1", "data-db-0", "data-db-x-0", "log-db-0"].map(claim))
    const found = added(set, ["pvcs"], look)["_pvcs"]
    expect(found).toMatchObject([{ ...short, name: "data-db-0" }, { name: "data-db-1" }])
    expect(found).toHaveLength(2)
    expect(rendered("{{ statefulSetPVCCount .o }}", { o: enrichChild(set, ["pvcs"], look) })).toBe(2)
  })
})

describe("a Service", () => {
  const web = object("v1 Service web", { spec: { selector: { app: "web", tier: "front" } } })
  const behind = (name: string, labels: object, namespace = "shop") =>
    object(`v1 Pod ${name}`, { status: { phase: "Running" } }, { labels, namespace })
  const slice = object(
    "discovery.k8s.io/v1 EndpointSlice web-x",
    {
      endpoints: [
        { addresses: ["10.0.0.9"], conditions: { ready: false } },
        { addresses: ["10.0.0.5"], conditions: {} },
      ],
      ports: [{ port: 8443 }, { port: 8080, name: "http" }],
    },
    { labels: { "kubernetes.io/service-name": "web", other: "x" } },
  )

  test("has the Pods that all of its labels select, in its namespace", () => {
    const front = { app: "web", tier: "front", more: "x" }
    const look = lookAt([behind("a", front), behind("b", { app: "web" }), behind("c", front, "elsewhere")])
    expect(rendered("{{ backingPodNames .o }}", { o: enrichChild(web, ["backingpods"], look) })).toBe("a")
    expect(added(object("v1 Service bare"), ["backingpods"], look)).toEqual({ _backingPods: [] })
  })

  test("has each address with each port; what does not say counts as ready", () => {
    const found = added(web, ["endpoints"], lookAt([slice]))["_endpoints"]
    expect(found).toEqual([
      { ip: "10.0.0.5", port: 8080, ready: true },
      { ip: "10.0.0.5", port: 8443, ready: true },
      { ip: "10.0.0.9", port: 8080, ready: false },
      { ip: "10.0.0.9", port: 8443, ready: false },
    ])
    const o = { o: enrichChild(web, ["endpoints"], lookAt([slice])) }
    expect(rendered("{{ serviceFirstEndpoint .o }} {{ serviceEndpointCount .o }}", o)).toBe("10.0.0.5:8080 4")
    expect(added(web, ["endpoints"], lookAt([], ["slices"]))).toEqual({})
  })
})

describe("a child that says all itself", () => {
  test.each([
    [
      "owner",
      object(
        "apps/v1 ReplicaSet web",
        {},
        ownedBy({ ...object("apps/v1 Deployment web"), metadata: { name: "web", uid: "u" } }),
      ),
      { _owner: { name: "web", kind: "Deployment", uid: "u" } },
    ],
    [
      "hpa",
      object("autoscaling/v2 HorizontalPodAutoscaler web", {
        spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
        status: { currentMetrics: [{ type: "Resource" }] },
      }),
      {
        _currentMetrics: [{ type: "Resource" }],
        _scaleTarget: { name: "web", kind: "Deployment", apiVersion: "apps/v1" },
      },
    ],
    [
      "ingress",
      object("networking.k8s.io/v1 Ingress web", {
        spec: { tls: [{ secretName: "a" }, { secretName: "a" }, {}] },
        status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { hostname: "lb.example" }] } },
      }),
      { _loadBalancerIPs: ["192.0.2.1", "lb.example"], _tlsSecrets: ["a"] },
    ],
  ] as const)("%s", (target, child, wanted) =>
    expect<unknown>(added(child, [target], lookAt([], Object.keys(enrichSources)))).toEqual(wanted),
  )

  test("a Pod has its node, with what the labels say", () => {
    const labels = {
      "topology.kubernetes.io/zone": "a",
      "topology.kubernetes.io/region": "eu",
      "node.kubernetes.io/instance-type": "m",
    }
    const node = object("v1 Node n1", { status: { images: [] } }, { namespace: undefined, labels })
    const found = added(object("v1 Pod web", { spec: { nodeName: "n1" } }), ["node"], lookAt([node]))
    expect(found).toEqual({ _node: { name: "n1", zone: "a", region: "eu", instanceType: "m" } })
  })

  test("a CronJob has its newest Job, and the newest that succeeded", () => {
    const cron = object("batch/v1 CronJob backup", { status: { active: [{ name: "backup-3" }] } })
    const job = (number: number, type: string) =>
      object(
        `batch/v1 Job backup-${number}`,
        { status: { conditions: [{ type, status: "True" }] } },
        ownedBy(cron, { creationTimestamp: `2026-01-0${number}T00:00:00Z` }),
      )
    const jobs = [job(1, "Complete"), job(3, "Suspended"), job(2, "Failed")]
    expect(added(cron, ["cronjob"], lookAt(jobs))).toEqual({
      _activeJobs: [{ name: "backup-3" }],
      _lastJob: { name: "backup-3", succeeded: false, failed: false },
      _lastSuccessfulJob: { name: "backup-1", succeeded: true, failed: false },
    })
    expect(added(cron, ["cronjob"], lookAt([], ["jobs"]))).toEqual({ _activeJobs: [{ name: "backup-3" }] })
    const o = { o: enrichChild(cron, ["cronjob"], lookAt(jobs)) }
    expect(rendered("{{ cronJobLastJobName .o }} {{ cronJobLastJobSucceeded .o }}", o)).toBe("backup-3 false")
  })
})

describe("what a plan watches", () => {
  const lists = `onReconcile:
  deployments: [{ name: web, image: a }]
  statefulSets: [{ name: db, image: a }]
  replicaSets: [{ name: rs, image: a }]
  jobs: [{ name: once, image: a }]
  cronJobs: [{ name: often, image: a, schedule: "0 4 * * *" }]
  pods: [{ name: one, image: a }]
  services: [{ name: web, port: 80, selector: { ${workloadLabel}: web } }]
  persistentVolumeClaims: [{ name: data, storage: 1Gi }]
  persistentVolumes: [{ name: disk, capacity: 1Gi, hostPath: /a }]
  hpa: [{ name: web, minReplicas: 1, maxReplicas: 2, scaleTargetRef: { kind: Deployment, name: web } }]
  ingresses: [{ name: web, serviceName: web, servicePort: 80 }]
status: { fields: [{ path: a, value: "{{ podNames .children.deployment }}" }] }`
  const planned = (enrich: string, box = lists) => {
    const [plan] = planOf(katalog(box, enrich)).operators
    if (!plan) throw new Error("no operator")
    return plan
  }
  const watched = (enrich: string, box = lists) =>
    watchesOf(planned(enrich, box)).map(({ source, labelSelector }) => [source, labelSelector ?? ""].join(" ").trim())
  const [workloads, jobs] = [`pods ${workloadLabel}`, "pods batch.kubernetes.io/job-name"]

  test.each([
    ["pods", [workloads, jobs, `replicaSets ${workloadLabel}`]],
    ["events", [workloads, jobs, `replicaSets ${workloadLabel}`, "jobs", "events"]],
    ["replicasets", [`replicaSets ${workloadLabel}`]],
    ["pvcs", [`claims ${workloadLabel}`]],
    ["pvc", ["claims"]],
    ["pv", ["volumes"]],
    ["storageclass", ["storageClasses"]],
    ["backingpods", ["pods"]],
    ["endpoints", ["slices kubernetes.io/service-name"]],
    ["node", ["nodes"]],
    ["cronjob", ["jobs"]],
    ["owner", []],
    ["hpa", []],
    ["ingress", []],
  ])("for %s is %j", (target, wanted) => expect(watched(`enrich: [${target}]`)).toEqual(wanted))

  test("for Pods of Jobs alone is what has the label of a Job", () => {
    const box = `onReconcile: { jobs: [{ name: once, image: a }] }
status: { fields: [{ path: a, value: "{{ podNames .children.job }}" }] }`
    expect(watched("enrich: [pods]", box)).toEqual([jobs])
  })

  test("is allowed by the permissions that the plan names", () => {
    const plan = planned("enrichAll: true")
    const rules = accessOf(plan, pluralsOf([plan]))
    const kinds = watchesOf(plan).map(({ source }) => enrichSources[source].gvk)
    const named = new Map(builtinKinds.map(({ gvk, gvr }) => [formatGvk(gvk), gvr]))
    for (const gvk of kinds) {
      const gvr = named.get(formatGvk(gvk))
      const rule = rules.find(({ group, resource }) => group === gvr?.group && resource === gvr.resource)
      expect([formatGvk(gvk), rule?.verbs]).toEqual([formatGvk(gvk), expect.arrayContaining(["list", "watch"])])
    }
    expect(new Set(watchesOf(plan).map(({ source }) => source)).size).toBe(Object.keys(enrichSources).length)
  })
})
