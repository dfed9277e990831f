import { seeded } from "../../src/base/mod.ts"
import { compile } from "../../src/template/mod.ts"

/** Twenty lines as they stand in a typical Katalog: fields, defaults, conditions, a loop. */
const text = `name: {{ .metadata.name }}
namespace: {{ .metadata.namespace | default "default" }}
image: {{ .spec.image }}:{{ .spec.version | default "latest" }}
replicas: {{ .spec.replicas | default 1 }}
port: {{ .spec.port }}
host: {{ .spec.host | trimSuffix "/" | lower }}
url: {{ printf "https://%s/%s" .spec.host .metadata.name }}
{{- if .spec.tls }}
tls: true
secret: {{ .metadata.name }}-tls
{{- else }}
tls: false
{{- end }}
{{- range $key, $value := .spec.labels }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- if and (eq .spec.tier "gold") (gt .spec.replicas 1) }}
priority: high
{{- end }}
phase: {{ .status.phase | default "Pending" | upper }}
`

const data = {
  metadata: { name: "shop", namespace: "web" },
  spec: {
    image: "nginx",
    version: "1.27",
    replicas: 3,
    port: 8080,
    host: "Shop.example.com/",
    tls: true,
    tier: "gold",
    labels: { app: "shop", team: "web", part: "front" },
  },
  status: {},
}

/** Renders per second of one template on one core, after warming up. */
function rendersPerSecond(rounds: number): number {
  const compiled = compile(text)
  if (!compiled.ok) throw new Error(compiled.error[0]?.message)
  const scope = { data, nowMs: 0, random: seeded(1) }
  let length = 0
  const round = () => {
    for (let i = 0; i < 10_000; i++) {
      const result = compiled.value.render(scope)
      // Reading the last character makes the engine join the parts, as writing the text would.
      if (result.ok) length += String(result.value).charCodeAt(200)
    }
  }
  // The compiler's last stage comes late, and beside it on another core.
  for (let i = 0; i < 30; i++) round()
  const startedNs = Bun.nanoseconds()
  for (let i = 0; i < rounds; i++) round()
  const seconds = (Bun.nanoseconds() - startedNs) / 1e9
  if (length === 0) throw new Error("nothing was rendered")
  return (rounds * 10_000) / seconds
}

if (import.meta.main) {
  const result = { benchmark: "template", rendersPerSecond: Math.round(rendersPerSecond(30)) }
  await Bun.write(Bun.stdout, `${JSON.stringify(result)}\n`)
}
