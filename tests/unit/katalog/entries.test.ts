import { describe, expect, test } from "bun:test"
import { errorCodes, loadEntry, loadText, websiteKatalog } from "./support.ts"

const box = (body: string) => `      operatorBox:\n${body}`

test("entries keep the order of the file, across lists", () => {
  const entry = loadEntry(
    box(`        onReconcile:
          services: [{ port: 80 }]
          deployments: [{ image: a }, { image: b }]
          configMaps: [{ id: settings, name: c }]
`),
  )
  expect(entry.operatorBox.onReconcile?.entries.map((one) => [one.id, one.at])).toEqual([
    ["onReconcile.services[0]", "spec.crds.website.operatorBox.onReconcile.services[0]"],
    ["onReconcile.deployments[0]", "spec.crds.website.operatorBox.onReconcile.deployments[0]"],
    ["onReconcile.deployments[1]", "spec.crds.website.operatorBox.onReconcile.deployments[1]"],
    ["settings", "spec.crds.website.operatorBox.onReconcile.configMaps[0]"],
  ])
})

test("common keys are taken out of the fields, and have defaults", () => {
  const entry = loadEntry(
    `      forceConflict: false\n${box(`        onCreate:
          secrets:
            - name: a
              data: { key: "{{ .spec.key }}" }
              reconcile: true
              prune: false
              deletionPolicy: retain
              adoption: never
              forEach: { field: spec.hosts, as: host }
              overrides: { immutable: true }
              forceConflict: true
            - { name: b }
`)}`,
  )
  const [full, plain] = entry.operatorBox.onCreate?.entries ?? []
  expect(full).toMatchObject({
    fields: { name: "a", data: { key: "{{ .spec.key }}" } },
    reconcile: true,
    prune: false,
    deletionPolicy: "retain",
    adoption: "never",
    forEach: { field: "spec.hosts", as: "host" },
    overrides: { immutable: true },
    forceConflict: true,
  })
  expect(plain).toMatchObject({
    fields: { name: "b" },
    reconcile: false,
    prune: true,
    deletionPolicy: "delete",
    adoption: "ifUnowned",
    overrides: {},
    labels: {},
    forceConflict: false,
  })
  expect(plain?.forEach).toBeUndefined()
})

describe("manifests", () => {
  const object = "apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { k: v }"
  const load = (item: string) =>
    loadText(websiteKatalog(box(`        onReconcile:\n          manifests:\n            - ${item}\n`)))
  const read = (item: string) => {
    const { spec, spans } = load(item)
    return { entry: spec?.crds[0]?.operatorBox.onReconcile?.entries[0], spans }
  }

  test("a bare object and a wrapped one mean the same", () => {
    const bare = read(`{ ${object}, prune: false }`)
    const wrapped = read(`{ object: { ${object} }, prune: false }`)
    expect(bare.entry?.fields).toEqual(wrapped.entry?.fields ?? {})
    expect(bare.entry?.prune).toBe(false)
    expect(wrapped.entry?.prune).toBe(false)
  })

  test("spans know the object's path in both forms", () => {
    for (const item of [`{ ${object} }`, `{ object: { ${object} } }`]) {
      const { entry, spans } = read(item)
      const span = spans.locate(`${entry?.at}.object.data.k`, "value")
      expect(span?.file.text.slice(span.start, span.end)).toBe("v")
    }
  })

  test("keys that JavaScript knows are plain keys", () => {
    const { entry } = read("{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { constructor: x } }")
    expect(entry?.fields["object"]).toMatchObject({ data: { constructor: "x" } })
  })
})

test("a key without a value counts as absent", () => {
  const entry = loadEntry(
    box("        onCreate:\n        onReconcile:\n          deployments:\n            - { image: a, name: , env: }\n"),
  )
  expect(entry.operatorBox.onCreate).toBeUndefined()
  expect(entry.operatorBox.onReconcile?.entries[0]?.fields).toEqual({ image: "a" })
})

test("a deployment takes every field of its kind", () => {
  const deployment = `            - name: web
              namespace: "{{ .spec.namespace }}"
              image: "{{ .spec.image }}"
              replicas: "{{ .spec.replicas }}"
              port: 8080
              protocol: TCP
              command: [serve]
              args: ["--port", 8080]
              workingDirectory: /srv
              annotations: { a: b }
              rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 }
              imagePullSecrets: [a, { name: b }]
              nodeSelector: { disk: ssd }
              serviceAccountName: web
              resources: { requests: { cpu: 100m }, limits: { memory: 1Gi } }
              securityContext: { runAsNonRoot: true, capabilities: { drop: [ALL] } }
              podSecurity: { runAsUser: 1000, fsGroup: "{{ .spec.group }}" }
              volumes: [{ name: data, emptyDir: {} }]
              volumeMounts: [{ name: data, mountPath: /data }]
              env: [{ name: A, value: 1 }, { name: B, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
              envFrom: { secretRef: [{ name: s }], configMapRef: [{ name: c }] }
              probes: { liveness: { path: /, port: 8080 }, readiness: { type: tcp, periodSeconds: 5 } }
`
  const entry = loadEntry(box(`        onReconcile:\n          deployments:\n${deployment}`))
  expect(Object.keys(entry.operatorBox.onReconcile?.entries[0]?.fields ?? {})).toHaveLength(22)
})

test.each(["TCP", "{{ .spec.protocol }}"])("protocol %s is read", (protocol) => {
  expect(
    errorCodes(
      websiteKatalog(box(`        onReconcile:\n          services: [{ port: 1, protocol: "${protocol}" }]\n`)),
    ),
  ).toEqual([])
})

test("status fields read their published type names", () => {
  const types = ["native", "str", "integer", "float", "boolean", "auto"]
  const fields = types
    .map((type) => `            - { path: a.${type}, value: "{{ .spec.a }}", type: ${type} }\n`)
    .join("")
  const entry = loadEntry(box(`        status:\n          fields:\n${fields}            - { path: b, value: [1] }\n`))
  const expected = ["native", "string", "int", "float", "bool", "auto", "native"]
  expect<readonly string[]>(entry.operatorBox.status.fields.map((field) => field.type)).toEqual(expected)
  expect(entry.operatorBox.status.fields.at(-1)?.value).toEqual([1])
})
