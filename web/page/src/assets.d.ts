declare module "*.css";

// The library as WebAssembly: explorer.js of the folder that build.mjs is told.
declare module "explorer" {
  export interface Explorer {
    HEAPU8: Uint8Array; // another one after memory has grown
    _reserve(bytes: number): number;
    _answer(jsonBytes: number, blobBytes: number): number;
  }
  export default function createExplorer(overrides: {
    wasmBinary: Uint8Array;
    locateFile: (name: string) => string;
    print?: (line: string) => void;
    printErr?: (line: string) => void;
  }): Promise<Explorer>;
}

declare module "*.txt" {
  const text: string;
  export default text;
}
