/* Answers for bundles, one a line: a JSON text in, the answer of the verifier out. */
"use strict";
const { createInterface } = require("node:readline");
const { verify } = require(process.argv[2]);

createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(verify(JSON.parse(line)))}\n`);
});
