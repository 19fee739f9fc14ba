// Bytes as text that a page can hold. A character has seven bits; base64's have six. Three characters would not survive in HTML: their
// bits, and the next seven, are one character beyond ASCII, of two bytes in UTF-8. So 7 bytes take 8, always.

const FORBIDDEN = [0x00, 0x0d, 0x3c]; // NUL, carriage return, <

/** @param {Uint8Array} bytes @returns {string} */
export function textOf(bytes) {
  const groups = Math.ceil((bytes.length * 8) / 7);
  const group = (k) => {
    const bit = 7 * k;
    const [at, shift] = [bit >> 3, bit & 7];
    return ((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) >> (9 - shift)) & 127;
  };
  const letters = [];
  for (let k = 0; k < groups; ++k) {
    const forbidden = FORBIDDEN.indexOf(group(k));
    letters.push(String.fromCharCode(forbidden < 0 ? group(k) : 128 * (forbidden + 1) + group(++k)));
  }
  return letters.join("");
}

/** @param {string} text @param {number} size of the bytes @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(text, size) {
  const bytes = new Uint8Array(size);
  let [at, held, bits] = [0, 0, 0];
  const take = (group) => {
    held = (held << 7) | group;
    bits += 7;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  };
  for (let k = 0; k < text.length; ++k) {
    const code = text.charCodeAt(k);
    if (code > 127) take(FORBIDDEN[(code >> 7) - 1] ?? 0);
    take(code & 127);
  }
  return bytes;
}
