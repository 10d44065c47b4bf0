// The browser out of its npm package: node unpack.mjs FILE.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const [out] = process.argv.slice(2);
const packed = readFileSync("node_modules/@sparticuz/chromium/bin/chromium.br");
writeFileSync(out, brotliDecompressSync(packed));
chmodSync(out, 0o755);
