import { expect, test } from "bun:test"
import { functionByName } from "../../../src/template/functions/registry.ts"
import { functionCatalogue } from "../../../src/template/mod.ts"
import { fails, type Row, refuses, table } from "./support.ts"

const conditional: readonly Row[] = [
  ['{{ .spec.missing | default "y" }}', "y"],
  ['{{ .spec.image | default "y" }}', "nginx"],
  ['{{ default .spec.missing "y" }}', "y"],
  ['{{ default "y" .spec.missing }}', "y"],
  ['{{ default "y" .spec.image }}', "nginx"],
  ["{{ default .spec.missing .spec.image }}", "nginx"],
  ["{{ default .spec.image .spec.host }}", "nginx"],
  ["{{ .spec.zero | default 5 }}", 5],
  ["{{ .spec.off | default true }}", true],
  ['{{ "" | default .spec.image }}', "nginx"],
  ['{{ "<no value>" | default "x" }}', "x"],
  ['{{ .spec.missing | getOr "y" }}', "y"],
  ["{{ coalesce .a .spec.blank .spec.image }}", "nginx"],
  ["{{ empty .spec.none }}", true],
  ["{{ notEmpty .spec.ports }}", true],
  ['{{ ternary .spec.on "a" "b" }}', "a"],
  ['{{ .spec.off | ternary "a" "b" }}', "b"],
  ['{{ boolTernary "true" "a" "b" }}', "b"],
  ["{{ boolDefault .spec.off true }}", false],
  ['{{ eqTernary .spec.replicas "3" "a" "b" }}', "a"],
  ['{{ getStringOr .spec.replicas "x" }}', "x"],
  ["{{ getIntOr 3.9 1 }}", 3],
  ['{{ getIntOr "3" 1 }}', 1],
  ["{{ getBoolOr .spec.missing true }}", true],
  ['{{ required "image is needed" .spec.image }}', "nginx"],
  ['{{ .spec.missing | required "it is needed" }}', fails("template/missing")],
  ['{{ fail "no" }}', fails("template/function")],
]

const types: readonly Row[] = [
  ["{{ typeOf .spec }}{{ typeOf .spec.ports }}{{ typeOf .x }}", "maplistnull"],
  ["{{ typeNumber .spec.replicas }}", true],
  ["{{ typeString .spec.replicas }}", false],
  ['{{ kindIs "slice" .spec.ports }}', true],
  ['{{ kindIs "map" .spec }}', true],
  ['{{ toInt "3.9" }}', 3],
  ["{{ toInt true }}", 1],
  ['{{ toInt "x" }}', fails("template/type")],
  ["{{ toInt .spec.missing }}", fails("template/missing")],
  ['{{ int "x" }}', 0],
  ["{{ int .spec.missing }}", 0],
  ['{{ float64 "1.5" }}', 1.5],
  ['{{ toBool "on" }}', true],
  ['{{ toBool "maybe" }}', fails("template/type")],
  ["{{ toString 3 }}", "3"],
  ["{{ toJson .spec.env }}", '{"A":"one","B":"two"}'],
  ["{{ toJson .spec.missing }}", "null"],
  ['{{ (fromJson "{\\"a\\": [1]}").a }}', [1]],
  ['{{ fromJson "{" }}', fails("template/type")],
  ["{{ toYaml .spec.rows }}", "- name: a\n  size: 1\n- name: b\n  size: 2"],
  ['{{ toYaml (dict "a" "8080" "b" (list) "c" "x\\ny") }}', 'a: "8080"\nb: []\nc: |-\n  x\n  y'],
  ['{{ toYaml (dict "k" (dict "l" (list 1 "true"))) }}', 'k:\n  l:\n  - 1\n  - "true"'],
  ['{{ toList "a, b,c" }}', ["a", "b", "c"]],
  ['{{ asList "[1,2]" }}', [1, 2]],
  ["{{ asMap 5 }}", {}],
  ["{{ asString .spec.ports }}", "[80,443]"],
  ['{{ len "é" }}', 2],
  ["{{ len .spec.missing }}", 0],
]

