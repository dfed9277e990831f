import type { Case, Row } from "./cases.ts"

const text = { type: "string", maxLength: 50 }
const int = { type: "integer" }
const listOf = (items: object, more: object = {}) => ({ type: "array", maxItems: 10, items, ...more })
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more })

/** What every rule of the tables below sees as `self`. */
const data = object({
  name: text,
  empty: text,
  replicas: int,
  min: int,
  max: int,
  ratio: { type: "number" },
  on: { type: "boolean" },
  names: listOf(text),
  numbers: listOf(int),
  labels: { type: "object", maxProperties: 10, additionalProperties: text },
  items: listOf(object({ name: text, v: int, inner: object({ a: text }) }, { required: ["name"] })),
  byName: listOf(object({ name: text, v: int }, { required: ["name"] }), {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
  }),
  tags: listOf(text, { "x-kubernetes-list-type": "set" }),
  nested: object({ a: object({ b: text }) }),
  port: { "x-kubernetes-int-or-string": true, maxLength: 20 },
  when: { type: "string", format: "date-time", maxLength: 40 },
  wait: { type: "string", format: "duration", maxLength: 20 },
  "some-key": text,
  "a.b": text,
  namespace: text,
  missing: object({ x: text }),
  absent: text,
})

const self = {
  name: "web-1",
  empty: "",
  replicas: 3,
  min: 1,
  max: 5,
  ratio: 0.5,
  on: true,
  names: ["a", "b", "c"],
  numbers: [3, 1, 2],
  labels: { app: "web", "x/y": "z" },
  items: [
    { name: "one", v: 1, inner: { a: "i" } },
    { name: "two", v: 2 },
  ],
  byName: [
    { name: "one", v: 1 },
    { name: "two", v: 2 },
  ],
  tags: ["x", "y"],
  nested: { a: { b: "deep" } },
  port: 80,
  when: "2026-01-02T03:04:05Z",
  wait: "90s",
  "some-key": "dashed",
  "a.b": "dotted",
  namespace: "word",
}

