import type { KubeObject, StatusCause } from "../kube/mod.ts"
import {
  all,
  anyTexts,
  both,
  type Checks,
  each,
  members,
  oneOf,
  segment,
  subdomain,
  texts,
  unique,
  within,
} from "./builtin-check.ts"
import { driverName } from "./builtin-checks-storage.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { ruleListCauses } from "./match-rules.ts"
import { forbidden, invalidValue, required, unsupported } from "./names.ts"

const oneLabel = "[a-z]([-a-z0-9]*[a-z0-9])?"

/** A DNS label as names began with a letter. */
const oldLabel = (text: string): readonly string[] => {
  const long = text.length > 63 ? ["must be no more than 63 characters"] : []
  if (new RegExp(`^${oneLabel}$`).test(text)) return long
  const why = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${oneLabel}')`
  return [...long, why]
}

const mutating = ["*", "CONNECT", "CREATE", "UPDATE"]

/** Policies and their bindings, registrations of groups, attachments of volumes, priorities of requests. */
export const admissionChecks: Checks = {
  "admissionregistration.v1.NamedRuleWithOperations": members({
    resourceNames: both(unique(), each(anyTexts(segment))),
  }),
  "admissionregistration.v1.MatchResources": (match, at) => [
    ...ruleListCauses(match["resourceRules"], `${at}.resourceRules`),
    ...ruleListCauses(match["excludeResourceRules"], `${at}.excludeResourceRules`),
  ],
  "admissionregistration.v1.ParamKind": paramKind,
  "admissionregistration.v1.ParamRef": (reference, at) => {
    const [name, selector] = [textAt(reference, "name"), reference["selector"]]
    const isBoth = name !== "" && selector !== undefined
    const why = "name and selector are mutually exclusive"
    return [
      ...texts(segment)(name, `${at}.name`),
      ...(isBoth ? ["name", "selector"].map((member) => forbidden(`${at}.${member}`, why)) : []),
      ...(name === "" && selector === undefined ? [required(at, "one of name or selector must be specified")] : []),
    ]
  },
  "admissionregistration.v1.ValidatingAdmissionPolicySpec": (spec, at) => {
    const why = "validations or auditAnnotations must contain at least one item"
    const isOpen = listAt(spec, "validations").length === 0 && listAt(spec, "auditAnnotations").length === 0
    return [
      ...matched(spec, at),
      ...(isOpen ? ["validations", "auditAnnotations"].map((member) => required(`${at}.${member}`, why)) : []),
      ...unique("key")(spec["auditAnnotations"], `${at}.auditAnnotations`),
    ]
  },
  "admissionregistration.v1.MutatingAdmissionPolicySpec": all(matched, (spec, at) =>
    operations(mapAt(spec, "matchConstraints"), `${at}.matchConstraints`),
  ),
  "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": members({
    policyName: texts(subdomain),
    validationActions: both(each(oneOf("Audit", "Deny", "Warn")), unique(), (actions, field) => {
      const isBoth = Array.isArray(actions) && actions.includes("Deny") && actions.includes("Warn")
      const why =
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)"
      return isBoth ? [invalidValue(field, actions, why)] : []
    }),
  }),
  "admissionregistration.v1.MutatingAdmissionPolicyBindingSpec": (spec, at) => [
    ...texts(subdomain)(spec["policyName"], `${at}.policyName`),
    ...operations(mapAt(spec, "matchResources"), `${at}.matchResources`),
  ],
  "apiregistration.v1.APIServiceSpec": registration,
  "flowcontrol.v1.PriorityLevelConfigurationReference": members({ name: texts(subdomain) }),
  "storage.v1.VolumeAttachmentSpec": attachment,
}

function matched(spec: Fields, at: string): readonly StatusCause[] {
  const match = mapAt(spec, "matchConstraints")
  const isOpen = spec["matchConstraints"] !== undefined && listAt(match, "resourceRules").length === 0
  return isOpen ? [required(`${at}.matchConstraints.resourceRules`)] : []
}

function operations(match: Fields, at: string): readonly StatusCause[] {
  return listAt(match, "resourceRules").flatMap(({ operations: given }) =>
    (Array.isArray(given) ? given : [])
      .filter((one) => !mutating.includes(String(one)))
      .map((one) => unsupported(`${at}.resourceRules.operations`, one, mutating)),
  )
}

