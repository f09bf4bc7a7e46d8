"use strict";
/* What the self-checks of a cohort and of a ledger share: digests, JSON of one reading, and what is said of a page. */
window.screeningPage = (() => {
  const of = (id) => document.getElementById(id);
  const { altered, plain } = window.screeningSeal;

  // -------------------------------------------------------------------- SHA-256 (FIPS 180-4)

  // The first 32 bits behind the point of the square or cubic roots of the first primes.
  const bitsOfRoots = (many, power) => {
    const found = [];
    for (let n = 2; found.length < many; n += 1) {
      let isPrime = true;
      for (let by = 2; by * by <= n && isPrime; by += 1) isPrime = n % by !== 0;
      if (!isPrime) continue;
      // floor(2^32 * n^(1/power)), whole numbers throughout, of which the last 32 bits are taken.
      const wanted = BigInt(n) << BigInt(32 * power);
      let low = 0n;
      let high = 1n << 40n;
      while (high - low > 1n) {
        const middle = (low + high) / 2n;
        if (middle ** BigInt(power) <= wanted) low = middle;
        else high = middle;
      }
      found.push(Number(low & 0xffffffffn));
    }
    return found;
  };
  const START = Int32Array.from(bitsOfRoots(8, 2));
  const CONSTANTS = Int32Array.from(bitsOfRoots(64, 3));

  const compress = (state, words) => {
    for (let n = 16; n < 64; n += 1) {
      const x = words[n - 15];
      const y = words[n - 2];
      const zero = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const one = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[n] = (words[n - 16] + zero + words[n - 7] + one) | 0;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (let n = 0; n < 64; n += 1) {
      const one = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + one + ((e & f) ^ (~e & g)) + CONSTANTS[n] + words[n]) | 0;
      const zero = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (zero + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + first) | 0; d = c; c = b; b = a; a = (first + second) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  };

  const sha256 = (bytes) => {
    const padded = new Uint8Array((((bytes.length + 8) >>> 6) + 1) << 6);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
    view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
    const state = START.slice();
    const words = new Int32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let n = 0; n < 16; n += 1) words[n] = view.getInt32(block + 4 * n);
      compress(state, words);
    }
    return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };

  // -------------------------------------------------------------------- JSON (RFC 8259, RFC 8785)

  const canonical = (data) => {
    if (data === null || typeof data === "boolean" || typeof data === "number") return JSON.stringify(data);
    if (typeof data === "string") {
      if (/\p{Cs}/u.test(data)) throw new Error("half of a pair of signs stands alone");
      return JSON.stringify(data);
    }
    if (Array.isArray(data)) return `[${data.map(canonical).join(",")}]`;
    // The order of sort is that of RFC 8785: by UTF-16 code units.
    return `{${Object.keys(data).sort().map((key) => `${canonical(key)}:${canonical(data[key])}`).join(",")}}`;
  };
  const digest = (data) => sha256(new TextEncoder().encode(canonical(data)));

  const keysOf = (data) => {
    if (typeof data !== "object" || data === null) return 0;
    if (Array.isArray(data)) return data.reduce((many, each) => many + keysOf(each), 0);
    return Object.values(data).reduce((many, each) => many + 1 + keysOf(each), 0);
  };
  // Data of which two programs cannot read two different things: no key stands twice in an object.
  const read = (text) => {
    const data = JSON.parse(text);
    let written = 0;
    for (const found of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)) if (found[1] !== undefined) written += 1;
    if (written !== keysOf(data)) throw new Error("a key stands twice");
    return data;
  };

  // -------------------------------------------------------------------- the words of a page

  // Somebody else's words on one line, as pages write them: what is no printable sign is shown by its number. Every
  // sign beyond ASCII is compared by its number, since programs differ in which of them they take for printable.
  const SPACES = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
  const numbered = (sign) => {
    const number = sign.codePointAt(0);
    const written = number.toString(16);
    if (number < 0x100) return `\\x${written.padStart(2, "0")}`;
    return number < 0x10000 ? `\\u${written.padStart(4, "0")}` : `\\U${written.padStart(8, "0")}`;
  };
  const safe = (text) => {
    const line = /[\t\n\r\f\v]/.test(text) ? text.split(SPACES).join(" ").trim() : text;
    return /^[\x20-\x7e]*$/.test(line) ? line : Array.from(line, (sign) => (/[\x20-\x7e]/.test(sign) ? sign : numbered(sign))).join("");
  };
  const isBlank = (text) => text.replace(SPACES, "") === "";
  const words = (text) => safe(text.replace(/[ \t\n\r\f]+/g, " ")).replace(/ +/g, " ").trim();
  const joined = (parts, by = ", ") => parts.filter((part) => part !== "").join(by);
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  const counted = (number, one, many = `${one}s`) =>
    (number === 0 ? `no ${many}` : `${grouped(number)} ${number === 1 ? one : many}`);

  // The facts of a list of facts, by name; of several texts of one fact all.
  const factsOf = (within) => {
    const found = new Map();
    for (const each of within?.querySelectorAll(":scope > dl > div") ?? []) {
      const texts = Array.from(each.querySelectorAll("dd"), (one) => words(one.textContent));
      found.set(words(each.querySelector("dt")?.textContent ?? ""), texts);
    }
    return found;
  };
  const tablesOf = (within) => Array.from(within?.querySelectorAll(":scope > table") ?? [], (table) => ({
    caption: words(table.caption?.textContent ?? ""),
    rows: Array.from(table.querySelectorAll("tbody > tr"), (row) =>
      Array.from(row.children, (cell) => words(cell.textContent))),
  }));

  /* The rows of a table that are not as expected: of each row its own place and its cells, or what is asked of one. */
  const otherRows = (table, expected, title, within = "#") => {
    const shown = table?.rows ?? [];
    const found = [];
    expected.forEach(({ path, cells }, n) => {
      const row = shown[n] ?? [];
      const isOther = (cell, at) => (typeof cell === "function" ? !cell(row[at]) : words(cell) !== row[at]);
      if (row.length !== cells.length || cells.some(isOther)) {
        found.push({ path, message: `the page shows it otherwise than its data say, in the table "${title}"` });
      }
    });
    if (shown.length > expected.length) {
      found.push({ path: within, message: `the page shows more rows than its data have, in the table "${title}"` });
    }
    return found;
  };

  // -------------------------------------------------------------------- what is said

  // Of a page from which something was taken away it is still said, wherever there is room for it.
  const into = (id, change) => {
    const element = of(id);
    if (element !== null) change(element);
  };
  const listed = (texts) => into("refusals", (list) => list.replaceChildren(...texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  })));
  const say = (id, text, isRefused) => into(id, (element) => {
    element.textContent = plain(text);
    element.className = isRefused ? "phrase against" : "phrase";
  });
  const refuse = (refusals, conclusion) => {
    const places = [...new Set(refusals.map((each) => plain(`REFUSED at ${each.path}: ${each.message}`)))];
    say("checked", places[0], true);
    listed(places.slice(1));
    // What does not hold must not be read: nothing but the refusal is left of the page.
    document.title = "Do not use this page";
    into("title", (title) => title.replaceChildren("Do not use this page"));
    say("refused", `${places[0]}. ${conclusion}`, true);
    into("refused", (element) => element.removeAttribute("hidden"));
    for (const each of document.querySelectorAll("p.status")) each.textContent = "Do not use this page";
    for (const each of document.querySelectorAll("nav")) each.setAttribute("hidden", "");
    // What was taken away would be missed by another check.
    into("check", (button) => button.setAttribute("hidden", ""));
    into("main", (main) => Array.from(main.children).forEach((each) => each.toggleAttribute("hidden", each.id !== "self-check")));
  };

  // Asked by the last script of a page, when all of it is read, before anything changes what it was made with.
  const placesAltered = () => {
    try {
      return altered(sha256);
    } catch (fault) {
      return ["seal"];
    }
  };

  /* Runs a check, whose faults are refusals too; `places` are the ids of what is not as it was made. */
  const run = async (check, places, conclusion) => {
    let found = null;
    try {
      found = await check();
    } catch (fault) {
      found = { refusals: [{ path: "#data", message: "the data of this page cannot be read" }] };
    }
    const message = "the page is not as it was made";
    const refusals = [...found.refusals, ...places.map((id) => ({ path: id === "" ? "#" : `#${id}`, message }))];
    if (refusals.length > 0) refuse(refusals, conclusion);
    else say("checked", found.accepted, false);
    return refusals.length === 0;
  };

  /* Starts a check when the page is shown, and `compare` whenever a digest is given to hold against what was found. */
  const start = (check, compare, conclusion) => {
    const places = placesAltered();
    const expected = () => of("expected")?.value.trim().toLowerCase() ?? "";
    let isAccepted = false;
    const told = () => {
      const { said, isRefused } = isAccepted ? compare(expected()) : { said: "Not compared: this page is refused.", isRefused: true };
      say("compared", said, isRefused);
    };
    const again = async () => {
      isAccepted = await run(check, places, conclusion);
      if (expected() !== "") told();
    };
    into("check", (button) => button.addEventListener("click", again));
    into("compare", (form) => {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        told();
      });
      form.hidden = false;
    });
    say("checked", "Running.", false);
    // What is on the page is shown first; much of it takes a while.
    addEventListener("load", () => setTimeout(again, 0));
  };

  return {
    of, sha256, canonical, digest, read, safe, isBlank, words, joined, grouped, counted, factsOf, tablesOf, otherRows, start,
  };
})();
