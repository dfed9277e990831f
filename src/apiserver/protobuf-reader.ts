/** The fields of one message, by number: numbers as they are, everything else as bytes. */
export class Message {
  readonly #fields: ReadonlyMap<number, readonly (bigint | Uint8Array)[]>

  constructor(fields: ReadonlyMap<number, readonly (bigint | Uint8Array)[]>) {
    this.#fields = fields
  }

  /** All values of a field, in order. */
  all(number: number): readonly (bigint | Uint8Array)[] {
    return this.#fields.get(number) ?? []
  }

  /** The last value of a field as bytes; none where it is absent. */
  bytes(number: number): Uint8Array {
    const value = this.all(number).at(-1)
    return value instanceof Uint8Array ? value : new Uint8Array()
  }

  /** The last value of a field as text. */
  text(number: number): string {
    return new TextDecoder().decode(this.bytes(number))
  }

  /** The last value of a field as a number; 0 where it is absent. */
  number(number: number): number {
    const value = this.all(number).at(-1)
    return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : 0
  }
}

/** Reads the wire form of protobuf: numbers and lengths. Throws where the bytes end too early. */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** All bytes as one message. */
  message(): Message {
    const fields = new Map<number, (bigint | Uint8Array)[]>()
    while (this.#at < this.#bytes.length) {
      const tag = Number(this.#varint())
      const value = this.#value(tag & 7)
      const known = fields.get(tag >>> 3)
      if (known === undefined) fields.set(tag >>> 3, [value])
      else known.push(value)
    }
    return new Message(fields)
  }

  #value(wire: number): bigint | Uint8Array {
    if (wire === 0) return this.#varint()
    if (wire === 1) return this.#take(8)
    if (wire === 2) return this.#take(Number(this.#varint()))
    if (wire === 5) return this.#take(4)
    throw new Error(`proto: illegal wireType ${wire}`)
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error("unexpected EOF")
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  #varint(): bigint {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new Error("unexpected EOF")
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return result
    }
    throw new Error("proto: integer overflow")
  }
}
