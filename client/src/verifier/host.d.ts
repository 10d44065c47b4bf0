// What the verifier takes from the platform, in browsers, workers and Node alike: text encodings and
// unpredictable bytes.

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare class TextDecoder {
  constructor(label: string, options: { readonly fatal: boolean; readonly ignoreBOM: boolean });
  decode(raw: Uint8Array): string;
}

declare const crypto: { getRandomValues<T extends Uint8Array>(array: T): T };