const strings: readonly Row[] = [
  ["{{ .spec.image | upper }}", "NGINX"],
  ['{{ title "two words" }}', "Two Words"],
  ['{{ trim "  a " }}', "a"],
  ['{{ trim "xxaxx" "x" }}', "a"],
  ['{{ trimAll "x" "xxaxx" }}', "a"],
  ['{{ trimAll "x😀" "x😀ä😀b😀😀x" }}', "ä😀b"],
  ['{{ trimAll "😀" "😀😀" }}', ""],
  ['{{ trimSuffix .spec.host "/" }}', "shop.example.com"],
  ['{{ .spec.host | trimSuffix "/" }}', "shop.example.com"],
  ['{{ .spec.host | trimPrefix "shop." }}', "example.com/"],
  ['{{ "/" | trimSuffix .spec.host }}', "shop.example.com"],
  ['{{ hasPrefix .spec.image "ng" }}', true],
  ['{{ .spec.image | hasSuffix "nx" }}', true],
  ['{{ contains .spec.image "gin" }}', true],
  ['{{ .spec.image | contains "gin" }}', true],
  ['{{ replace .spec.image "n" "$&" }}', "$&gi$&x"],
  ['{{ .spec.host | replace "." "-" }}', "shop-example-com/"],
  ['{{ split "a,b" "," }}', ["a", "b"]],
  ['{{ "a,b" | split "," }}', ["a", "b"]],
  ['{{ splitList "," "a,b" }}', ["a", "b"]],
  ['{{ join .spec.ports "," }}', "80,443"],
  ['{{ .spec.ports | join "," }}', "80,443"],
  ['{{ repeat "ab" 2 }}', "abab"],
  ['{{ "ab" | repeat 2 }}', "abab"],
  ['{{ concat "a" .spec.image "b" }}', "anginxb"],
  ["{{ concat .spec.ports (list 1) }}", [80, 443, 1]],
  ['{{ camelToKebab "myHTTPServer" }}', "my-http-server"],
  ['{{ truncate "abcdefgh" 6 }}', "abc..."],
  ['{{ "abcdefgh" | truncate 6 }}', "abc..."],
  ['{{ trunc 3 "abcdef" }}{{ trunc -2 "abcdef" }}', "abcef"],
  ['{{ "abcdef" | trunc 3 }}', "abc"],
  ['{{ "a\\nb" | indent 2 }}', "  a\n  b"],
  ['{{ "a" | nindent 2 }}', "\n  a"],
  ["{{ quote .spec.image }}{{ squote 1 }}{{ quote .x }}", "\"nginx\"'1'"],
  ['{{ nospace " a b " }}', "ab"],
  ["{{ upper .spec.ports }}", fails("template/type")],
  ['{{ printf "%s-%d" .spec.image .spec.replicas }}', "nginx-3"],
  ['{{ printf "%03d|%-4s|%4s|%.1f|%q|%x|%t|%%" 7 "a" "b" 1.25 "c" 255 true }}', '007|a   |   b|1.2|"c"|ff|true|%'],
  ['{{ printf "%v" .spec.missing }}', ""],
  ['{{ printf "%d" "x" }}', fails("template/type")],
  ['{{ printf "%d" }}', fails("template/function")],
  ['{{ printf "a" 1 }}', fails("template/function")],
  ['{{ print 1 2 "a" 3 }}', "1 2a3"],
  ["{{ println 1 2 }}", "1 2\n"],
  ['{{ slice "abcd" 1 3 }}', "bc"],
  ["{{ slice .spec.ports 1 }}", [443]],
  ['{{ slice "ab" 1 5 }}', fails("template/function")],
]

const data: readonly Row[] = [
  ['{{ b64enc "é" | b64dec }}', "é"],
  ['{{ toBase64 "a" }}', "YQ=="],
  ['{{ fromBase64 "%" }}', fails("template/type")],
  ['{{ sha256sum "a" }}', "ca978112"],
  ['{{ slugify "Hello,  World!" }}', "hello-world"],
  ['{{ truncateName "abcdef" 3 }}', "abc"],
  ['{{ lookup "b" "a" 1 "b" 2 }}', 2],
  ['{{ lookup "z" "a" 1 "b" }}', ""],
  ['{{ repoSlug "git@github.com:acme/My_Repo.git" }}', "my-repo"],
  ['{{ domainHost " https://a.b/ " }}', "a.b"],
  ['{{ domainBare "https://www.a.b/" }}', "a.b"],
  ["{{ sub 5 2 }}{{ mul 2 3 }}{{ mod 7 4 }}", "363"],
  ["{{ div 7 2 }}", 3.5],
  ["{{ div 1 0 }}", fails("template/function")],
  ['{{ add "2" 1.5 }}', 3.5],
  ["{{ add .spec.missing 1 }}", fails("template/missing")],
  ["{{ min 3 1 2 }}{{ max 3 1 2 }}{{ clamp 9 1 5 }}{{ abs -2 }}", "1352"],
  ["{{ add1 1 }}{{ ceil 1.2 }}{{ floor 1.8 }}{{ round 1.256 2 }}", "2211.26"],
  ["{{ until 3 }}", [0, 1, 2]],
  ["{{ untilStep 0 6 2 }}", [0, 2, 4]],
  ["{{ seq 3 }}|{{ seq 2 4 }}|{{ seq 3 1 }}", "1 2 3|2 3 4|3 2 1"],
  ['{{ parseQuantity "1Gi" }}', 1073741824],
  ["{{ formatQuantity 0.25 }}", "250m"],
  ['{{ sumQuantity "1Gi" "1Gi" }}', "2Gi"],
  ['{{ subtractQuantity "500m" "250m" }}', "250m"],
  ['{{ parseQuantity "x" }}', fails("template/type")],
  ['{{ isValidEmail "a@b.c" }}{{ isValidURL "x" }}{{ isValidPort 80 }}', "truefalsetrue"],
  ['{{ isValidJSON "{}" }}{{ isValidImageRef "ghcr.io/a/b:1" }}', "truetrue"],
  ['{{ isValidGitRepository "https://x.y/z.git" }}{{ isDNS1123Subdomain "A" }}', "truefalse"],
  ['{{ isValidLabelValue "" }}{{ isValidLabelKey "a.b/c" }}{{ isValidAnnotationKey "/" }}', "truetruefalse"],
]

