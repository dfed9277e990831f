import type { Diagnostic } from "../base/mod.ts"
import { formatPath, getPath, isRecord } from "../kube/mod.ts"
import { externalSecurity } from "./external.ts"
import { diagnose, type Fault } from "./fault.ts"
import { deletionProtection, namespaceProtection } from "./guards.ts"
import { mailTeams, notification } from "./notification.ts"
import {
  anything,
  byForm,
  flag,
  list,
  notYet,
  oneOf,
  place,
  rawMap,
  readFlag,
  type Shape,
  scalar,
  scalars,
  text,
  wrong,
} from "./shape.ts"
import { markOf } from "./spans.ts"
import type { Spans } from "./spec.ts"

/** A block that is read while it is switched off, and refused while it is on. */
function switched(shape: Shape, fault: Fault, onByDefault = true): Shape {
  const refused = wrong(fault)
  return byForm((value) => {
    if (!isRecord(value) || Object.keys(value).length === 0) return shape
    return (readFlag(value["enabled"]) ?? onByDefault) ? refused : shape
  })
}

const policy = { failurePolicy: oneOf("Fail", "Ignore"), cleanupOnShutdown: flag }

const admission = place("admission", { fields: { enabled: flag } })
const conversion = place("conversion", { fields: { enabled: flag, conversionWindow: scalar } })

/** `security`: what holds for all entries. */
export const security: Shape = place("security", {
  fields: {
    serviceName: text,
    gatewayEndpoint: scalar,
    namespaceProtection,
    deletionProtection,
    webhooks: place("webhooks", {
      fields: {
        admission: byForm((value) => (isRecord(value) ? admission : flag)),
        serviceName: text,
        ...policy,
      },
    }),
    conversion: switched(conversion, notYet(`"security.conversion"`), false),
    external: externalSecurity,
  },
})

const timeline = place("a timeline", { fields: { from: scalar, to: scalar } })
const deprecationOf = place("deprecation", {
  fields: { message: scalar, migratedTo: text, timeline },
  required: ["message"],
})

const range = byForm((value) => {
  const isRange = typeof value !== "string" || /^\s*([<>=^~!]*\s*v?\d+(\.(\d+|x|\*))*[-+.\w]*[\s,|]*)+$/.test(value)
  return isRange
    ? text
    : wrong({
        code: "ORK0106",
        message: `expected a range of versions, found "${value}"`,
        help: "write, for example, >=1.28",
      })
})

/** `lifecycle`: how mature a Katalog is, and what it goes with. */
export const lifecycle: Shape = place("lifecycle", {
  fields: {
    maturity: oneOf("alpha", "beta", "stable", "deprecated"),
    deprecation: deprecationOf,
    compatibility: place("compatibility", { fields: { kubernetes: range, orkestra: range } }),
    accept: place("accept", {
      fields: { patterns: list(place("a pattern", { fields: { name: text, author: text }, required: ["name"] })) },
    }),
    policy: anything,
  },
})

/** `deprecation`: that somebody knows of it. */
const acceptance = place("deprecation", {
  fields: { accept: place("accept", { fields: { beforeEol: flag, eol: flag } }) },
})

const identity = byForm((value) =>
  value === ""
    ? wrong({ code: "ORK0106", message: "expected an identity, found an empty text", help: "remove it" })
    : text,
)

/** `publish`: what a registry asks for. */
const publish = place("publish", {
  fields: {
    signing: place("signing", { fields: { verify: flag, expectedIdentities: list(identity) } }),
    tests: place("tests", { fields: { e2e: flag, simulate: flag, intent: flag } }),
  },
})

const noGateway = wrong(
  notYet("the gateway", "ork has none: custom resources are written with kubectl, or any client of the API server"),
)

const quietGateway = place("gateway", {
  fields: { enabled: flag, standalone: flag, endpoint: scalar, api: rawMap, clusters: rawMap },
})

