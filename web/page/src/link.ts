// Texts as short words for a link.

/** A text, deflated where the browser can, in base64url. The first character tells which: "d" deflated, "p" plain. */
export async function pack(text: string): Promise<string> {
  const plain = new TextEncoder().encode(text);
  const small = await through(plain, "CompressionStream");
  return small && small.length < plain.length ? "d" + encode(small) : "p" + encode(plain);
}

/** What `pack` made of a text; null if it is none of that. */
export async function unpack(word: string): Promise<string | null> {
  try {
    const bytes = decode(word.slice(1));
    const plain = word[0] === "d" ? await through(bytes, "DecompressionStream") : word[0] === "p" ? bytes : null;
    return plain && new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    return null;
  }
}

/** The most that a link may unfold to: what is larger was not written by hand. */
const limit = 200_000;

async function through(bytes: Uint8Array<ArrayBuffer>, way: "CompressionStream" | "DecompressionStream"): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!(way in globalThis)) return null;
  const reader = new Blob([bytes]).stream().pipeThrough(new globalThis[way]("deflate-raw")).getReader();
  const parts: BlobPart[] = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
}

function encode(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function decode(word: string): Uint8Array<ArrayBuffer> {
  const text = atob(word.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
