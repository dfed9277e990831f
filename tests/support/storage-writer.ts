/** Writes into a store until it is killed, and prints each acknowledged revision: `storage-writer.ts FOLDER`. */
import { SqliteStorage } from "../../src/apiserver/storage-sqlite.ts"

const store = new SqliteStorage({ folder: process.argv[2] ?? "", pid: process.pid })
for (let i = 0; ; i++) {
  const name = `n${i % 50}`
  const ref = { prefix: "configmaps", namespace: "default", name }
  const before = store.get(ref)
  const value = "x".repeat((i * 37) % 5_000)
  // Every seventh write takes away what is there.
  if (before && i % 7 === 0) store.remove(ref, before.metadata.resourceVersion ?? "")
  else {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data: { value } }
    store.put(ref, object, before?.metadata.resourceVersion)
  }
  // One write to the pipe, whole: what was printed was acknowledged.
  if (process.stdout.write(`${store.revision} ${name} ${store.get(ref)?.metadata.resourceVersion ?? "gone"}\n`))
    continue
  await new Promise<void>((resolve) => process.stdout.once("drain", () => resolve()))
}
