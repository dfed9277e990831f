import { type Clock, ms } from "../../base/mod.ts"
import { type KubeObject, shortHash } from "../../kube/mod.ts"
import type { Api } from "../api.ts"
import { type Fields, listAt, mapAt, specOf, textAt } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import { type Draft, isCreation, type Plugin, refusedDraft } from "./plugin.ts"

const usual = "default"
const mirror = "kubernetes.io/config.mirror"
const strict = "kubernetes.io/enforce-mountable-secrets"
const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"
const tokenVolumePrefix = "kube-api-access-"
const patienceMs = 1_500

/** ServiceAccounts: every Pod has one, with its token in each container and its secrets for pulling images. */
export function accounts(clock: Clock): Plugin {
  return {
    prefixes: [prefixOf(gvrs.pods)],
    mutate: async (draft, api) => {
      if (!isCreation(draft) || draft.object.metadata.annotations?.[mirror] !== undefined) return draft.object
      const spec = specOf(draft.object)
      const name = textAt(spec, "serviceAccountName") || textAt(spec, "serviceAccount") || usual
      const account = await found(api, clock, { namespace: draft.namespace, name })
      if (account === undefined) {
        const where = `${draft.namespace}/${name}`
        throw refusedDraft(draft, `error looking up service account ${where}: serviceaccount "${name}" not found`)
      }
      const named = { ...spec, serviceAccountName: name, serviceAccount: name }
      const complete = withPullSecrets(
        isMounted(spec, account) ? withToken(draft.object, draft.namespace, named) : named,
        account,
      )
      mustReferToOwn(draft, complete, account)
      return { ...draft.object, spec: complete }
    },
  }
}

/** The account; the usual one is made a moment after its namespace, and is waited for. */
async function found(
  api: Api,
  clock: Clock,
  ref: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined> {
  const account = () => api.get(gvrs.serviceAccounts, ref)
  if (account() !== undefined || ref.name !== usual) return account()
  const waiting = new AbortController()
  using _ = api.onChange(() => {
    if (account() !== undefined) waiting.abort()
  })
  await clock.sleep(ms(patienceMs), waiting.signal).catch(() => undefined)
  return account()
}

function isMounted(spec: Fields, account: KubeObject): boolean {
  return (spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"]) !== false
}

function withPullSecrets(spec: Fields, account: KubeObject): Fields {
  const secrets = listAt(account, "imagePullSecrets")
  if (secrets.length === 0 || listAt(spec, "imagePullSecrets").length > 0) return spec
  return { ...spec, imagePullSecrets: secrets.map(({ name }) => ({ name })) }
}

function withToken({ metadata }: KubeObject, namespace: string, spec: Fields): Fields {
  const known = listAt(spec, "volumes").find((volume) => textAt(volume, "name").startsWith(tokenVolumePrefix))
  const name =
    known === undefined
      ? `${tokenVolumePrefix}${shortHash(`${namespace}/${metadata.name ?? metadata.generateName}`).slice(0, 5)}`
      : textAt(known, "name")
  const members = ["containers", "initContainers"].filter((key) => Array.isArray(spec[key]))
  const isWanted = members.some((key) => listAt(spec, key).some((container) => !hasMount(container)))
  const mounted = members.map((key) => [key, listAt(spec, key).map((container) => withMount(container, name))])
  const volumes = known === undefined && isWanted ? [...listAt(spec, "volumes"), tokenVolume(name)] : spec["volumes"]
  return { ...spec, ...Object.fromEntries(mounted), ...(volumes === undefined ? {} : { volumes }) }
}

function hasMount(container: Fields): boolean {
  return listAt(container, "volumeMounts").some((mount) => mount["mountPath"] === tokenPath)
}

function withMount(container: Fields, name: string): Fields {
  if (hasMount(container)) return container
  const mount = { name, readOnly: true, mountPath: tokenPath }
  return { ...container, volumeMounts: [...listAt(container, "volumeMounts"), mount] }
}

function tokenVolume(name: string): Fields {
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [namespace] } },
  ]
  return { name, projected: { sources, defaultMode: 420 } }
}

/** An account may ask that its Pods use only the Secrets that it names. */
function mustReferToOwn(draft: Draft, spec: Fields, account: KubeObject): void {
  if (account.metadata.annotations?.[strict] !== "true") return
  const known = new Set(listAt(account, "secrets").map(({ name }) => name))
  const pulls = new Set(listAt(account, "imagePullSecrets").map(({ name }) => name))
  const unknown = [
    ...unknownVolumes(spec, known),
    ...listAt(spec, "initContainers").flatMap((container) => unknownVariables(container, "init container", known)),
    ...listAt(spec, "containers").flatMap((container) => unknownVariables(container, "container", known)),
  ]
  const [first] = unknown
  const because = `is not allowed because service account ${account.metadata.name} does not reference that`
  if (first !== undefined) throw refusedDraft(draft, `${first} ${because} secret`)
  const pull = listAt(spec, "imagePullSecrets").findIndex(({ name }) => !pulls.has(name))
  if (pull === -1) return
  const name = textAt(listAt(spec, "imagePullSecrets")[pull] ?? {}, "name")
  throw refusedDraft(draft, `imagePullSecrets[${pull}].name="${name}" ${because} imagePullSecret`)
}

function unknownVolumes(spec: Fields, known: ReadonlySet<unknown>): readonly string[] {
  return listAt(spec, "volumes").flatMap(({ secret }) => {
    const name = mapAt(secret)["secretName"]
    return secret === undefined || known.has(name) ? [] : [`volume with secret.secretName="${name}"`]
  })
}

function unknownVariables(container: Fields, what: string, known: ReadonlySet<unknown>): readonly string[] {
  const subject = `${what} ${textAt(container, "name")}`
  const variables = listAt(container, "env").flatMap((variable) => {
    const { name } = mapAt(variable, "valueFrom", "secretKeyRef")
    const isKnown = name === undefined || known.has(name)
    return isKnown ? [] : [`${subject} with envVar ${textAt(variable, "name")} referencing secret.secretName="${name}"`]
  })
  const sources = listAt(container, "envFrom").flatMap((source) => {
    const { name } = mapAt(source, "secretRef")
    const isKnown = name === undefined || known.has(name)
    return isKnown ? [] : [`${subject} with envFrom referencing secret.secretName="${name}"`]
  })
  return [...variables, ...sources]
}
