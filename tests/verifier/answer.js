/* Answers of the verifier, one a line: `[function, argument]` in, what it gives out. */
"use strict";
const { createInterface } = require("node:readline");
const verifier = require(process.argv[2]);

const asked = {
  verify: verifier.verify,
  verifyBytes: (base64) => verifier.verify(new Uint8Array(Buffer.from(base64, "base64"))),
  sha256: (base64) => verifier.sha256(new Uint8Array(Buffer.from(base64, "base64"))),
  canonical: verifier.canonical,
  conversions: (pairs) => JSON.parse(pairs).map(([from, to]) => verifier.conversion(from, to)),
};

createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  const [name, argument] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(asked[name](argument))}\n`);
});