const core = [
  "self.replicas >= self.min && self.replicas <= self.max",
  "self.replicas > self.max",
  "self.min + self.max * 2 - 1 == 10 && self.max / 2 == 2 && self.max % 2 == 1 && -self.min < 0",
  "self.ratio < 1.0 && self.ratio * 2.0 == 1.0",
  "double(self.replicas) > self.ratio",
  "self.on && !false",
  "self.name == 'web-1' || self.absent == 'x'",
  "self.absent == 'x' || self.name == 'web-1'",
  "has(self.name) && !has(self.absent) && has(self.empty)",
  "has(self.nested.a.b) && !has(self.missing)",
  "!has(self.missing.x)",
  "has(self.items[0].inner) && !has(self.items[1].inner)",
  "self.on ? self.name.size() == 5 : false",
  "self.names.all(n, n.size() == 1) && self.names.exists(n, n == 'b') && self.names.exists_one(n, n == 'c')",
  "self.names.filter(n, n != 'a') == ['b', 'c'] && self.names.map(n, n + '!') == ['a!', 'b!', 'c!']",
  "self.items.map(i, i.v > 1, i.name) == ['two']",
  "self.items.all(i, self.items.exists_one(j, j.name == i.name))",
  "self.labels.all(k, k == 'app' || self.labels[k] == 'z') && 'app' in self.labels && !('q' in self.labels)",
  "self.labels.app == 'web' && self.labels['x/y'] == 'z' && size(self.labels) == 2",
  "self.names[0] == 'a' && self.names[2] == 'c' && 'b' in self.names",
  "self.names[5] == 'a'",
  "self.labels['nope'] == 'a'",
  "self.absent == 'a'",
  "self.replicas / 0 == 1",
  "self.names + ['d'] == ['a', 'b', 'c', 'd']",
  "self.nested == self.nested && self.items[0] != self.items[1]",
  "self.byName == [self.byName[1], self.byName[0]] && self.tags == ['y', 'x']",
  "self.names == ['b', 'a', 'c']",
  "type(self.replicas) == int && type(self.name) == string && type(self.port) == int",
  "self.port == 80 && int(self.port) < 100",
  "type(self.port) == string ? self.port == 'http' : self.port > 0",
  "string(self.replicas) == '3' && int('3') == self.replicas && double('0.5') == self.ratio && string(self.on) == 'true'",
  "self.some__dash__key == 'dashed' && self.a__dot__b == 'dotted' && self.__namespace__ == 'word'",
  "self.when > timestamp('2026-01-01T00:00:00Z') && self.when.getFullYear() == 2026 && self.when.getHours() == 3",
  "self.wait == duration('1m30s') && self.wait.getSeconds() == 90 && self.when + self.wait == timestamp('2026-01-02T03:05:35Z')",
  "self.when.getDayOfWeek() == 5 && self.when.getDayOfMonth() == 1 && self.when.getMonth() == 0 && self.when.getDayOfYear() == 1 && self.when.getDate() == 2",
  "self.?absent.orValue('x') == 'x' && self.?name.hasValue() && self.?nested.?a.?b.value() == 'deep'",
  "self.?missing.?x.orValue('none') == 'none' && !self.?missing.x.hasValue()",
  "self.labels[?'app'].orValue('') == 'web' && self.names[?9].orValue('q') == 'q'",
  "optional.of(1).value() == 1 && !optional.none().hasValue() && optional.ofNonZeroValue('').orValue('z') == 'z'",
  "self.?absent.or(optional.of('y')).value() == 'y' && self.?name.optMap(n, n.size()).value() == 5",
  "self.?name.optFlatMap(n, optional.of(n.size())).value() == 5",
  "dyn(self.replicas) == 3.0 && dyn(1) == 1u && dyn('a') != 1",
  "self.replicas in [1, 2, 3] && !(self.replicas in [])",
  "1 == 1 ? true : self.absent == ''",
  "[1, 2, 3].exists(x, x > 2) && {'a': 1}.a == 1 && {'a': 1}['a'] == 1 && has({'a': 1}.a)",
  "uint(3) == 3u && 3u + 1u == 4u && b'abc' == bytes('abc') && size(b'ab') == 2",
  "9223372036854775807 + self.min > 0",
  "r'\\d' == '\\\\d' && \"it's\" == 'it\\'s' && '\\u00e4' == 'ä' && size('ä€😀') == 3",
  "self.names.exists(i, v, i == 1 && v == 'b') && self.labels.all(k, v, k != v)",
  "self.names.transformList(i, v, i > 0, v) == ['b', 'c'] && self.labels.transformMap(k, v, v + k)['app'] == 'webapp'",
  "self.names.existsOne(i, v, v == 'a')",
  "null == null",
  "true || self.names[9] == 'a'",
  "self.names[9] == 'a' || true",
  "false && self.names[9] == 'a'",
]