const gateway = byForm((value) => {
  const isOn = (steps: readonly string[]) => readFlag(getPath(value, steps)) === true
  const asks = [["enabled"], ["standalone"], ["api", "enabled"]].some(isOn) || (isRecord(value) && value["clusters"])
  return asks ? noGateway : quietGateway
})

/** What to do in place of a provider. */
export const withoutProviders =
  "providers are compiled into another program; reach the service through a child that does the work"

const provider = byForm((value) => {
  const isNeeded = isRecord(value) && readFlag(value["required"]) === true
  return isNeeded ? wrong(notYet("a provider", withoutProviders)) : plainProvider
})
const plainProvider = place("a provider", {
  fields: { name: text, required: flag, version: scalar, library: text, auth: rawMap },
  required: ["name"],
})

function elsewhere(key: string, help: string): Shape {
  return wrong({ code: "ORK0107", message: `unknown field "${key}" in a Katalog`, help })
}

/** Blocks at the top of a Katalog beside its operators. */
export const topBlocks: Readonly<Record<string, Shape>> = {
  security,
  lifecycle,
  deprecation: acceptance,
  publish,
  notification,
  gateway,
  providers: list(provider),
  crossAccess: flag,
  imports: elsewhere(
    "imports",
    `Motifs are imported under "spec.imports" or on a CRD entry; a Komposer imports Katalogs`,
  ),
  inputs: elsewhere("inputs", 'inputs are those of a Motif: write "kind: Motif"'),
  resources: elsewhere("resources", `resources are those of a Motif; in a Katalog they stand in an operatorBox`),
}

/** `webhooks` of a CRD entry. */
export const webhooks: Shape = place("webhooks of a CRD entry", {
  fields: { validation: flag, mutation: flag, operations: scalars },
})

/** `serve` of a CRD entry: read while it is switched off. */
export const serve: Shape = switched(
  rawMap,
  notYet(`"serve"`, "ork has no gateway: custom resources are written with kubectl, or any client of the API server"),
  false,
)

/** What is read and holds only in part, or says something about the Katalog. */
export function checkTopBlocks(document: unknown, spans: Spans): readonly Diagnostic[] {
  const warn = (fault: Fault, path: string) => diagnose(fault, { span: markOf(spans, path, "key"), path }, "warning")
  return [
    ...webhooksWarning(document).map(({ fault, path }) => warn(fault, path)),
    ...deprecations(document).map(({ fault, path }) => warn(fault, path)),
    ...missingProviders(document).map(({ fault, path }) => warn(fault, path)),
    ...mailTeams(document).map((name) => warn(noMail, formatPath(["notification", "teams", name, "email"]))),
  ]
}

const noMail: Fault = {
  code: "ORK0221",
  message: "no mail is sent",
  help: 'add "slack: { webhook: $NAME }", or a mail gateway that takes webhooks',
}

interface Found {
  readonly fault: Fault
  readonly path: string
}

function webhooksWarning(document: unknown): readonly Found[] {
  const message = "the rules hold in each pass, but the API server is not asked to refuse what breaks them"
  const help = "add rules to the CRD's schema (x-kubernetes-validations) where a write must be refused"
  const fault = { code: "ORK0221", message, help }
  const admission = getPath(document, ["security", "webhooks", "admission"])
  const isOn = readFlag(isRecord(admission) ? admission["enabled"] : admission) === true
  const crds = getPath(document, ["spec", "crds"])
  const entries = Object.entries(isRecord(crds) ? crds : {}).filter(([, entry]) =>
    ["validation", "mutation"].some((key) => readFlag(getPath(entry, ["webhooks", key])) === true),
  )
  return [
    ...(isOn ? [{ fault, path: "security.webhooks.admission" }] : []),
    ...entries.map(([name]) => ({ fault, path: formatPath(["spec", "crds", name, "webhooks"]) })),
  ]
}

