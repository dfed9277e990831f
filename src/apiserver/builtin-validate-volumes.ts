import type { StatusCause } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { forbidden, invalidValue } from "./names.ts"

/** Sources of volumes in the order in which the server looks at them; what is not here comes last. */
const order = [
  ...["emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi"],
  ...["glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc"],
  ...["flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk"],
  ...["storageos", "projected", "scaleIO", "csi", "ephemeral", "image"],
]
/** Two of them have other names in errors. */
const said: Readonly<Record<string, string>> = { cephfs: "cephFS", downwardAPI: "downwarAPI" }
const modeText = "must be a number between 0 and 0777 (octal), both inclusive"

/** What is wrong with the source of one volume. */
export function volumeCauses(volume: Fields, at: string): readonly StatusCause[] {
  const rank = (kind: string) => (order.indexOf(kind) + order.length + 1) % (order.length + 1)
  const kinds = Object.keys(volume).filter((key) => key !== "name")
  const more = kinds
    .sort((a, b) => rank(a) - rank(b))
    .slice(1)
    .map((kind) => forbidden(`${at}.${said[kind] ?? kind}`, "may not specify more than 1 volume type"))
  const files = ["secret", "downwardAPI", "configMap", "projected"].filter((kind) => volume[kind] !== undefined)
  return [...more, ...files.flatMap((kind) => fileCauses(mapAt(volume, kind), `${at}.${kind}`))]
}

function fileCauses(source: Fields, at: string): readonly StatusCause[] {
  const items = listAt(source, "items").flatMap((item, index) => {
    const field = `${at}.items[${index}]`
    const problem = pathProblem(textAt(item, "path"))
    return [
      ...(problem === undefined ? [] : [invalidValue(`${field}.path`, item["path"], problem)]),
      ...modeCauses(item, field, "mode"),
    ]
  })
  return [...modeCauses(source, at, "defaultMode"), ...items]
}

function modeCauses(owner: Fields, at: string, member: string): readonly StatusCause[] {
  const mode = numberAt(owner, member)
  return mode < 0 || mode > 0o777 ? [invalidValue(`${at}.${member}`, mode, modeText)] : []
}

/** Why a path leaves the folder that it must stay in; undefined when it does not. */
export function pathProblem(path: string): string | undefined {
  if (path.startsWith("/")) return "must be a relative path"
  return path.split("/").includes("..") ? "must not contain '..'" : undefined
}