const library = [
  "self.name.startsWith('web') && self.name.endsWith('1') && self.name.contains('-') && self.name.matches('^[a-z]+-[0-9]$')",
  "matches(self.name, 'eb') && !self.name.matches('^eb')",
  "self.name.replace('e', 'E') == 'wEb-1' && 'aaa'.replace('a', 'b', 2) == 'bba' && self.name.charAt(0) == 'w' && self.name.charAt(5) == ''",
  "self.name.substring(1, 3) == 'eb' && self.name.substring(4) == '1' && self.name.indexOf('b') == 2 && self.name.lastIndexOf('x') == -1",
  "self.name.split('-').size() == 2",
  "'a,b,c'.split(',', 2) == ['a', 'b,c']",
  "'ÄB'.lowerAscii() == 'Äb' && 'äb'.upperAscii() == 'äB' && '  x '.trim() == 'x'",
  "'%s=%d %.2f %s'.format(['a', 1, 0.5, true]) == 'a=1 0.50 true'",
  "strings.quote('a\"b') == '\"a\\\\\"b\"'",
  "'abc 123 def 45'.find('[0-9]+') == '123' && 'abc 123 def 45'.findAll('[0-9]+') == ['123', '45'] && 'a1b2'.findAll('[0-9]', 1) == ['1'] && 'x'.find('y') == ''",
  "[1, 2, 2].isSorted() && !self.numbers.isSorted() && self.numbers.sum() == 6 && self.numbers.min() == 1 && self.numbers.max() == 3",
  "self.numbers.indexOf(1) == 1 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(5) == -1 && self.names.isSorted() && self.names.max() == 'c'",
  "self.numbers.slice(1, 3) == [1, 2] && [[1], [2, 3]].flatten() == [1, 2, 3] && [1, 2, 1].distinct() == [1, 2] && self.numbers.sort() == [1, 2, 3] && [1, 2].reverse() == [2, 1]",
  "self.items.sortBy(i, -i.v)[0].name == 'two' && lists.range(3) == [0, 1, 2]",
  "isURL('https://a.example.com:8080/p?q=1') && !isURL('not a url') && url('https://a.example.com:8080/p?q=1').getHost() == 'a.example.com:8080'",
  "url('https://a.example.com:8080/p?q=1').getHostname() == 'a.example.com' && url('https://a.example.com:8080/p').getPort() == '8080' && url('https://a/p').getScheme() == 'https' && url('https://a/b%20c').getEscapedPath() == '/b%20c' && url('https://a/p?q=1').getQuery() == {'q': ['1']}",
  "isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.256') && ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && ip.isCanonical('10.0.0.1') && !ip.isCanonical('FE80::1')",
  "ip('10.0.0.1') == ip('10.0.0.1') && !ip('10.0.0.1').isUnspecified() && ip('224.0.0.1').isLinkLocalMulticast() && ip('8.8.8.8').isGlobalUnicast() && string(ip('10.0.0.1')) == '10.0.0.1'",
  "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/99') && cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.0.0.0/8').prefixLength() == 8",
  "cidr('10.1.0.0/8').masked() == cidr('10.0.0.0/8') && cidr('10.0.0.0/8').ip() == ip('10.0.0.0')",
  "isQuantity('1.5Gi') && !isQuantity('x') && quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1').add(2) == quantity('3') && quantity('50k').asInteger() == 50000",
  "quantity('200m').compareTo(quantity('0.2')) == 0 && quantity('1').sub(quantity('2')).isLessThan(quantity('0')) && quantity('1.5').asApproximateFloat() == 1.5 && !quantity('1.5').isInteger() && quantity('1').isLessThan(quantity('2'))",
  "sets.contains([1, 2, 3], [1, 2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1], [1, 2]) && !sets.intersects([1], [2])",
  "!format.dns1123Label().validate('ok-name').hasValue() && format.dns1123Label().validate('Not_Ok').hasValue() && format.named('dns1123Label').hasValue()",
  "format.dns1123Subdomain().validate('a.b').hasValue() || format.qualifiedName().validate('a/b/c').hasValue()",
  "isSemver('1.2.3') && semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.2.3').major() == 1 && !isSemver('1.2')",
]

const details = [
  { rule: "self.replicas == 0", message: "must be none" },
  { rule: "self.replicas == 0", messageExpression: "self.name + ' has too many'" },
  { rule: "self.replicas == 0", messageExpression: "self.names[9]", message: "as a last resort" },
  { rule: "self.replicas == 0", messageExpression: "''" },
  { rule: "self.replicas == 0", reason: "FieldValueForbidden" },
  { rule: "self.replicas == 0", reason: "FieldValueRequired", message: "is needed" },
  { rule: "self.replicas == 0", reason: "FieldValueDuplicate", message: "is there twice" },
  { rule: "self.replicas == 0", fieldPath: ".replicas", message: "at a member" },
  { rule: "self.replicas == 0", fieldPath: ".nested.a.b" },
  { rule: "self.replicas == 0", fieldPath: ".labels['app']" },
  { rule: "self.replicas ==\n 0", message: "two lines" },
] as const