function deprecations(document: unknown): readonly Found[] {
  if (readFlag(getPath(document, ["deprecation", "accept", "beforeEol"])) === true) return []
  return [
    ["lifecycle", "deprecation"],
    ["metadata", "deprecation"],
  ].flatMap((steps) => {
    const found = getPath(document, steps)
    if (!isRecord(found) || (found["message"] ?? null) === null) return []
    const to = found["migratedTo"] === undefined ? "" : `; use ${String(found["migratedTo"])}`
    const message = `this Katalog is deprecated: ${String(found["message"])}${to}`
    const help = `move away from it, or add "deprecation: { accept: { beforeEol: true } }"`
    return [{ fault: { code: "ORK0222", message, help }, path: steps.join(".") }]
  })
}

function missingProviders(document: unknown): readonly Found[] {
  const providers = isRecord(document) ? document["providers"] : undefined
  return (Array.isArray(providers) ? providers : []).flatMap((provider: unknown, index) => {
    if (!isRecord(provider) || readFlag(provider["required"]) === true) return []
    const message = `the provider "${String(provider["name"] ?? "")}" is not there`
    return [{ fault: { code: "ORK0221", message, help: withoutProviders }, path: `providers[${index}]` }]
  })
}

/** One line for each field of these blocks. */
export const topTexts: Readonly<Record<string, string>> = {
  serve: "Refused while it is enabled: ork has no gateway.",
  webhooks: "Which rules the API server is asked to check. Here all rules hold in each pass.",
  "webhooks of a CRD entry.validation": "True: asked for; a warning says what holds.",
  "webhooks of a CRD entry.mutation": "True: asked for; a warning says what holds.",
  operations: "CREATE, UPDATE.",
  security: "What holds for all entries.",
  gatewayEndpoint: "For user interfaces; without effect.",
  "security.serviceName": "The Service of webhooks; without effect.",
  "security.conversion": "Refused while it is enabled.",
  conversionWindow: "How many conversions statistics remember.",
  admission: "Whether the API server is asked to check the rules.",
  lifecycle: "How mature it is, and what it goes with: for people and registries.",
  maturity: "alpha, beta, stable or deprecated.",
  "a Katalog.deprecation": "That somebody knows of a deprecation.",
  "lifecycle.deprecation": "That it should not be used any more, and what should.",
  "deprecation.message": "What is said to whoever runs it.",
  migratedTo: "What to use instead.",
  timeline: "From when on, and until when.",
  "a timeline.from": "The first day of the deprecation.",
  "a timeline.to": "The last day of its life.",
  accept: "What somebody knows and wants all the same.",
  beforeEol: "True: a deprecated Katalog is used without a warning.",
  eol: "True: also after the end of its life.",
  compatibility: "Versions that it goes with.",
  kubernetes: "A range such as >=1.28.",
  orkestra: "A range of versions.",
  patterns: "Deprecated parts that are accepted.",
  "a pattern.name": "The name of the part.",
  policy: "What a consumer demands; without effect.",
  publish: "What a registry asks for when it is published.",
  signing: "Who may have signed it.",
  verify: "True: signatures are checked.",
  expectedIdentities: "Who may sign.",
  tests: "Which tests must pass.",
  e2e: "False: not the end-to-end tests.",
  simulate: "False: not the simulations.",
  intent: "True: the intent, too.",
  gateway: "Refused while something of it is enabled: ork has no gateway.",
  endpoint: "For user interfaces; without effect.",
  api: "The API for intents.",
  clusters: "Other clusters.",
  providers: "Programs that do something elsewhere; one that is required is refused.",
  "a provider.name": "Its name.",
  "a provider.required": "True: nothing runs without it.",
  "a provider.version": "Its version.",
  library: "Where it comes from.",
  auth: "How it signs in.",
  imports: "Motifs, with what they are given.",
  location: "Without effect: a type of a Go program.",
  "apiTypes.object": "Without effect: a type of a Go program.",
  objectList: "Without effect: a type of a Go program.",
  alias: "Without effect: a type of a Go program.",
}
