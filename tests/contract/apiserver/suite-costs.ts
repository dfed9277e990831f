import { type Interaction, post, type Step } from "./interaction.ts"

// Nothing is kept: these are dry runs.

const told = { only: ["code", "reason", "causes"] as const, because: "several causes come in no order" }

const text = (maxLength?: number) => ({ type: "string", ...(maxLength === undefined ? {} : { maxLength }) })
const list = (items: object, maxItems?: number) => ({
  type: "array",
  items,
  ...(maxItems === undefined ? {} : { maxItems }),
})
const map = (additionalProperties: object, maxProperties?: number) => ({
  ...{ type: "object", additionalProperties },
  ...(maxProperties === undefined ? {} : { maxProperties }),
})
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more })
const ruled = (schema: object, ...rules: readonly (string | object)[]) => ({
  ...schema,
  "x-kubernetes-validations": rules.map((rule) => (typeof rule === "string" ? { rule } : rule)),
})

function crd(spec: object): Step {
  const names = { kind: "Costly", plural: "costlies", singular: "costly" }
  const openAPIV3Schema = { type: "object", properties: { spec } }
  return post(
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All",
    {
      metadata: { name: "costlies.costs.example.com" },
      spec: {
        group: "costs.example.com",
        names,
        scope: "Namespaced",
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    },
    told,
  )
}

const rich = object({
  name: text(),
  short: text(10),
  kind: { type: "string", enum: ["a", "bcd"] },
  count: { type: "integer" },
  when: { type: "string", format: "date-time" },
  port: { "x-kubernetes-int-or-string": true },
  names: list(text()),
  few: list(text(10), 10),
  numbers: list({ type: "integer" }),
  pairs: list(object({ key: text(), value: text(20) }, { required: ["key"] })),
  labels: map(text()),
  limits: map(text(20), 20),
  nested: list(list(text())),
  groups: list(object({ members: list(object({ id: text(30) })) })),
})

const rules = [
  "self.count > 1",
  "self.name == 'x'",
  "self.name == self.short",
  "self.name.contains('x')",
  "self.name.contains(self.name)",
  "self.name.matches('^[a-z]+$')",
  "self.short.matches('^[a-z]+$')",
  "self.names.all(n, n == 'x')",
  "self.names.all(n, n.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$'))",
  "self.few.all(n, n.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$'))",
  "self.names.all(n, self.names.exists_one(m, m == n))",
  "self.few.all(n, self.few.exists_one(m, m == n))",
  "self.few.all(n, self.few.all(m, self.few.all(o, o == m || m == n)))",
  "self.numbers.all(n, self.numbers.exists(m, m == n))",
  "self.numbers.map(n, n * 2).all(m, m > 1)",
  "self.numbers.filter(n, n > 1).size() > 2",
  "self.pairs.all(p, p.key == 'a' || p.value == 'b')",
  "self.pairs.all(p, self.pairs.all(q, p.key != q.key))",
  "self.pairs.map(p, p.key).all(k, k.startsWith('a'))",
  "self.labels.all(k, k.startsWith('a'))",
  "self.labels.all(k, self.labels[k] == 'x')",
  "self.labels.exists(k, self.labels[k].matches('^a+$'))",
  "self.limits.all(k, self.limits[k].matches('^a+$'))",
  "self.nested.all(l, l.all(n, n == 'x'))",
  "self.groups.all(g, g.members.all(m, m.id != ''))",
  "self.groups.all(g, g.members.exists(m, self.names.exists(n, n == m.id)))",
  "'x' in self.names",
  "self.names.all(n, n in self.few)",
  "self.few.all(n, n in self.names)",
  "self.names.isSorted()",
  "self.names.join(',').size() > 3",
  "self.name.split(',').all(p, p.size() > 1)",
  "self.name.lowerAscii().upperAscii() == 'X'",
  "self.name.replace('a', 'bb').contains('x')",
  "self.name + self.name == 'x'",
  "self.names + self.names == self.names",
  "has(self.name) && self.name != ''",
  "!has(self.few) || self.few.size() < 3",
  "self.kind in ['a', 'b', 'c']",
  "self.when > timestamp('2020-01-01T00:00:00Z')",
  "self.names == oldSelf.names",
  "oldSelf.names.all(n, n in self.names)",
  "type(self.port) == string && self.port.matches('^[0-9]+%$')",
  "self.names.filter(n, n != 'a').map(n, n + 'b').exists(n, n == 'c')",
  "self.pairs.filter(p, p.key != '').all(p, p.value.contains('x'))",
  "size(self.names) == size(self.few)",
  "self.count == 1 ? self.name == 'a' : self.names.exists(n, n == self.name)",
  "quantity(self.name).isGreaterThan(quantity('1'))",
  "self.names.all(n, isURL(n))",
  "self.names.all(n, url(n).getHost() == 'x')",
  "self.name.find('[0-9]+') == '1'",
  "self.names.indexOf('a') == 1",
]

/** Rules of CRDs that may take too long. */
export const costSuite: readonly Interaction[] = [
  { name: "what one rule may cost", steps: rules.map((rule) => crd(ruled(rich, rule))) },
  {
    name: "what a rule may cost where it is repeated",
    steps: [
      crd(list(ruled(text(), "self == 'x'"))),
      crd(list(ruled(text(5), "self.matches('^a+$')"))),
      crd(list(ruled(text(5), "self.matches('^a+$')"), 10)),
      crd(list(list(ruled(text(5), "self == 'x'"), 10), 100)),
      crd(map(ruled(text(), "self.contains('x')"))),
      crd(map(ruled(object({ a: list(text()) }), "self.a.all(x, x == 'y')"), 100)),
      crd(list(ruled(object({ a: text(), b: text() }, { required: ["a", "b"] }), "self.a == self.b"))),
      crd(list(ruled(object({ a: { type: "integer" } }), "self.a > 1"))),
      crd(list(object({ a: ruled({ type: "integer" }, "self > 1") }))),
      crd(ruled(list(object({ a: text() })), "self.all(x, self.exists_one(y, x.a == y.a))")),
      crd(ruled(list(object({ a: text(63) }), 64), "self.all(x, self.exists_one(y, x.a == y.a))")),
    ],
  },
  {
    name: "what rules may cost together",
    steps: [
      crd(
        object(
          Object.fromEntries(
            Array.from({ length: 15 }, (_, i) => [
              `p${i}`,
              ruled(list(text(), 25 + i), "self.all(x, x.startsWith(self[0]))"),
            ]),
          ),
        ),
      ),
      crd(ruled(rich, { rule: "true", messageExpression: "self.names.join(',')" })),
      crd(ruled(rich, { rule: "true", messageExpression: "'x' + self.name" })),
    ],
  },
]