function table(name: string, rules: readonly (string | object)[]): Case {
  const properties = Object.fromEntries(
    rules.map((rule, i) => [
      `p${i}`,
      { ...data, "x-kubernetes-validations": [typeof rule === "string" ? { rule } : rule] },
    ]),
  )
  return {
    name,
    schema: object({ spec: object(properties) }),
    rows: rules.map((_, i): Row => ({ value: { spec: { [`p${i}`]: self } } })),
  }
}

const ruled = (schema: object, ...rules: readonly object[]) => ({ ...schema, "x-kubernetes-validations": rules })

const places: Case = {
  name: "rules at the root, in lists, maps and scalars",
  schema: ruled(
    object({
      status: object({ n: int }),
      spec: object({
        n: ruled(int, { rule: "self > 0", message: "must be positive" }),
        s: ruled(text, { rule: "self.startsWith('a')" }),
        list: listOf(ruled(object({ k: int }), { rule: "self.k < 5" })),
        map: { type: "object", maxProperties: 5, additionalProperties: ruled(int, { rule: "self < 5" }) },
        whole: ruled(listOf(int), { rule: "self.size() < 2" }),
        obj: ruled(
          object({ a: int, b: int }),
          { rule: "self.a < self.b", message: "a below b" },
          { rule: "self.a > 10" },
        ),
        meta: object({ metadata: object({}) }, { "x-kubernetes-embedded-resource": true }),
      }),
    }),
    { rule: "!has(self.spec) || !has(self.spec.n) || self.spec.n < 100", message: "n is too large" },
    { rule: "self.metadata.name.size() < 50 && self.kind != '' && self.apiVersion != ''" },
  ),
  rows: [
    {},
    { spec: { n: 0 } },
    { spec: { n: 1000 } },
    { spec: { s: "b" } },
    { spec: { list: [{ k: 1 }, { k: 9 }] } },
    { spec: { map: { ok: 1, bad: 9, "b.c/d": 9 } } },
    { spec: { whole: [1, 2] } },
    { spec: { obj: { a: 2, b: 1 } } },
    { spec: { n: "x" } },
    { spec: { n: 0, s: "b", obj: { a: 1 } } },
  ].map((value) => ({ value })),
}

const transitions: Case = {
  name: "rules about changes",
  schema: object({
    spec: ruled(
      object({
        fixed: ruled(text, { rule: "self == oldSelf", message: "is immutable" }),
        once: ruled(text, { rule: "!oldSelf.hasValue() || oldSelf.value() == self", optionalOldSelf: true }),
        list: listOf(ruled(object({ k: text, v: int }, { required: ["k"] }), { rule: "self.v >= oldSelf.v" }), {
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
        }),
        plain: ruled(int, { rule: "self < 10" }),
        other: text,
      }),
      { rule: "!has(oldSelf.fixed) || has(self.fixed)", message: "cannot be removed" },
    ),
  }),
  rows: [
    { value: { spec: { fixed: "a", once: "b" } } },
    { old: { spec: { fixed: "a" } }, value: { spec: { fixed: "b" } } },
    { old: { spec: { fixed: "a" } }, value: { spec: { fixed: "a", other: "x" } } },
    { old: { spec: { fixed: "a" } }, value: { spec: {} } },
    { old: { spec: {} }, value: { spec: { fixed: "b" } } },
    { old: { spec: { once: "a" } }, value: { spec: { once: "b" } } },
    {
      old: {
        spec: {
          list: [
            { k: "x", v: 2 },
            { k: "y", v: 2 },
          ],
        },
      },
      value: {
        spec: {
          list: [
            { k: "y", v: 3 },
            { k: "x", v: 1 },
          ],
        },
      },
    },
    { old: { spec: { plain: 1 } }, value: { spec: { plain: 12 } } },
  ],
}

/** Rules of CRDs in CEL. */
export const celCases: readonly Case[] = [
  table("the language", core),
  table("the libraries", library),
  table("messages, reasons and field paths", details),
  places,
  transitions,
]