const collections: readonly Row[] = [
  ["{{ list 1 2 }}", [1, 2]],
  ['{{ dict "a" 1 "b" }}', { a: 1, b: "" }],
  ["{{ listHas .spec.ports 80 }}", true],
  ["{{ has 80 .spec.ports }}", true],
  ["{{ .spec.ports | has 81 }}", false],
  ["{{ listGet .spec.ports 5 }}", undefined],
  ["{{ listLen .spec.ports }}", 2],
  ["{{ first .spec.ports }}{{ last .spec.ports }}", "80443"],
  ["{{ rest .spec.ports }}", [443]],
  ["{{ append .spec.ports 1 }}", [80, 443, 1]],
  ["{{ reverse .spec.ports }}", [443, 80]],
  ["{{ uniq (list 1 1 2 (list 1) (list 1)) }}", [1, 2, [1]]],
  ["{{ compact (list 1 0 .x) }}", [1]],
  ['{{ sortAlpha (list "b" "a") }}', ["a", "b"]],
  ["{{ without .spec.ports 80 }}", [443]],
  ['{{ mapGet .spec.env "A" }}', "one"],
  ['{{ hasKey .spec.env "Z" }}', false],
  ["{{ keys .spec.env }}", ["A", "B"]],
  ["{{ values .spec.env }}", ["one", "two"]],
  ['{{ pluck "name" (index .spec.rows 0) (index .spec.rows 1) }}', ["a", "b"]],
  ['{{ pick .spec.env "A" }}', { A: "one" }],
  ['{{ omit .spec.env "A" }}', { B: "two" }],
  ['{{ merge (dict "a" (dict "x" 1)) (dict "a" (dict "x" 2 "y" 3)) }}', { a: { x: 1, y: 3 } }],
  ['{{ dig "env" "Z" "none" .spec }}', "none"],
  ["{{ first .spec.image }}", fails("template/type")],
]

const objects: readonly Row[] = [
  ['{{ get . "spec" "ports" 0 }}', 80],
  ['{{ get .x "spec" }}', undefined],
  ["{{ labels .x }}", {}],
  ["{{ (spec .).image }}", "nginx"],
  ["{{ phase . }}", "Running"],
  ['{{ getLabel . "app" }}', "shop"],
  ['{{ . | getLabel "app" }}', "shop"],
  ['{{ getLabelInt . "example.com/rank" }}', 7],
  ['{{ hasLabel . "nope" }}', false],
  ['{{ labelMatches . "app" "shop" "my-label" "dashed" }}', true],
  ['{{ getAnnotation . "note" }}{{ getAnnotationInt . "count" }}', "hi12"],
  ['{{ getStatus . "conditions" }}', ""],
  ['{{ getStatus . "readyReplicas" }}', "3"],
  ['{{ hasCondition . "Ready" }}{{ conditionReason . "Ready" }}', "trueFine"],
  ['{{ conditionMessage .x "Ready" }}', ""],
  ["{{ resourceExists . }}{{ resourceExists .x }}{{ isTerminating . }}", "truefalsefalse"],
  ["{{ generation . }}{{ isSynced . }}{{ isSynced .x }}", "2truetrue"],
  ["{{ ownerKind . }}/{{ ownerName . }}", "Tenant/acme"],
  ["{{ resourceCPU . }} {{ resourceMemory . }}", "250m 1Gi"],
  ["{{ desiredReplicas . }}{{ desiredReplicas .x }}", "31"],
  ["{{ allReplicasReady . }}{{ rolloutComplete . }}", "truefalse"],
]

const calls: readonly Row[] = [
  ["{{ nope }}", refuses("ORK0302")],
  ["{{ upper }}", refuses("ORK0303")],
  ['{{ upper "a" "b" }}', refuses("ORK0303")],
  ["{{ regexMatch `a` `b` }}", false],
  ["{{ randomHex 4 | len }}", 8],
  ["{{ len uuidv4 }}", 36],
  ["{{ randomAlphanumeric 12 | len }}", 12],
]

table("conditional", conditional)
table("types", types)
table("strings", strings)
table("data and numbers", data)
table("collections", collections)
table("objects", objects)
table("calls", calls)

test("every function says what it is, once", () => {
  expect(functionCatalogue.length).toBeGreaterThan(150)
  expect(new Set(functionCatalogue.map((f) => f.name)).size).toBe(functionCatalogue.length)
  for (const doc of functionCatalogue) {
    expect(doc.signature).toStartWith(`${doc.name}(`)
    expect(doc.description).not.toBe("")
  }
})

test("no function declares more arguments than its signature has", () => {
  // The generator passes the place of the call behind the arguments; a function must not take it for one of them.
  for (const { name } of functionCatalogue) {
    const def = functionByName(name)
    expect(def?.call.length ?? 99).toBeLessThanOrEqual(def?.variadic ? 2 : 1 + (def?.max ?? 0))
  }
})