function paramKind(value: Fields, at: string): readonly StatusCause[] {
  const [version, kind] = [textAt(value, "apiVersion"), textAt(value, "kind")]
  const parts = version.split("/")
  const [group = "", own = ""] = parts.length > 1 ? parts : ["", ...parts]
  const field = `${at}.apiVersion`
  const causes: StatusCause[] = []
  if (version === "") causes.push(required(field))
  else if (parts.length > 2) causes.push(invalidValue(field, version, `unexpected GroupVersion string: ${version}`))
  else {
    const problems = group === "" ? [] : subdomain(group)
    if (problems.length > 0) causes.push(invalidValue(field, group, problems.join(",")))
    if (own === "") causes.push(invalidValue(field, version, "version must be specified"))
    else if (oldLabel(own).length > 0) causes.push(invalidValue(field, own, oldLabel(own).join(",")))
  }
  if (kind === "") return [...causes, required(`${at}.kind`)]
  const problems = oldLabel(kind.toLowerCase())
  const why = `may have mixed case, but should otherwise match: ${problems.join(",")}`
  return problems.length === 0 ? causes : [...causes, invalidValue(`${at}.kind`, kind, why)]
}

function registration(spec: Fields, at: string, { metadata }: KubeObject): readonly StatusCause[] {
  const [group, version] = [textAt(spec, "group"), textAt(spec, "version")]
  const named = `${version}.${group}`
  const service = mapAt(spec, "service")
  const range = (name: string, max: number) =>
    within(1, max, `must be positive and less than ${max}`)(numberAt(spec, name), `${at}.${name}`)
  const port = numberAt(service, "port")
  const ports = "port is not valid: must be between 1 and 65535, inclusive"
  const insecure = spec["insecureSkipTLSVerify"] === true
  const here = `${at}.insecureSkipTLSVerify`
  const isLocal = spec["service"] === undefined
  const lone = "only v1 may have an empty group and it better be legacy kube"
  const bundle = textAt(spec, "caBundle")
  const bytes = `${Buffer.from(bundle, "base64").length} bytes`
  return [
    ...(metadata.name === named
      ? []
      : [
          invalidValue(
            "metadata.name",
            metadata.name,
            `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(named)}`,
          ),
        ]),
    ...(group === "" && version !== "v1" ? [required(`${at}.group`, lone)] : []),
    ...texts(subdomain)(group, `${at}.group`),
    ...anyTexts(oldLabel)(version, `${at}.version`),
    ...range("groupPriorityMinimum", 20_000),
    ...range("versionPriority", 1_000),
    ...(isLocal && insecure ? [invalidValue(here, true, "local APIServices may not have insecureSkipTLSVerify")] : []),
    ...(isLocal && bundle !== ""
      ? [invalidValue(`${at}.caBundle`, bytes, "local APIServices may not have a caBundle")]
      : []),
    ...(!isLocal && (port < 1 || port > 65_535) ? [invalidValue(`${at}.service.port`, port, ports)] : []),
    ...(!isLocal && insecure && bundle !== ""
      ? [invalidValue(here, true, "may not be true if caBundle is present")]
      : []),
  ]
}

function attachment(spec: Fields, at: string): readonly StatusCause[] {
  const source = mapAt(spec, "source")
  const { inlineVolumeSpec, persistentVolumeName: name } = source
  const why = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
  const isBoth = inlineVolumeSpec !== undefined && name !== undefined
  return [
    ...(textAt(spec, "attacher") === "" ? [] : driverName(textAt(spec, "attacher"), `${at}.attacher`)),
    ...(inlineVolumeSpec === undefined && name === undefined ? [required(`${at}.source`, why)] : []),
    ...(isBoth ? [forbidden(`${at}.source`, why)] : []),
    ...(name === ""
      ? [required(`${at}.source.persistentVolumeName`, "must specify non empty persistentVolumeName")]
      : []),
    ...anyTexts(subdomain)(name, `${at}.source.persistentVolumeName`),
    ...anyTexts(subdomain)(textAt(spec, "nodeName"), `${at}.nodeName`),
  ]
}
