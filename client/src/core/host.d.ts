// What every host of this core has, browser, worker and Node: text as UTF-8. Nothing else of the outside is
// known here.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}

declare function btoa(text: string): string;
declare function atob(text: string): string;
