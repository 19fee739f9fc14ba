// Unpacks LZMA, which makes files a fifth smaller than gzip does. The format is that of `xz --format=lzma`: a byte with lc, lp and pb,
// the size of the dictionary, the size of the file (or −1), and the stream of the range coder.

const HEADER = 13;
const STATES = 12;
const MAX_POSITIONS = 16; // pb is at most 4

// Where the probabilities of each kind begin.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * MAX_POSITIONS;
const IS_REP0 = IS_REP + STATES;
const IS_REP1 = IS_REP0 + STATES;
const IS_REP2 = IS_REP1 + STATES;
const IS_LONG = IS_REP2 + STATES;
const SLOT = IS_LONG + STATES * MAX_POSITIONS; // 4 trees of 6 bits
const SPECIAL = SLOT + 4 * 64; // the low bits of distances
const ALIGN = SPECIAL + 115;
const LENGTH = ALIGN + 16; // of a match: two choices, 16 trees of 3 bits, 16 of 3, one of 8
const LOW = 2;
const MIDDLE = LOW + MAX_POSITIONS * 8;
const HIGH = MIDDLE + MAX_POSITIONS * 8;
const REP_LENGTH = LENGTH + HIGH + 256;
const LITERAL = REP_LENGTH + HIGH + 256;

/** The file of a packed one. @param size  its bytes */
export function unpackLzma(packed: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const lc = packed[0]! % 9;
  const lp = Math.floor(packed[0]! / 9) % 5;
  const pb = Math.floor(packed[0]! / 45);
  const probabilities = new Uint16Array(LITERAL + (0x300 << (lc + lp))).fill(1024);
  const out = new Uint8Array(size);

  let at = HEADER + 1; // the stream's first byte is 0
  let code = 0;
  for (let k = 0; k < 4; ++k) code = ((code << 8) | packed[at++]!) >>> 0;
  let range = 0xffffffff;

  function bit(place: number): 0 | 1 {
    const p = probabilities[place]!;
    const bound = (range >>> 11) * p;
    let value: 0 | 1;
    if (code < bound) {
      range = bound;
      probabilities[place] = p + ((2048 - p) >> 5);
      value = 0;
    } else {
      range -= bound;
      code -= bound;
      probabilities[place] = p - (p >> 5);
      value = 1;
    }
    if (range < 0x1000000) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | packed[at++]!) >>> 0;
    }
    return value;
  }
  function direct(count: number): number {
    let value = 0;
    for (; count > 0; --count) {
      range >>>= 1;
      const one = code >= range;
      if (one) code -= range;
      value = (value << 1) | (one ? 1 : 0);
      if (range < 0x1000000) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | packed[at++]!) >>> 0;
      }
    }
    return value;
  }
  function tree(base: number, bits: number): number {
    let node = 1;
    for (let k = 0; k < bits; ++k) node = (node << 1) | bit(base + node);
    return node - (1 << bits);
  }
  function reversed(base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let k = 0; k < bits; ++k) {
      const next = bit(base + node);
      node = (node << 1) | next;
      value |= next << k;
    }
    return value;
  }
  function length(base: number, position: number): number {
    if (bit(base) === 0) return tree(base + LOW + 8 * position, 3);
    if (bit(base + 1) === 0) return 8 + tree(base + MIDDLE + 8 * position, 3);
    return 16 + tree(base + HIGH, 8);
  }
  function distance(long: number): number {
    const slot = tree(SLOT + 64 * Math.min(long, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) << bits;
    if (slot < 14) return high + reversed(SPECIAL + high - slot, bits);
    return (high >>> 0) + direct(bits - 4) * 16 + reversed(ALIGN, 4);
  }

  let state = 0; // of what came last: literals below 7
  let [rep0, rep1, rep2, rep3] = [0, 0, 0, 0];
  for (let end = 0; end < size;) {
    const position = end & ((1 << pb) - 1);
    if (bit(IS_MATCH + 16 * state + position) === 0) {
      const before = end === 0 ? 0 : out[end - 1]!;
      const base = LITERAL + 0x300 * (((end & ((1 << lp) - 1)) << lc) + (before >> (8 - lc)));
      let symbol = 1;
      if (state >= 7) {
        // The byte at the last distance tells what this one probably is, as long as they agree.
        for (let likely = out[end - rep0 - 1]!; symbol < 0x100; likely <<= 1) {
          const guess = (likely >> 7) & 1;
          const next = bit(base + ((1 + guess) << 8) + symbol);
          symbol = (symbol << 1) | next;
          if (next !== guess) break;
        }
      }
      while (symbol < 0x100) symbol = (symbol << 1) | bit(base + symbol);
      out[end++] = symbol;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let long: number;
    if (bit(IS_REP + state) === 0) {
      [rep3, rep2, rep1] = [rep2, rep1, rep0];
      long = length(LENGTH, position);
      rep0 = distance(long);
      state = state < 7 ? 7 : 10;
      if (rep0 === 0xffffffff) break;
    } else {
      if (bit(IS_REP0 + state) === 0) {
        if (bit(IS_LONG + 16 * state + position) === 0) {
          state = state < 7 ? 9 : 11;
          out[end] = out[end - rep0 - 1]!;
          ++end;
          continue;
        }
      } else if (bit(IS_REP1 + state) === 0) [rep0, rep1] = [rep1, rep0];
      else if (bit(IS_REP2 + state) === 0) [rep0, rep1, rep2] = [rep2, rep0, rep1];
      else [rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
      long = length(REP_LENGTH, position);
      state = state < 7 ? 8 : 11;
    }
    for (const stop = Math.min(size, end + long + 2); end < stop; ++end) out[end] = out[end - rep0 - 1]!;
  }
  return out;
}
