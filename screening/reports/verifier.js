/*
 * Verifies a bundle (screening-bundle-1): accepts it, or refuses it and names the place.
 *
 * Written from certificate.md alone, whose sections are the headings below; it shares no line with the program that
 * makes bundles. It needs nothing but the bundle: no library, no network, no clock. Numbers are exact throughout.
 *
 * In a page:  window.screeningVerifier.verify(text)   -> {accepted, refusals: [{path, message}]}
 * In node:    require("./verifier.js").verify(text)
 *
 * `text` is the text of the bundle or its bytes. `path` is a JSON Pointer into the bundle, or the place of a node of the
 * tree, or "" where the text is no JSON. No message carries what is recorded of a person.
 */
"use strict";

(function (publish) {
  /* ---------------------------------------------------------------------------------------------- 1. The whole --- */

  const BUNDLE = "screening-bundle-1";
  const CERTIFICATE = "screening-certificate-2";
  const TREE = "screening-tree-1";
  const RECORD = "screening-record-1";

  /** Why a bundle is refused, and where. */
  class Refusal extends Error {
    constructor(message, path = "") {
      super(message);
      this.path = path;
    }
  }

  function refuse(message, path = "") {
    throw new Refusal(message, path);
  }

  /** Accepts a bundle, or refuses it at the first thing in it that does not hold. Never throws. */
  function verify(bundle) {
    try {
      verifyDocument(readJson(textOf(bundle)));
      return { accepted: true, refusals: [] };
    } catch (problem) {
      // Whatever this program cannot follow to its end is refused; its own words may hold a value, so they are not told.
      const known = problem instanceof Refusal;
      const message = known ? problem.message : "could not be verified to its end";
      return { accepted: false, refusals: [{ path: known ? problem.path : "", message }] };
    }
  }

  function verifyDocument(bundle) {
    checkForm(bundle);
    checkDigests(bundle);
    const asOf = readDay(bundle.certificate.as_of, "/certificate/as_of");
    const record = readRecord(bundle.record, bundle.tree);
    const seen = recordAsOf(record, bundle.record, asOf);
    const tree = readTree(bundle.tree);
    const evaluation = new Evaluation(tree, seen, asOf, bundle.certificate.steps);
    evaluation.run();
    checkCertificate(bundle, seen, determinationOf(bundle.tree, tree, evaluation));
  }

  /* --------------------------------------------------------------------------------------------------- 2. JSON --- */

  const MOST_BYTES = 256 * 1024 * 1024;
  const DEEPEST_JSON = 2000;

  /** The text of a bundle that is given as text or as bytes, without a byte order mark. */
  function textOf(bundle) {
    let text = bundle;
    if (typeof bundle !== "string") {
      const bytes = bundle instanceof ArrayBuffer ? new Uint8Array(bundle) : bundle;
      if (!(bytes instanceof Uint8Array)) refuse("is neither text nor bytes");
      if (bytes.length > MOST_BYTES) refuse("is longer than 256 MiB");
      try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        refuse("is not UTF-8");
      }
    } else if (text.length > MOST_BYTES / 3 && new TextEncoder().encode(text).length > MOST_BYTES) {
      refuse("is longer than 256 MiB");
    }
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  /** Strict JSON: no key twice, whole numbers in one spelling alone, no half of a surrogate pair. Objects have no prototype. */
  function readJson(text) {
    const whole = new JsonReader(text);
    const value = whole.value("", 0);
    whole.passSpace();
    if (whole.at < text.length) whole.unreadable("");
    return value;
  }

  class JsonReader {
    constructor(text) {
      this.text = text;
      this.at = 0;
    }

    unreadable(path) {
      const line = this.text.slice(0, this.at).split("\n").length;
      refuse(`is not readable as JSON, line ${line}`, path);
    }

    passSpace() {
      for (;;) {
        const sign = this.text.charCodeAt(this.at);
        if (sign !== 0x20 && sign !== 0x0a && sign !== 0x0d && sign !== 0x09) return;
        this.at += 1;
      }
    }

    /** Whether the next sign is this one, which is then passed. */
    took(sign) {
      this.passSpace();
      if (this.text[this.at] !== sign) return false;
      this.at += 1;
      return true;
    }

    value(path, depth) {
      if (depth > DEEPEST_JSON) refuse("lies too deep", path);
      this.passSpace();
      switch (this.text[this.at]) {
        case "{":
          return this.object(path, depth);
        case "[":
          return this.array(path, depth);
        case '"':
          return this.string(path);
        case "t":
          return this.word("true", true, path);
        case "f":
          return this.word("false", false, path);
        case "n":
          return this.word("null", null, path);
        default:
          return this.number(path);
      }
    }

    word(word, value, path) {
      if (!this.text.startsWith(word, this.at)) this.unreadable(path);
      this.at += word.length;
      return value;
    }

    number(path) {
      const spelled = /-?[0-9][0-9.eE+-]*/y;
      spelled.lastIndex = this.at;
      const found = spelled.exec(this.text);
      if (!found) this.unreadable(path);
      if (!/^(0|-?[1-9][0-9]*)$/.test(found[0]) || found[0].length > 15) {
        refuse("is no whole number of at most 15 signs, written without fraction, exponent or -0", path);
      }
      this.at += found[0].length;
      return Number(found[0]);
    }

    string(path) {
      const start = this.at;
      const { text } = this;
      let end = start + 1;
      for (; ; end += 1) {
        const sign = text.charCodeAt(end);
        if (Number.isNaN(sign) || sign < 0x20) {
          this.at = Math.min(end, text.length);
          this.unreadable(path);
        }
        if (sign === 0x22) break;
        if (sign === 0x5c) end += 1;
      }
      let value;
      try {
        value = JSON.parse(text.slice(start, end + 1));
      } catch {
        this.unreadable(path);
      }
      if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)) {
        refuse("holds half of a surrogate pair", path);
      }
      this.at = end + 1;
      return value;
    }

    array(path, depth) {
      const items = [];
      this.at += 1;
      if (this.took("]")) return items;
      do items.push(this.value(`${path}/${items.length}`, depth + 1));
      while (this.took(","));
      if (!this.took("]")) this.unreadable(path);
      return items;
    }

    object(path, depth) {
      const members = Object.create(null);
      this.at += 1;
      if (this.took("}")) return members;
      do {
        this.passSpace();
        if (this.text[this.at] !== '"') this.unreadable(path);
        const key = this.string(path);
        const place = `${path}/${escaped(key)}`;
        if (Object.hasOwn(members, key)) refuse("the key stands twice", place);
        if (!this.took(":")) this.unreadable(place);
        members[key] = this.value(place, depth + 1);
      } while (this.took(","));
      if (!this.took("}")) this.unreadable(path);
      return members;
    }
  }

  /** A key as a part of a JSON Pointer. */
  function escaped(key) {
    return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  }

  function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }

  /** Texts in the order of their code points, which is not that of UTF-16. */
  function byCodePoints(one, other) {
    const least = Math.min(one.length, other.length);
    for (let n = 0; n < least; n += 1) {
      const a = one.charCodeAt(n);
      const b = other.charCodeAt(n);
      if (a !== b) return inCodePoints(a) - inCodePoints(b);
    }
    return one.length - other.length;
  }

  /** A code unit, moved so that surrogates come after everything else. */
  function inCodePoints(unit) {
    if (unit < 0xd800) return unit;
    return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
  }

  /** Lists in the order of their first items that differ, a shorter one first. */
  function itemByItem(compare) {
    return (one, other) => {
      for (let n = 0; n < Math.min(one.length, other.length); n += 1) {
        const order = compare(one[n], other[n]);
        if (order !== 0) return order;
      }
      return one.length - other.length;
    };
  }

  /** Where two JSON values differ first, as a JSON Pointer below `path`; null if they are equal. */
  function firstDifference(expected, found, path) {
    if (Array.isArray(expected) && Array.isArray(found)) {
      for (let n = 0; n < Math.max(expected.length, found.length); n += 1) {
        if (n >= expected.length || n >= found.length) return `${path}/${n}`;
        const below = firstDifference(expected[n], found[n], `${path}/${n}`);
        if (below !== null) return below;
      }
      return null;
    }
    if (isObject(expected) && isObject(found)) {
      const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort(byCodePoints);
      for (const key of keys) {
        const place = `${path}/${escaped(key)}`;
        if (!Object.hasOwn(expected, key) || !Object.hasOwn(found, key)) return place;
        const below = firstDifference(expected[key], found[key], place);
        if (below !== null) return below;
      }
      return null;
    }
    return expected === found ? null : path;
  }

  /* ------------------------------------------------------------------- 2.5 Members that the page and the schemas name --- */

  /* A form checks one value of JSON at its path. */

  function text(value, path) {
    if (typeof value !== "string") refuse("is no text", path);
  }

  /** A text that is left out where it is empty, and may not be left out here. */
  function someText(value, path) {
    text(value, path);
    if (value === "") refuse("is empty", path);
  }

  function yesOrNo(value, path) {
    if (typeof value !== "boolean") refuse("is neither true nor false", path);
  }

  function count(value, path) {
    if (typeof value !== "number" || value < 0) refuse("is no whole number from 0", path);
  }

  function countFromOne(value, path) {
    count(value, path);
    if (value === 0) refuse("is 0, and is to be left out", path);
  }

  function oneOf(...allowed) {
    return (value, path) => {
      if (!allowed.includes(value)) refuse("is none of what may stand here", path);
    };
  }

  function matching(pattern, what) {
    return (value, path) => {
      if (typeof value !== "string" || !pattern.test(value)) refuse(`is no ${what}`, path);
    };
  }

  function orNull(form) {
    return (value, path) => {
      if (value !== null) form(value, path);
    };
  }

  function listOf(form, least = 0) {
    return (value, path) => {
      if (!Array.isArray(value)) refuse("is no list", path);
      if (value.length < least) refuse("is empty", path);
      value.forEach((item, n) => form(item, `${path}/${n}`));
    };
  }

  function byName(form) {
    return (value, path) => {
      if (!isObject(value)) refuse("is no object", path);
      for (const [name, item] of Object.entries(value)) form(item, `${path}/${escaped(name)}`);
    };
  }

  function members(needed, optional = {}) {
    return (value, path) => {
      if (!isObject(value)) refuse("is no object", path);
      for (const [name, form] of Object.entries(needed)) {
        if (!Object.hasOwn(value, name)) refuse("is missing", `${path}/${name}`);
        form(value[name], `${path}/${name}`);
      }
      for (const name of Object.keys(value)) {
        const place = `${path}/${escaped(name)}`;
        if (Object.hasOwn(needed, name)) continue;
        if (!Object.hasOwn(optional, name)) refuse("is a member that no form names", place);
        if (isEmpty(value[name])) refuse("is empty, and is to be left out", place);
        optional[name](value[name], place);
      }
    };
  }

  /** What an optional member never holds: it is left out instead. */
  function isEmpty(value) {
    if (value === "" || value === null || value === false) return true;
    if (Array.isArray(value)) return value.length === 0;
    if (!isObject(value)) return false;
    return Object.keys(value).length === 0;
  }

  const digest = matching(/^[0-9a-f]{64}$/, "digest");
  const day = (value, path) => void readDay(value, path);
  const fraction = (value, path) => void readFraction(value, path);
  const truth = oneOf("TRUE", "FALSE", "UNKNOWN");
  const bounds = (value, path) => void readBounds(value, path);
  const days = (value, path) => {
    if (readDays(value, path).isOpen) refuse("is open, and is to be left out", path);
  };
  const codings = listOf((value, path) => {
    if (!Array.isArray(value) || value.length !== 2) refuse("is no pair of system and code", path);
    value.forEach((part, n) => text(part, `${path}/${n}`));
  });
  const value = (found, path) => void readValue(found, path);
  const factValue = (found, path) => void readFactValue(found, path);
  const citation = members({ source: text, place: text });
  const verdict = oneOf("ELIGIBLE", "INELIGIBLE", "UNDETERMINED", "REVIEW");

  const LIBRARY = {
    name: text,
    version: text,
    status: oneOf("draft", "approved", "retired"),
    approval: codings,
    digest,
    includes: listOf(members({ name: text, version: text, digest })),
    overrides: listOf(members({ criterion: text, strength: text, source: text, place: text })),
  };
  const PARAMETER = { name: text, value, origin: text, chosen: yesOrNo };
  const RECORD_NAME = { digest, source: text, extracted: orNull(day) };
  const FACT = members(
    { id: someText, requirement: someText, certainty: oneOf("TRUE", "UNKNOWN"), status: someText },
    {
      value: factValue,
      when: days,
      clock: matching(/^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/, "time of day"),
      codes: codings,
      concepts: listOf(count),
      fields: byName(factValue),
      origin: text,
      written: text,
      by: text,
    },
  );
  const ABSENCE = members(
    { id: someText, requirement: someText, of: oneOf("everything asked", "concepts") },
    { when: days, concepts: listOf(count), origin: text, by: text },
  );
  /* What record and certificate have in common. */
  const CARRIED = {
    subject: text,
    synthetic: yesOrNo,
    record: members(RECORD_NAME),
    site: orNull(someText),
    facts: listOf(FACT),
    absences: listOf(ABSENCE),
    complete: byName(
      members({ basis: oneOf("record", "site declaration") }, { since: day, because: text, signed: text }),
    ),
    searched: byName(members({ codes: count, records: count, of: text, first: text, last: text })),
    notices: listOf(members({ text: someText }, { requirement: text, place: text })),
  };
  const RECORD_FORM = members({
    format: oneOf(RECORD),
    ...CARRIED,
    concepts: byName(countFromOne),
    conversions: listOf(
      members({ requirement: text, from: text, to: text, factor: fraction, offset: fraction }),
    ),
  });

  const TYPES = [
    "Boolean",
    "Judgement",
    "Integer",
    "Decimal",
    "Quantity",
    "Date",
    "DateTime",
    "String",
    "Code",
    "Records",
    "List",
  ];
  const type = members({ name: oneOf(...TYPES) }, { unit: text, records: text, item: (found, path) => type(found, path) });
  const UNITS_OF_TIME = oneOf("years", "months", "weeks", "days", "hours");
  const TAKES = oneOf("latest", "first", "highest", "lowest", "mean of latest day");
  const part = (found, path) => checkNode(found, path, false);
  const source = (found, path) => checkNode(found, path, true);
  const parts = (least) => listOf(part, least);
  const ROWS_OF = { source };
  const SIDES = { left: part, right: part };

  /* The members of each kind of node; those that hold nodes are its parts, in this order. */
  const NODES = {
    Literal: { value },
    Parameter: { name: text },
    Reference: { name: text },
    Field: { alias: text, name: text },
    Retrieve: { requirement: text },
    Where: { source, alias: text, condition: part },
    Select: { source, take: TAKES, readings: count, scale: bounds },
    DateOf: { source, take: TAKES, readings: count },
    Exists: ROWS_OF,
    Silence: { operand: part, source },
    Count: ROWS_OF,
    CountDistinct: { source, key: text, cap: orNull(count) },
    RowValues: { source, field_name: text, function: oneOf("Min", "Max", "Sum", "Mean") },
    Favoured: { operand: part, toward: truth },
    And: { operands: parts(0) },
    Or: { operands: parts(0) },
    Not: { operand: part },
    Xor: SIDES,
    Implies: SIDES,
    If: { condition: part, then: part, otherwise: part },
    CountTrue: { operands: parts(0) },
    Compare: { operator: oneOf("=", "!=", "<", "<=", ">", ">="), ...SIDES },
    Between: { operand: part, low: part, high: part },
    InSet: { operand: part, name: text, codes: codings },
    InInterval: { operand: part, low: part, high: part, low_closed: yesOrNo, high_closed: yesOrNo },
    Is: { operand: part, state: oneOf("null", "true", "false"), negated: yesOrNo },
    Timing: {
      operand: part,
      kind: oneOf("or less before", "or more before", "or less after", "or more after", "around"),
      inclusive: yesOrNo,
      amount: part,
      unit: UNITS_OF_TIME,
      reference: part,
    },
    Negate: { operand: part },
    Arithmetic: { operator: oneOf("+", "-", "*", "/", "^"), ...SIDES },
    Function: {
      name: oneOf("Ln", "Exp", "Sqrt", "Abs", "Round", "Min", "Max", "Sum", "Mean", "Agree"),
      operands: parts(1),
    },
    Coalesce: { operands: parts(1) },
    Convert: { operand: part, source: text, target: text, factor: fraction, offset: fraction },
    Shift: { operand: part, amount: part, unit: UNITS_OF_TIME, sign: oneOf(1, -1) },
    DayOf: { operand: part },
    Duration: { unit: UNITS_OF_TIME, ...SIDES },
    Age: { born: part, on: part },
    Contradicted: { criterion: text, hard: listOf(text), soft: listOf(text) },
    Fires: { source, alias: text, condition: part },
  };
  const ROW_NODES = ["Retrieve", "Where"];
  const NODE_FORMS = new Map(
    Object.entries(NODES).map(([kind, own]) => {
      const typed = ROW_NODES.includes(kind) ? {} : { type };
      return [kind, members({ node: text, place: text, ...typed, ...own })];
    }),
  );

  function checkNode(node, path, isRows) {
    if (!isObject(node)) refuse("is no object", path);
    if (!NODE_FORMS.has(node.node)) refuse("is no kind of node", `${path}/node`);
    if (ROW_NODES.includes(node.node) !== isRows) {
      refuse(isRows ? "is no query" : "is a query where a value is wanted", `${path}/node`);
    }
    NODE_FORMS.get(node.node)(node, path);
  }

  const TREE_FORM = members({
    format: oneOf(TREE),
    library: members(LIBRARY),
    fixed_words: listOf(text),
    parameters: listOf(members({ ...PARAMETER, type }, { source: citation })),
    anchors: listOf(text),
    labels: listOf(members({ verdict, label: text })),
    outputs: listOf(members({ output: text, definition: text })),
    requirements: listOf(
      members({ name: text, type, obtain: text, factors: listOf(members({ unit: text, by: number })) }),
    ),
    criteria: listOf(
      members(
        {
          id: text,
          category: oneOf("inclusion", "exclusion"),
          strength: oneOf("absolute", "relative", "administrative"),
          text,
          source: citation,
          applies: yesOrNo,
        },
        { alert: text },
      ),
    ),
    order: listOf(members({ name: text, expression: part })),
  });

  function number(found, path) {
    if (typeof found !== "string" || !NUMBER.test(found)) refuse("is no number in its shortest spelling", path);
  }

  /* Steps and determination are computed anew and compared; of them the kind of JSON is enough. */
  const CERTIFICATE_FORM = members({
    certificate: oneOf(CERTIFICATE),
    program: members({ name: oneOf("screening"), version: text }),
    engine: members({ name: oneOf("durable-rules", "reference"), version: text }),
    library: members(LIBRARY),
    parameters: listOf(members(PARAMETER, { source: citation })),
    as_of: day,
    rests_on: members({ tree: digest, record: digest }),
    ...CARRIED,
    steps: listOf(byName(() => undefined)),
    determination: byName(() => undefined),
    fixed_words: listOf(text),
    digest,
  });
  const BUNDLE_FORM = members({
    bundle: oneOf(BUNDLE),
    certificate: CERTIFICATE_FORM,
    tree: TREE_FORM,
    record: RECORD_FORM,
  });

  function checkForm(bundle) {
    BUNDLE_FORM(bundle, "");
  }

  /* ------------------------------------------------------------------------------ 3. Canonical bytes and digests --- */

  function checkDigests({ certificate, tree, record }) {
    const { digest: stated, ...rest } = certificate;
    const rests = certificate.rests_on;
    if (rests.tree !== digestOf(TREE, tree)) refuse("is not the digest of /tree", "/certificate/rests_on/tree");
    if (rests.record !== digestOf(RECORD, record)) {
      refuse("is not the digest of /record", "/certificate/rests_on/record");
    }
    if (stated !== digestOf(CERTIFICATE, rest)) refuse("is not the digest of the certificate", "/certificate/digest");
  }

  function digestOf(format, data) {
    return sha256(new TextEncoder().encode(`${format}\n${canonical(data)}`));
  }

  /** RFC 8785: keys by UTF-16 code units, which is how `sort` compares; JSON.stringify escapes as it says. */
  function canonical(data) {
    const written = [];
    writeCanonical(data, written);
    return written.join("");
  }

  function writeCanonical(data, written) {
    if (Array.isArray(data)) {
      written.push("[");
      data.forEach((item, n) => {
        if (n > 0) written.push(",");
        writeCanonical(item, written);
      });
      written.push("]");
    } else if (isObject(data)) {
      written.push("{");
      Object.keys(data)
        .sort()
        .forEach((key, n) => {
          written.push(n > 0 ? "," : "", JSON.stringify(key), ":");
          writeCanonical(data[key], written);
        });
      written.push("}");
    } else {
      written.push(JSON.stringify(data));
    }
  }

  /* The first 32 bits of the fractional parts of roots of the first primes, as FIPS 180-4 defines its constants. */
  const PRIMES = firstPrimes(64);
  const ROUND_CONSTANTS = Uint32Array.from(PRIMES, (prime) => fractionOfRoot(prime, 3n));
  const FIRST_STATE = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fractionOfRoot(prime, 2n));

  function firstPrimes(wanted) {
    const primes = [];
    for (let n = 2; primes.length < wanted; n += 1) {
      if (primes.every((prime) => n % prime !== 0)) primes.push(n);
    }
    return primes;
  }

  function fractionOfRoot(prime, degree) {
    const root = wholeRoot(BigInt(prime) << (32n * degree), degree);
    return Number(root & 0xffffffffn);
  }

  /** The greatest whole number whose power is not above `of`. */
  function wholeRoot(of, degree) {
    if (of < 2n) return of;
    let root = 1n << BigInt(Math.floor(of.toString(2).length / Number(degree)) + 1);
    for (;;) {
      const next = ((degree - 1n) * root + of / root ** (degree - 1n)) / degree;
      if (next >= root) return root;
      root = next;
    }
  }

  function sha256(bytes) {
    const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
    const state = FIRST_STATE.slice();
    const words = new Uint32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let n = 0; n < 16; n += 1) words[n] = view.getUint32(block + 4 * n);
      mixBlock(state, words);
    }
    return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
  }

  function turned(word, by) {
    return (word >>> by) | (word << (32 - by));
  }

  function mixBlock(state, words) {
    for (let n = 16; n < 64; n += 1) {
      const before = words[n - 15];
      const last = words[n - 2];
      const small = turned(before, 7) ^ turned(before, 18) ^ (before >>> 3);
      const great = turned(last, 17) ^ turned(last, 19) ^ (last >>> 10);
      words[n] = words[n - 16] + small + words[n - 7] + great;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let n = 0; n < 64; n += 1) {
      const choice = (e & f) ^ (~e & g);
      const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + ROUND_CONSTANTS[n] + words[n]) | 0;
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, n) => {
      state[n] += word;
    });
  }

  /* ------------------------------------------------------------------------------------------------- 4. Values --- */

  /* A truth is its text, codings are a list of [system, code]; the other values are these three. */

  /** A value known to lie between both ends, both in; null is an open end. */
  class Bounds {
    constructor(low, high) {
      this.low = low;
      this.high = high;
    }

    get isExact() {
      return this.low !== null && this.high !== null && order(this.low, this.high) === 0;
    }

    get isOpen() {
      return this.low === null && this.high === null;
    }
  }

  /** A recorded value that cannot be used. */
  class SetAside {
    constructor(why) {
      this.why = why;
    }
  }

  const OPEN = new Bounds(null, null);

  function exactly(end) {
    return new Bounds(end, end);
  }

  /* An end is a number, `digits` over 10 to the `places` in lowest terms; a day; or an instant. */

  function decimal(digits, places) {
    let [whole, left] = [digits, places];
    while (left > 0 && whole % 10n === 0n) {
      whole /= 10n;
      left -= 1;
    }
    return { kind: "number", digits: whole, places: left };
  }

  function wholeNumber(n) {
    return decimal(BigInt(n), 0);
  }

  const ZERO = wholeNumber(0);
  const ONE = wholeNumber(1);

  /** A day, counted from 0001-01-01 as 0. */
  function dayEnd(n) {
    return { kind: "day", n };
  }

  /** An instant without a zone, in seconds from 0001-01-01T00:00:00. */
  function instantEnd(n) {
    return { kind: "instant", n };
  }

  const SECONDS = 86400;

  /** Below 0, 0 or above 0, as the first end is before, at or after the second. */
  function order(one, other) {
    if (one.kind !== other.kind) refuse("compares ends of two kinds");
    if (one.kind !== "number") return one.n - other.n;
    const [a, b] = aligned(one, other);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  function least(ends) {
    return ends.reduce((one, other) => (order(other, one) < 0 ? other : one));
  }

  function greatest(ends) {
    return ends.reduce((one, other) => (order(other, one) > 0 ? other : one));
  }

  const NUMBER = /^(?!-0$)-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/;
  const LONGEST_NUMBER = 100;

  function readEnd(found, path) {
    if (found === null) return null;
    if (typeof found !== "string") refuse("is no end of a value", path);
    if (found.startsWith("@")) {
      const [date, time, ...more] = found.slice(1).split("T");
      const n = readDay(date, path).n;
      if (time === undefined) return dayEnd(n);
      const parted = /^([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])$/.exec(time);
      if (!parted || more.length > 0) refuse("is no instant", path);
      return instantEnd(n * SECONDS + 3600 * Number(parted[1]) + 60 * Number(parted[2]) + Number(parted[3]));
    }
    if (found.length > LONGEST_NUMBER || !NUMBER.test(found)) refuse("is no number in its shortest spelling", path);
    return readNumber(found);
  }

  function readNumber(spelled) {
    const [whole, places = ""] = spelled.split(".");
    return decimal(BigInt(whole + places), places.length);
  }

  function readBounds(found, path) {
    if (!isObject(found)) refuse("is no bounds", path);
    members({ low: () => undefined, high: () => undefined })(found, path);
    const read = new Bounds(readEnd(found.low, `${path}/low`), readEnd(found.high, `${path}/high`));
    if (read.low !== null && read.high !== null) {
      if (read.low.kind !== read.high.kind) refuse("has ends of two kinds", path);
      if (order(read.low, read.high) > 0) refuse("has its low end above its high end", path);
    }
    return read;
  }

  function readDays(found, path) {
    const read = readBounds(found, path);
    for (const end of [read.low, read.high]) if (end !== null && end.kind !== "day") refuse("is no day", path);
    return read;
  }

  function readValue(found, path) {
    if (typeof found === "string") truth(found, path);
    else if (Array.isArray(found)) codings(found, path);
    else return readBounds(found, path);
    return found;
  }

  function readFactValue(found, path) {
    if (!isObject(found) || !Object.hasOwn(found, "set_aside")) return readValue(found, path);
    members({ set_aside: text })(found, path);
    return new SetAside(found.set_aside);
  }

  function numberText({ digits, places }) {
    const sign = digits < 0n ? "-" : "";
    const signs = (digits < 0n ? -digits : digits).toString().padStart(places + 1, "0");
    const whole = signs.slice(0, signs.length - places);
    return sign + whole + (places > 0 ? `.${signs.slice(signs.length - places)}` : "");
  }

  function endText(end) {
    if (end === null) return null;
    if (end.kind === "number") {
      const spelled = numberText(end);
      if (spelled.length > LONGEST_NUMBER) refuse("is a number of more signs than an end may have");
      return spelled;
    }
    if (end.kind === "day") return `@${dayText(end.n)}`;
    const seconds = end.n % SECONDS;
    const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return `@${dayText(Math.floor(end.n / SECONDS))}T${clock.map((n) => String(n).padStart(2, "0")).join(":")}`;
  }

  /** A value as JSON. */
  function written(found) {
    if (found instanceof Bounds) return { low: endText(found.low), high: endText(found.high) };
    if (found instanceof RowSet) return found.written();
    return found;
  }

  function isIdentical(one, other) {
    if (one instanceof SetAside || other instanceof SetAside) {
      return one instanceof SetAside && other instanceof SetAside && one.why === other.why;
    }
    return firstDifference(written(one), written(other), "") === null;
  }

  const ORDERED = ["Integer", "Decimal", "Quantity", "Date", "DateTime"];
  const CODED = ["String", "Code"];

  function nothingKnown(ofType) {
    if (ORDERED.includes(ofType.name)) return OPEN;
    return CODED.includes(ofType.name) ? [] : "UNKNOWN";
  }

  function isUnknown(found) {
    if (found instanceof Bounds) return found.isOpen;
    return Array.isArray(found) ? found.length === 0 : found === "UNKNOWN";
  }

  function asTruth(found) {
    if (typeof found !== "string") refuse("takes a truth and has another kind of value");
    return found;
  }

  function asBounds(found) {
    if (!(found instanceof Bounds)) refuse("takes bounds and has another kind of value");
    return found;
  }

  function asNumbers(found) {
    return withEnds(found, ["number"], "numbers");
  }

  function asDates(found) {
    return withEnds(found, ["day", "instant"], "days or instants");
  }

  function withEnds(found, kinds, what) {
    for (const end of [asBounds(found).low, found.high]) {
      if (end !== null && !kinds.includes(end.kind)) refuse(`takes ${what} and has ends of another kind`);
    }
    return found;
  }

  function asCodings(found) {
    if (!Array.isArray(found)) refuse("takes codings and has another kind of value");
    return found;
  }

  /* ---------------------------------------------------------------------------------------------- 5.1 The record --- */

  const UNLISTED = "unlisted";

  /** Facts and absences by requirement, as the record has them. */
  function readRecord(record, tree) {
    const facts = record.facts.map((fact, n) => readFact(fact, `/record/facts/${n}`));
    const absences = record.absences.map((absence, n) => readAbsence(absence, `/record/absences/${n}`));
    const ids = new Set([UNLISTED]);
    for (const [kind, rows] of Object.entries({ facts, absences })) {
      rows.forEach((row, n) => {
        if (ids.has(row.id)) refuse("is the id of another one too", `/record/${kind}/${n}/id`);
        ids.add(row.id);
      });
    }
    for (const [kind, rows] of Object.entries({ facts, absences })) {
      rows.slice(1).forEach((row, n) => {
        if (byCodePoints(rows[n].requirement, row.requirement) <= 0) return;
        refuse("is not sorted by requirement", `/record/${kind}/${n + 1}/requirement`);
      });
    }
    checkConversions(record, tree, facts);
    return { facts, absences, complete: record.complete, concepts: record.concepts };
  }

  function readFact(fact, path) {
    const fields = new Map(
      Object.entries(fact.fields ?? {}).map(([name, found]) => [name, readFactValue(found, path)]),
    );
    checkPositions(fact.concepts, `${path}/concepts`);
    return {
      id: fact.id,
      requirement: fact.requirement,
      isCertain: fact.certainty === "TRUE",
      value: Object.hasOwn(fact, "value") ? readFactValue(fact.value, path) : [],
      when: Object.hasOwn(fact, "when") ? readBounds(fact.when, path) : OPEN,
      clock: fact.clock ?? "",
      codes: fact.codes ?? [],
      concepts: fact.concepts ?? [],
      fields,
      by: fact.by ?? "",
      written: fact.written ?? "",
      json: fact,
    };
  }

  function readAbsence(absence, path) {
    checkPositions(absence.concepts, `${path}/concepts`);
    if (absence.of === "everything asked" && absence.concepts) refuse("are named beside everything", `${path}/concepts`);
    return {
      id: absence.id,
      requirement: absence.requirement,
      isOfEverything: absence.of === "everything asked",
      concepts: absence.concepts ?? [],
      when: Object.hasOwn(absence, "when") ? readBounds(absence.when, path) : OPEN,
      json: absence,
    };
  }

  function checkPositions(concepts = [], path) {
    concepts.slice(1).forEach((position, n) => {
      if (concepts[n] >= position) refuse("are not sorted, each once", path);
    });
  }

  const WRITTEN = /^(-?[0-9]{1,30}(?:\.[0-9]{1,8})?) (\S+)$/;

  /** Refuses conversions that are not those which the units of the facts give, all of them and no other. */
  function checkConversions(record, tree, facts) {
    const wanted = conversionsOf(tree, facts);
    record.conversions.forEach((stated, n) => {
      const path = `/record/conversions/${n}`;
      if (wanted[n] === undefined) refuse("is no conversion of these facts", path);
      for (const name of ["requirement", "from", "to", "factor", "offset"]) {
        if (stated[name] !== wanted[n][name]) refuse("is not what the units of the facts give", `${path}/${name}`);
      }
    });
    if (wanted.length > record.conversions.length) refuse("lacks a conversion of these facts", "/record/conversions");
  }

  function conversionsOf(tree, facts) {
    const found = [];
    for (const { name, type: wanted, factors } of tree.requirements) {
      if (!wanted.unit) continue;
      const byUnit = new Map();
      for (const fact of facts) {
        const spelled = WRITTEN.exec(fact.written);
        if (fact.requirement !== name || !spelled || !(fact.value instanceof Bounds)) continue;
        const number = readNumber(plainNumber(spelled[1]));
        byUnit.set(spelled[2], [...(byUnit.get(spelled[2]) ?? []), { number, value: fact.value }]);
      }
      for (const [from, rows] of byUnit) {
        const way = from === wanted.unit ? null : goesInto(from, wanted.unit, factors);
        const isTold = ({ number, value }) => isIdentical(value, exactly(converted(number, way.factor, way.offset)));
        if (way === null || !rows.every(isTold)) continue;
        const [factor, offset] = [way.factor, way.offset].map(({ above, under }) => `${above}/${under}`);
        found.push({ requirement: name, from, to: wanted.unit, factor, offset });
      }
    }
    const inOrder = itemByItem(byCodePoints);
    return found.sort((one, other) => inOrder([one.requirement, one.from], [other.requirement, other.from]));
  }

  /** A number as somebody wrote it, in the shortest spelling: without idle zeros, and never `-0`. */
  function plainNumber(text) {
    const [whole, decimals = ""] = text.replace("-", "").split(".");
    const [left, right] = [whole.replace(/^0+(?=[0-9])/, ""), decimals.replace(/0+$/, "")];
    const plain = right === "" ? left : `${left}.${right}`;
    return text.startsWith("-") && plain !== "0" ? `-${plain}` : plain;
  }

  /* -------------------------------------------------------------------------------------------- 5.2 As of a day --- */

  function recordAsOf(record, json, asOf) {
    const later = new Map();
    const facts = [];
    for (const fact of record.facts) {
      const { low, high } = fact.when;
      if (low !== null && order(low, asOf) > 0) {
        later.set(fact.requirement, (later.get(fact.requirement) ?? 0) + 1);
      } else if (low !== null && high === null) {
        const when = new Bounds(low, asOf);
        facts.push({ ...fact, when, json: { ...fact.json, when: written(when) } });
      } else {
        facts.push(fact);
      }
    }
    const absences = record.absences.filter(({ when }) => when.low === null || order(when.low, asOf) <= 0);
    const notices = [...json.notices];
    const { extracted, source: place } = json.record;
    if (extracted !== null) {
      const ago = asOf.n - readDay(extracted, "/record/record/extracted").n;
      const said = `the as-of date is ${ago} days after the source's extract`;
      if (ago > 0) notices.push(place === "" ? { text: said } : { place, text: said });
    }
    for (const requirement of [...later.keys()].sort(byCodePoints)) {
      const n = later.get(requirement);
      const said = `${n} ${n === 1 ? "entry" : "entries"} dated after the as-of date, not used`;
      notices.push({ requirement, text: said });
    }
    return { ...record, facts, absences, notices };
  }

  /* ------------------------------------------------------------------------------------------------ 6. The tree --- */

  const DEEPEST_NODE = 250;
  const ROOTS = ["eligible", "favourable", "review", "arranged"];
  const SCREENING_DATE = "Screening Date";
  /* By which of its members an item of a list is known; it stands there once. */
  const KNOWN_BY = { parameters: "name", labels: "verdict", outputs: "output", requirements: "name", criteria: "id" };

  /** The parts of a node, in the order of its table. */
  function partsOf(node) {
    const found = [];
    for (const [name, form] of Object.entries(NODES[node.node])) {
      if (form === part || form === source) found.push(node[name]);
      else if (name === "operands") found.push(...node.operands);
    }
    return found;
  }

  function readTree(tree) {
    const parameters = new Map();
    tree.parameters.forEach(({ name, value: found }, n) => {
      if (name === SCREENING_DATE) refuse("is not set by the tree", `/tree/parameters/${n}/name`);
      parameters.set(name, readValue(found, `/tree/parameters/${n}/value`));
    });
    const entries = new Map();
    const places = new Set();
    tree.order.forEach(({ name, expression }, n) => {
      const path = `/tree/order/${n}`;
      if (entries.has(name)) refuse("is the name of another entry too", `${path}/name`);
      checkPlaces(expression, name, new Set(), { entries, parameters, places, depth: 0 });
      entries.set(name, expression);
    });
    const wanted = (name, path) => {
      if (!entries.has(name)) refuse("names no entry of /tree/order", path);
    };
    ROOTS.forEach((root) => wanted(root, "/tree/order"));
    tree.anchors.forEach((name, n) => wanted(name, `/tree/anchors/${n}`));
    tree.outputs.forEach(({ definition }, n) => wanted(definition, `/tree/outputs/${n}/definition`));
    tree.criteria.forEach(({ id, alert, category, applies }, n) => {
      wanted(id, `/tree/criteria/${n}/id`);
      if (applies && !isConditional(category, entries.get(id))) {
        refuse("is said of an entry that is no criterion under a condition", `/tree/criteria/${n}/applies`);
      }
      if (alert !== undefined) wanted(alert, `/tree/criteria/${n}/alert`);
    });
    for (const [kind, by] of Object.entries(KNOWN_BY)) {
      const known = new Set();
      tree[kind].forEach((item, n) => {
        if (known.has(item[by])) refuse("stands twice", `/tree/${kind}/${n}/${by}`);
        known.add(item[by]);
      });
    }
    checkOverrides(tree);
    return { entries, parameters };
  }

  /** Whether an entry is that of a criterion under a condition: its first part, which implies the other, or meets it. */
  function isConditional(category, { node, operands }) {
    return category === "inclusion" ? node === "Implies" : node === "And" && operands.length === 2;
  }

  /** Refuses a node that is not where it says, lies too deep, or names what is not known there. */
  function checkPlaces(node, place, aliases, { entries, parameters, places, depth }) {
    if (node.place !== place) refuse("is not where its place says", place);
    if (places.has(place)) refuse("is the place of another node too", place);
    places.add(place);
    if (depth > DEEPEST_NODE) refuse("lies too deep", place);
    if (node.node === "Reference" && !entries.has(node.name)) refuse("refers to no earlier entry", place);
    if (node.node === "Contradicted" && !entries.has(node.criterion)) refuse("refers to no earlier entry", place);
    if (node.node === "Compare" && !["=", "!="].includes(node.operator) && !ORDERED.includes(node.left.type.name)) {
      refuse("compares what has no order", place);
    }
    if (node.node === "Parameter" && node.name !== SCREENING_DATE && !parameters.has(node.name)) {
      refuse("names no parameter", place);
    }
    if (node.node === "Field" && !aliases.has(node.alias)) refuse("names a row that is not in scope", place);
    if (node.node === "Convert") checkConvert(node, place);
    partsOf(node).forEach((below, n) => {
      const isCondition = below === node.condition && node.alias !== undefined;
      const within = isCondition ? new Set([...aliases, node.alias]) : aliases;
      checkPlaces(below, `${place}.${n + 1}`, within, { entries, parameters, places, depth: depth + 1 });
    });
  }

  function checkConvert({ source: from, target, factor, offset }, place) {
    const way = goesInto(from, target, []);
    if (way === null) refuse("converts between what are no units of one dimension", place);
    for (const [stated, exact] of [[factor, way.factor], [offset, way.offset]]) {
      if (stated !== `${exact.above}/${exact.under}`) refuse("converts otherwise than its units say", place);
    }
  }

  function checkOverrides(tree) {
    const strengths = tree.criteria.map(({ id, strength }) => [id, strength]);
    let from = 0;
    tree.library.overrides.forEach((override, n) => {
      const at = strengths.findIndex(([id]) => id === override.criterion);
      if (at < from) refuse("names no criterion, or not in their order", `/tree/library/overrides/${n}/criterion`);
      if (strengths[at][1] !== override.strength) {
        refuse("is not the strength of the criterion", `/tree/library/overrides/${n}/strength`);
      }
      from = at + 1;
    });
  }

  /* --------------------------------------------------------------------------------------------------- 7. Truth --- */

  function not(a) {
    return a === "TRUE" ? "FALSE" : a === "FALSE" ? "TRUE" : "UNKNOWN";
  }

  function and(...truths) {
    if (truths.includes("FALSE")) return "FALSE";
    return truths.includes("UNKNOWN") ? "UNKNOWN" : "TRUE";
  }

  function or(...truths) {
    if (truths.includes("TRUE")) return "TRUE";
    return truths.includes("UNKNOWN") ? "UNKNOWN" : "FALSE";
  }

  function truthOf(holds) {
    return holds ? "TRUE" : "FALSE";
  }

  function either(condition, then, otherwise) {
    if (condition === "TRUE") return then;
    if (condition === "FALSE") return otherwise;
    if (then instanceof Bounds) return hull([then, asBounds(otherwise)]);
    if (Array.isArray(then)) return isIdentical(then, asCodings(otherwise)) ? then : [];
    return then === asTruth(otherwise) ? then : "UNKNOWN";
  }

  function hull(all) {
    const lows = all.map(({ low }) => low);
    const highs = all.map(({ high }) => high);
    return new Bounds(lows.includes(null) ? null : least(lows), highs.includes(null) ? null : greatest(highs));
  }

  function compare(operator, ofType, left, right) {
    if (operator === "!=") return not(compare("=", ofType, left, right));
    if (ORDERED.includes(ofType.name)) return compareBounds(operator, asBounds(left), asBounds(right));
    if (CODED.includes(ofType.name)) return equalCodings(asCodings(left), asCodings(right));
    if (asTruth(left) === "UNKNOWN" || asTruth(right) === "UNKNOWN") return "UNKNOWN";
    return truthOf(left === right);
  }

  /* 7.1 Bounds against bounds */

  function isBelow(one, other) {
    return one !== null && other !== null && order(one, other) < 0;
  }

  function isAtMost(one, other) {
    return one !== null && other !== null && order(one, other) <= 0;
  }

  function below(a, b) {
    if (isBelow(a.high, b.low)) return "TRUE";
    return isAtMost(b.high, a.low) ? "FALSE" : "UNKNOWN";
  }

  function atMost(a, b) {
    if (isAtMost(a.high, b.low)) return "TRUE";
    return isBelow(b.high, a.low) ? "FALSE" : "UNKNOWN";
  }

  function compareBounds(operator, a, b) {
    switch (operator) {
      case "<":
        return below(a, b);
      case "<=":
        return atMost(a, b);
      case ">":
        return below(b, a);
      case ">=":
        return atMost(b, a);
      default:
        if (!meet(a, b)) return "FALSE";
        return a.isExact && b.isExact ? "TRUE" : "UNKNOWN";
    }
  }

  /** What two bounds have in common; null if nothing. */
  function intersection(a, b) {
    const lows = [a.low, b.low].filter((end) => end !== null);
    const highs = [a.high, b.high].filter((end) => end !== null);
    const low = lows.length > 0 ? greatest(lows) : null;
    const high = highs.length > 0 ? least(highs) : null;
    return isBelow(high, low) ? null : new Bounds(low, high);
  }

  function meet(a, b) {
    return intersection(a, b) !== null;
  }

  /* 7.2 Codes */

  function member(found, wanted) {
    const holds = ([system, code], [wantedSystem, wantedCode]) => {
      if (system !== wantedSystem) return false;
      if (!wantedCode.endsWith("*")) return code === wantedCode;
      const category = wantedCode.slice(0, -1);
      return code.startsWith(category) || code === category.replace(/\.+$/, "");
    };
    if (found.some((coding) => wanted.some((one) => holds(coding, one)))) return "TRUE";
    return found.some(([system]) => wanted.some(([other]) => system === other)) ? "FALSE" : "UNKNOWN";
  }

  function equalCodings(a, b) {
    return a.length === 0 || b.length === 0 ? "UNKNOWN" : member(a, b);
  }

  /* ------------------------------------------------------------------------------------------------- 8. Numbers --- */

  function aligned(one, other) {
    const places = Math.max(one.places, other.places);
    return [one.digits * tenTo(places - one.places), other.digits * tenTo(places - other.places), places];
  }

  function tenTo(n) {
    return 10n ** BigInt(n);
  }

  function size(n) {
    return n < 0n ? -n : n;
  }

  function plus(one, other) {
    const [a, b, places] = aligned(one, other);
    return decimal(a + b, places);
  }

  function times(one, other) {
    return decimal(one.digits * other.digits, one.places + other.places);
  }

  function negated(end) {
    return decimal(-end.digits, end.places);
  }

  /** A fraction, half away from zero to so many decimals. */
  function roundedFraction(above, under, places) {
    const [a, b] = under < 0n ? [-above, -under] : [above, under];
    const scale = tenTo(Math.abs(places));
    const [top, bottom] = places < 0 ? [a, b * scale] : [a * scale, b];
    const away = (2n * size(top) + bottom) / (2n * bottom);
    const signed = top < 0n ? -away : away;
    return places < 0 ? decimal(signed * scale, 0) : decimal(signed, places);
  }

  function rounded(end, places) {
    // More decimals than there are change nothing; more whole digits than there are leave nothing.
    if (places >= end.places) return end;
    if (-places > size(end.digits).toString().length + 1) return ZERO;
    return roundedFraction(end.digits, tenTo(end.places), places);
  }

  const PLACES = 8;
  const TOO_GREAT = decimal(tenTo(30), 0);

  /** Bounds whose ends of size 10^30 or more are open. */
  function capped(found) {
    const cap = (end) => {
      if (end === null) return null;
      return order(decimal(size(end.digits), end.places), TOO_GREAT) >= 0 ? null : end;
    };
    return new Bounds(cap(found.low), cap(found.high));
  }

  function readFraction(found, path) {
    const parted = typeof found === "string" && found.length <= 5000 && /^(0|-?[1-9][0-9]*)\/([1-9][0-9]*)$/.exec(found);
    if (!parted) refuse("is no fraction", path);
    const [above, under] = [BigInt(parted[1]), BigInt(parted[2])];
    if (commonDivisor(size(above), under) !== 1n) refuse("is no fraction in lowest terms", path);
    return { above, under };
  }

  function commonDivisor(a, b) {
    return b === 0n ? a : commonDivisor(b, a % b);
  }

  /** `end * factor + offset`, told: exactly if its decimal expansion ends, else rounded to 8 decimals. */
  function converted(end, factor, offset) {
    const scale = tenTo(end.places);
    const above = end.digits * factor.above * offset.under + offset.above * scale * factor.under;
    const under = scale * factor.under * offset.under;
    const divisor = commonDivisor(size(above), under);
    const [a, b] = [above / divisor, under / divisor];
    let [left, places] = [b, 0];
    for (const prime of [2n, 5n]) {
      let powers = 0;
      for (; left % prime === 0n; left /= prime) powers += 1;
      places = Math.max(places, powers);
    }
    return left === 1n ? decimal((a * tenTo(places)) / b, places) : roundedFraction(a, b, PLACES);
  }

  function negate(a) {
    const turn = (end) => (end === null ? null : negated(end));
    return new Bounds(turn(a.high), turn(a.low));
  }

  /* 8.1 Arithmetic */

  const NOT_ZERO = "divisor may be 0";
  const OUTSIDE = "outside the domain";

  /** The value, and a reason where it is unbounded. */
  function arithmetic(operator, a, b) {
    switch (operator) {
      case "+":
        return { value: add(a, b) };
      case "-":
        return { value: add(a, negate(b)) };
      case "*":
        return { value: multiply(a, b) };
      case "/":
        return divide(a, b);
      default:
        return power(a, b);
    }
  }

  function add(a, b) {
    const sum = (one, other) => (one === null || other === null ? null : plus(one, other));
    return capped(new Bounds(sum(a.low, b.low), sum(a.high, b.high)));
  }

  const MINUS_INFINITE = { infinite: -1 };
  const PLUS_INFINITE = { infinite: 1 };

  function multiply(a, b) {
    const ends = (of) => [of.low ?? MINUS_INFINITE, of.high ?? PLUS_INFINITE];
    const products = ends(a).flatMap((one) => ends(b).map((other) => product(one, other)));
    const known = products.filter((each) => !each.infinite);
    const low = products.includes(MINUS_INFINITE) || known.length === 0 ? null : least(known);
    const high = products.includes(PLUS_INFINITE) || known.length === 0 ? null : greatest(known);
    return capped(new Bounds(low, high));
  }

  function product(one, other) {
    if (!one.infinite && !other.infinite) return times(one, other);
    const sign = (end) => end.infinite ?? (end.digits > 0n ? 1 : end.digits < 0n ? -1 : 0);
    const signed = sign(one) * sign(other);
    if (signed === 0) return ZERO;
    return signed > 0 ? PLUS_INFINITE : MINUS_INFINITE;
  }

  function isPositive(end) {
    return end !== null && end.digits > 0n;
  }

  function isNegative(end) {
    return end !== null && end.digits < 0n;
  }

  function divide(a, b) {
    if (isNegative(b.high)) return divide(negate(a), negate(b));
    if (!isPositive(b.low)) return { value: OPEN, reason: NOT_ZERO };
    const over = (end, divisor) => {
      if (divisor === null) return ZERO;
      return roundedFraction(end.digits * tenTo(divisor.places), divisor.digits * tenTo(end.places), PLACES);
    };
    const low = a.low === null ? null : least([over(a.low, b.low), over(a.low, b.high)]);
    const high = a.high === null ? null : greatest([over(a.high, b.low), over(a.high, b.high)]);
    return { value: capped(new Bounds(low, high)) };
  }

  const GREATEST_WHOLE = 1000n;

  function power(a, n) {
    const unbounded = { value: OPEN, reason: OUTSIDE };
    const isWhole = n.isExact && n.low.places === 0 && size(n.low.digits) <= GREATEST_WHOLE;
    const mayBeNegative = a.low === null || isNegative(a.low);
    const mayBeZero = (a.low === null || !isPositive(a.low)) && (a.high === null || !isNegative(a.high));
    const isHalfOpen = a.low === null || a.high === null;
    if (mayBeNegative && !isWhole) return unbounded;
    if (mayBeZero && (n.low === null || isNegative(n.low))) return unbounded;
    if (n.low === null || n.high === null) return unbounded;
    if (isHalfOpen && (!isWhole || isNegative(n.low))) return unbounded;
    if (isHalfOpen) return { value: capped(halfOpenPower(a, n.low)) };
    const found = [a.low, a.high].flatMap((x) => [n.low, n.high].map((y) => powerOf(x, y)));
    if (isNegative(a.low) && isPositive(a.high)) found.push(powerOf(ZERO, n.low));
    return { value: capped(new Bounds(least(found), greatest(found))) };
  }

  function halfOpenPower(a, n) {
    if (n.digits === 0n) return exactly(ONE);
    const raised = (end) => (end === null ? null : powerOf(end, n));
    if (n.digits % 2n !== 0n) return new Bounds(raised(a.low), raised(a.high));
    return new Bounds(raised(absolute(a).low), null);
  }

  /** x to the power of y, rounded to 8 decimals. */
  function powerOf(x, y) {
    if (y.digits === 0n) return ONE;
    if (x.digits === 0n) return ZERO;
    const logarithm = fixedLn(decimal(size(x.digits), x.places));
    const exponent = (logarithm * y.digits) / tenTo(y.places);
    const isOdd = y.places === 0 && y.digits % 2n !== 0n;
    if (exponent > 100n * FIXED) return x.digits < 0n && isOdd ? negated(TOO_GREAT) : TOO_GREAT;
    if (exponent < -100n * FIXED) return ZERO;
    if (y.places === 0 && size(y.digits) <= GREATEST_WHOLE) {
      const above = x.digits ** size(y.digits);
      const under = tenTo(x.places) ** size(y.digits);
      return y.digits > 0n ? roundedFraction(above, under, PLACES) : roundedFraction(under, above, PLACES);
    }
    const found = roundedFixed(fixedExp(exponent));
    return x.digits < 0n && isOdd ? negated(found) : found;
  }

  /* Logarithms and exponentials in fixed point, 120 digits of which more than 60 are right wherever 8 are asked for. */

  const FIXED_PLACES = 120;
  const FIXED = tenTo(FIXED_PLACES);
  const LN_2 = 2n * inverseTangent(FIXED / 3n);
  const HAIR = tenTo(FIXED_PLACES - 60);

  /** The area hyperbolic tangent of z, of size at most 1/3. */
  function inverseTangent(z) {
    const square = (z * z) / FIXED;
    let [term, sum] = [z, 0n];
    for (let n = 1n; term !== 0n; n += 2n) {
      sum += term / n;
      term = (term * square) / FIXED;
    }
    return sum;
  }

  /** The natural logarithm of a number above 0. */
  function fixedLn(x) {
    const under = tenTo(x.places);
    let twos = x.digits.toString(2).length - under.toString(2).length;
    const scaled = (by) => (by >= 0 ? (x.digits * FIXED) / (under << BigInt(by)) : ((x.digits << BigInt(-by)) * FIXED) / under);
    let rest = scaled(twos);
    if (3n * rest > 4n * FIXED) {
      twos += 1;
      rest = scaled(twos);
    }
    return BigInt(twos) * LN_2 + 2n * inverseTangent(((rest - FIXED) * FIXED) / (rest + FIXED));
  }

  /** e to the power of a number of size at most 100. */
  function fixedExp(x) {
    const twos = x / LN_2;
    const rest = x - twos * LN_2;
    let [term, sum] = [FIXED, 0n];
    for (let n = 1n; term !== 0n; n += 1n) {
      sum += term;
      term = (term * rest) / FIXED / n;
    }
    return twos >= 0n ? sum << twos : sum >> -twos;
  }

  /** To 8 decimals; what is nearer to a tie than can be told apart is one. */
  function roundedFixed(x) {
    return roundedFraction(x < 0n ? x - HAIR : x + HAIR, FIXED, PLACES);
  }

  /* 8.2 Functions */

  function applied(name, operands) {
    const [a, b] = operands;
    const endwise = (through) => {
      const end = (each) => (each === null ? null : through(each));
      return { value: capped(new Bounds(end(a.low), end(a.high))) };
    };
    switch (name) {
      case "Ln":
        if (!isPositive(a.low)) return { value: OPEN, reason: OUTSIDE };
        return endwise((x) => roundedFixed(fixedLn(x)));
      case "Sqrt":
        if (a.low === null || isNegative(a.low)) return { value: OPEN, reason: OUTSIDE };
        return endwise(squareRoot);
      case "Exp": {
        const { low, high } = endwise(exponential).value;
        return { value: new Bounds(a.low === null ? ZERO : low, high) };
      }
      case "Abs":
        return { value: absolute(a) };
      case "Round":
        return roundTo(a, b ?? exactly(ZERO), endwise);
      case "Min":
        return { value: minimum(operands) };
      case "Max":
        return { value: maximum(operands) };
      case "Sum":
        return { value: sum(operands) };
      case "Mean":
        return { value: mean(operands) };
      default:
        return agreed(operands);
    }
  }

  function exponential(x) {
    if (order(x, wholeNumber(100)) > 0) return TOO_GREAT;
    if (order(x, wholeNumber(-100)) < 0) return ZERO;
    return roundedFixed(fixedExp((x.digits * FIXED) / tenTo(x.places)));
  }

  function squareRoot(x) {
    // Half away from zero: the whole root of four times the square, halved upwards.
    const doubled = wholeRoot((4n * x.digits * tenTo(2 * PLACES)) / tenTo(x.places), 2n);
    return decimal((doubled + 1n) / 2n, PLACES);
  }

  function absolute(a) {
    if (a.low !== null && a.low.digits >= 0n) return a;
    if (a.high !== null && a.high.digits <= 0n) return negate(a);
    const high = a.low === null || a.high === null ? null : greatest([a.high, negated(a.low)]);
    return new Bounds(ZERO, high);
  }

  function roundTo(a, places, endwise) {
    if (!places.isExact) return { value: OPEN, reason: "places not known" };
    const n = cutToWhole(places.low, 1000000000);
    return endwise((x) => rounded(x, n));
  }

  /** A number cut to a whole one toward zero, and to a size. */
  function cutToWhole(end, atMostOfSize) {
    const whole = end.digits / tenTo(end.places);
    const most = BigInt(atMostOfSize);
    return Number(whole > most ? most : whole < -most ? -most : whole);
  }

  function minimum(all) {
    const lows = all.map(({ low }) => low);
    const highs = all.map(({ high }) => high).filter((end) => end !== null);
    return new Bounds(
      lows.length === 0 || lows.includes(null) ? null : least(lows),
      highs.length === 0 ? null : least(highs),
    );
  }

  function maximum(all) {
    const lows = all.map(({ low }) => low).filter((end) => end !== null);
    const highs = all.map(({ high }) => high);
    return new Bounds(
      lows.length === 0 ? null : greatest(lows),
      highs.length === 0 || highs.includes(null) ? null : greatest(highs),
    );
  }

  function sum(all) {
    return all.reduce(add, exactly(ZERO));
  }

  function mean(all) {
    return all.length === 0 ? OPEN : divide(sum(all), exactly(wholeNumber(all.length))).value;
  }

  function agreed(all) {
    let common = OPEN;
    for (const each of all) {
      common = intersection(common, each);
      if (common === null) {
        return { value: OPEN, reason: "the measurements contradict each other", conflict: true };
      }
    }
    return { value: common };
  }

  /* --------------------------------------------------------------------------------------------------- 9. Dates --- */

  const LAST_YEAR = 9999;
  const GREATEST_SHIFT = 4000000;

  function daysBeforeYear(year) {
    const passed = year - 1;
    return 365 * passed + Math.floor(passed / 4) - Math.floor(passed / 100) + Math.floor(passed / 400);
  }

  const LAST_DAY = daysBeforeYear(LAST_YEAR + 1) - 1;

  function monthLength(year, month) {
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    if (month === 2) return isLeap ? 29 : 28;
    return [4, 6, 9, 11].includes(month) ? 30 : 31;
  }

  function dayNumber(year, month, dayOfMonth) {
    let passed = daysBeforeYear(year);
    for (let before = 1; before < month; before += 1) passed += monthLength(year, before);
    return passed + dayOfMonth - 1;
  }

  /** Year, month and day of the month. */
  function calendar(n) {
    let year = Math.floor(n / 365.2425) + 1;
    while (daysBeforeYear(year) > n) year -= 1;
    while (daysBeforeYear(year + 1) <= n) year += 1;
    let left = n - daysBeforeYear(year);
    let month = 1;
    for (; left >= monthLength(year, month); month += 1) left -= monthLength(year, month);
    return { year, month, day: left + 1 };
  }

  function dayText(n) {
    const { year, month, day: dayOfMonth } = calendar(n);
    const two = (part_) => String(part_).padStart(2, "0");
    return `${String(year).padStart(4, "0")}-${two(month)}-${two(dayOfMonth)}`;
  }

  function readDay(found, path) {
    const parted = typeof found === "string" && /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(found);
    if (!parted) refuse("is no day", path);
    const [year, month, dayOfMonth] = parted.slice(1).map(Number);
    const isInCalendar = year >= 1 && month >= 1 && month <= 12 && dayOfMonth >= 1;
    if (!isInCalendar || dayOfMonth > monthLength(year, month)) refuse("is no day of the calendar", path);
    return dayEnd(dayNumber(year, month, dayOfMonth));
  }

  function isInstant(end) {
    return end.kind === "instant";
  }

  function dayOf(end) {
    return isInstant(end) ? dayEnd(Math.floor(end.n / SECONDS)) : end;
  }

  /** The end on another day, at the same time; open beyond the years 1 to 9999. */
  function onDay(end, n) {
    if (n < 0 || n > LAST_DAY) return null;
    return isInstant(end) ? instantEnd(n * SECONDS + (end.n % SECONDS)) : dayEnd(n);
  }

  function shiftEnd(end, amount, unit) {
    const n = cutToWhole(amount, GREATEST_SHIFT);
    const today = dayOf(end).n;
    switch (unit) {
      case "days":
        return onDay(end, today + n);
      case "weeks":
        return onDay(end, today + 7 * n);
      case "hours": {
        if (!isInstant(end)) return onDay(end, today + Math.floor(n / 24));
        const moved = end.n + 3600 * n;
        return moved < 0 || moved >= (LAST_DAY + 1) * SECONDS ? null : instantEnd(moved);
      }
      default:
        return onDay(end, shiftedByMonths(today, unit === "years" ? 12 * n : n));
    }
  }

  function shiftedByMonths(n, months) {
    const from = calendar(n);
    const month = 12 * from.year + from.month - 1 + months;
    const [year, ofYear] = [Math.floor(month / 12), (((month % 12) + 12) % 12) + 1];
    if (year < 1 || year > LAST_YEAR) return -1;
    return dayNumber(year, ofYear, Math.min(from.day, monthLength(year, ofYear)));
  }

  function shift(dates, amount, unit) {
    const end = (each, by) => (each === null || by === null ? null : shiftEnd(each, by, unit));
    return new Bounds(end(dates.low, amount.low), end(dates.high, amount.high));
  }

  /** How many whole units have passed from a to b. */
  function completed(a, b, unit) {
    if (a.kind !== b.kind) refuse("counts from a day to an instant");
    const seconds = isInstant(a) ? b.n - a.n : (b.n - a.n) * SECONDS;
    switch (unit) {
      case "hours":
        return Math.floor(seconds / 3600);
      case "days":
        return Math.floor(seconds / SECONDS);
      case "weeks":
        return Math.floor(seconds / (7 * SECONDS));
      default: {
        const [from, to] = [calendar(dayOf(a).n), calendar(dayOf(b).n)];
        const months = 12 * (to.year - from.year) + to.month - from.month;
        const n = unit === "years" ? Math.floor(months / 12) : months;
        const reached = shiftEnd(a, wholeNumber(n), unit);
        return reached === null || order(reached, b) > 0 ? n - 1 : n;
      }
    }
  }

  function duration(left, right, unit) {
    const passed = (a, b) => (a === null || b === null ? null : wholeNumber(completed(a, b, unit)));
    return new Bounds(passed(left.high, right.low), passed(left.low, right.high));
  }

  function yearsOfAge(born, on) {
    const [from, to] = [calendar(dayOf(born).n), calendar(dayOf(on).n)];
    const isBefore = to.month < from.month || (to.month === from.month && to.day < from.day);
    return to.year - from.year - (isBefore ? 1 : 0);
  }

  function age(born, on) {
    if (isBelow(on.high, born.low)) return OPEN;
    const years = (a, b) => (a === null || b === null ? null : wholeNumber(yearsOfAge(a, b)));
    return new Bounds(years(born.high, on.low), years(born.low, on.high));
  }

  function timing(node, operand, amount, reference) {
    const back = negate(amount);
    const by = (much, unit = node.unit) => shift(reference, much, unit);
    const oneDay = exactly(ONE);
    const window = {
      "or less before": () => [by(back), node.inclusive ? reference : by(negate(oneDay), "days")],
      "or more before": () => [null, by(back)],
      "or less after": () => [node.inclusive ? reference : by(oneDay, "days"), by(amount)],
      "or more after": () => [by(amount), null],
      around: () => [by(back), by(amount)],
    };
    const [first, last] = window[node.kind]();
    const sides = [];
    if (first !== null) sides.push(atMost(first, operand));
    if (last !== null) sides.push(atMost(operand, last));
    return and(...sides);
  }

  /* ---------------------------------------------------------------------------------------------------- 10. Rows --- */

  const BOTH = "recorded as present and as absent";
  const NOT_COMPLETE = "list not complete";
  const ONLY_POSSIBLE = "only possible entries";
  const NOT_RECORDED = "not recorded";

  /** What a query has left of the rows of one requirement. */
  class RowSet {
    constructor(certain, possible, absences, unlisted, concepts, basis) {
      this.certain = certain;
      this.possible = possible;
      this.absences = absences;
      this.unlisted = unlisted;
      this.concepts = concepts;
      this.basis = basis;
    }

    get all() {
      return [...this.certain, ...this.possible];
    }

    written() {
      return {
        certain: idsOf(this.certain),
        possible: idsOf(this.possible),
        absent: idsOf(this.absences),
        open: this.unlisted !== null,
      };
    }
  }

  function idsOf(rows) {
    return rows.map(({ id }) => id);
  }

  function retrieve(requirement, record, asOf) {
    const facts = record.facts.filter((fact) => fact.requirement === requirement);
    const isUsable = (fact) => fact.isCertain && !(fact.value instanceof SetAside);
    const said = Object.hasOwn(record.complete, requirement) ? record.complete[requirement] : null;
    return new RowSet(
      facts.filter(isUsable),
      facts.filter((fact) => !isUsable(fact)),
      record.absences.filter((absence) => absence.requirement === requirement),
      unlistedRow(said, asOf),
      Object.hasOwn(record.concepts, requirement) ? record.concepts[requirement] : 0,
      said === null ? null : said.basis,
    );
  }

  /** A row of which nothing is known but the day up to which it may be. */
  function blankRow(id, until) {
    const when = new Bounds(null, until);
    return { id, value: [], when, clock: "", codes: [], concepts: [], fields: new Map(), by: "" };
  }

  function unlistedRow(said, asOf) {
    if (said === null) return blankRow(UNLISTED, asOf);
    if (said.since === undefined) return null;
    return blankRow(UNLISTED, onDay(asOf, readDay(said.since, "/record/complete").n - 1));
  }

  function fieldOf(row, name, ofType) {
    if (name === "date") return row.when;
    if (name === "code") return row.codes;
    const found = recorded(row, name);
    const isNothing = found === undefined || found instanceof SetAside || found === "UNKNOWN";
    return isNothing || (Array.isArray(found) && found.length === 0) ? nothingKnown(ofType) : found;
  }

  function recorded(row, name) {
    return name === "value" ? row.value : row.fields.get(name);
  }

  /* 10.1 Weighing */

  function speaksOf(absence, row) {
    const isNamed = row.concepts.length > 0 && row.concepts.every((each) => absence.concepts.includes(each));
    return (absence.isOfEverything || isNamed) && !isBelow(absence.when.high, row.when.low);
  }

  function isAnswered(row, rows) {
    const late = rows.absences.filter((absence) => isAtMost(row.when.high, absence.when.low));
    if (late.some(({ isOfEverything }) => isOfEverything)) return true;
    const named = new Set(late.flatMap(({ concepts }) => concepts));
    if (row.concepts.length > 0) return row.concepts.every((each) => named.has(each));
    return rows.concepts > 0 && areAll(named, rows.concepts);
  }

  function areAll(named, concepts) {
    return Array.from({ length: concepts }, (_, n) => n).every((each) => named.has(each));
  }

  function weigh(rows) {
    const { certain, possible, absences, unlisted } = rows;
    const named = new Set(absences.flatMap(({ concepts }) => concepts));
    const isDeniedWhole =
      absences.some(({ isOfEverything }) => isOfEverything) || (rows.concepts > 0 && named.size >= rows.concepts);
    const isContradicted = (row) => absences.some((absence) => speaksOf(absence, row));
    const contradicted = certain.filter(isContradicted);
    const standing = certain.filter((row) => !isContradicted(row));
    const doubtful = absences.length === 0 ? possible : possible.filter((row) => !isAnswered(row, rows));
    const isWholeAndEmpty = absences.length > 0 && certain.length === 0 && doubtful.length === 0 && isDeniedWhole;
    return {
      standing,
      contradicted,
      doubtful,
      all: [...standing, ...contradicted, ...doubtful],
      isDeniedWhole,
      isClosed: unlisted === null || isWholeAndEmpty,
    };
  }

  /* 10.2 May be one */

  function mayBeOne(one, other) {
    if (one.clock && other.clock && one.clock !== other.clock && isIdentical(one.when, other.when)) return false;
    if (!meet(one.when, other.when)) return false;
    if (one.by && other.by && one.by !== other.by) return false;
    const areBounds = one.value instanceof Bounds && other.value instanceof Bounds;
    if (one.codes.length > 0 && other.codes.length > 0 && !areBounds && !shareCode(one, other)) return false;
    if (!mayBeEqual(one.value, other.value)) return false;
    for (const [name, found] of one.fields) {
      if (other.fields.has(name) && !mayBeEqual(found, other.fields.get(name))) return false;
    }
    return true;
  }

  function shareCode(one, other) {
    return (
      one.codes.some(([system, code]) => other.codes.some((each) => each[0] === system && each[1] === code)) ||
      one.concepts.some((concept) => other.concepts.includes(concept))
    );
  }

  function mayBeEqual(one, other) {
    if (one instanceof Bounds && other instanceof Bounds) return meet(one, other);
    if (one instanceof SetAside || other instanceof SetAside) return true;
    return isUnknown(one) || isUnknown(other) || isIdentical(one, other);
  }

  /** How many of the rows are certainly not one and the same. */
  function leastDistinct(rows) {
    const sorted = [...rows].sort(
      (one, other) =>
        openLast(one.when.high, other.when.high, 1) ||
        openLast(one.when.low, other.when.low, -1) ||
        byCodePoints(one.clock, other.clock) ||
        byCodePoints(one.id, other.id),
    );
    const taken = [];
    for (const row of sorted) if (taken.every((other) => !mayBeOne(row, other))) taken.push(row);
    return taken.length;
  }

  function openLast(one, other, direction) {
    if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0);
    return direction * order(one, other);
  }

  /* 10.3 Nodes over rows: value, facts, reason, conflict */

  function exists(rows) {
    const weighed = weigh(rows);
    if (weighed.standing.length > 0) return { value: "TRUE", facts: weighed.standing };
    if (weighed.contradicted.length > 0) {
      const facts = [...weighed.contradicted, ...rows.absences];
      return { value: "UNKNOWN", facts, reason: BOTH, conflict: true };
    }
    if (weighed.doubtful.length > 0) return { value: "UNKNOWN", facts: weighed.doubtful, reason: ONLY_POSSIBLE };
    const isDenied = rows.absences.length > 0 && (rows.possible.length > 0 || weighed.isDeniedWhole);
    if (isDenied && weighed.isClosed) return { value: "FALSE", facts: rows.absences, reason: "absence attested" };
    if (weighed.isClosed) {
      return { value: "FALSE", reason: rows.basis === "site declaration" ? rows.basis : "list complete" };
    }
    return { value: "UNKNOWN", reason: NOT_RECORDED };
  }

  function silence(operand, rows) {
    const isSilent = rows.all.length === 0 && rows.absences.length === 0;
    if (operand === "UNKNOWN" && isSilent) return { value: "FALSE", reason: "silence read as no" };
    return { value: operand };
  }

  /** Facts, reason and conflict of whatever counts rows. */
  function counted(weighed, found) {
    if (weighed.contradicted.length > 0) return { value: found, facts: weighed.all, reason: BOTH, conflict: true };
    return { value: found, facts: weighed.all, reason: weighed.isClosed ? "" : NOT_COMPLETE };
  }

  function countRows(rows) {
    const weighed = weigh(rows);
    const high = weighed.isClosed ? wholeNumber(weighed.all.length) : null;
    return counted(weighed, new Bounds(wholeNumber(leastDistinct(weighed.standing)), high));
  }

  function rowValues(node, rows) {
    const weighed = weigh(rows);
    const open = (reason, more = {}) => ({ value: OPEN, facts: weighed.all, reason, ...more });
    const { standing } = weighed;
    if (weighed.contradicted.length > 0) return open(BOTH, { conflict: true });
    if (!weighed.isClosed) return open(NOT_COMPLETE);
    if (weighed.doubtful.length > 0) return open(ONLY_POSSIBLE);
    if (standing.length === 0) return open("no entries");
    const isAdding = node.function === "Sum" || node.function === "Mean";
    if (isAdding && leastDistinct(standing) < standing.length) return open("entries may be one");
    const values = standing.map((row) => {
      const found = recorded(row, node.field_name);
      return found instanceof Bounds ? asNumbersIf(isAdding, found) : OPEN;
    });
    return { value: applied(node.function, values).value, facts: weighed.all };
  }

  function asNumbersIf(isAdding, found) {
    return isAdding ? asNumbers(found) : found;
  }

  /* 10.4 Distinct keys */

  const MOST_KEYS = 12;

  function countDistinct(node, rows) {
    const weighed = weigh(rows);
    const low = leastKeys(weighed.standing, node.key);
    const high = weighed.isClosed ? mostKeys(weighed.all, node.key) : Infinity;
    const most = Math.max(low, Math.min(high, node.cap ?? Infinity));
    return counted(weighed, new Bounds(wholeNumber(low), most === Infinity ? null : wholeNumber(most)));
  }

  /** The marks and concepts of a row's key; null if it has none. */
  function keyOf(row, name) {
    if (name === "code") return row.codes.length === 0 ? null : key(row.codes, row.concepts);
    const found = recorded(row, name);
    if (found === undefined || found instanceof SetAside || isUnknown(found)) return null;
    if (found instanceof Bounds) return found.isExact ? key([["", endText(found.low)]], []) : null;
    return key(typeof found === "string" ? [["", found]] : found, []);
  }

  function key(codes, concepts) {
    const marks = new Map(codes.map(([system, code]) => [JSON.stringify([system, code]), [system, code]]));
    const texts = [...marks.values()].map((mark) => mark.join(" ")).sort(byCodePoints);
    const systems = new Set(codes.map(([system]) => system));
    const named = [...new Set(concepts)].sort((a, b) => a - b);
    const identity = JSON.stringify([[...marks.keys()].sort(), named]);
    return { marks, texts, systems, concepts: named, identity };
  }

  function differentKeys(rows, name) {
    const keys = rows.map((row) => keyOf(row, name)).filter((each) => each !== null);
    return [...new Map(keys.map((each) => [each.identity, each])).values()];
  }

  function areOne(a, b) {
    return [...a.marks.keys()].some((mark) => b.marks.has(mark)) || a.concepts.some((each) => b.concepts.includes(each));
  }

  function areTwo(a, b) {
    return !areOne(a, b) && [...a.systems].some((system) => b.systems.has(system));
  }

  function leastKeys(rows, name) {
    const keys = differentKeys(rows, name);
    if (keys.length === 0) return rows.length > 0 ? 1 : 0;
    if (keys.length <= MOST_KEYS) return largestSetOfTwos(keys, 0);
    const texts = itemByItem(byCodePoints);
    const positions = itemByItem((a, b) => a - b);
    keys.sort(
      (a, b) => a.marks.size - b.marks.size || texts(a.texts, b.texts) || positions(a.concepts, b.concepts),
    );
    const taken = [];
    for (const each of keys) if (taken.every((other) => areTwo(each, other))) taken.push(each);
    return taken.length;
  }

  /** Of these keys, the size of the largest set any two of which are two. */
  function largestSetOfTwos(keys) {
    if (keys.length === 0) return 0;
    const [first, ...rest] = keys;
    const withFirst = 1 + largestSetOfTwos(rest.filter((each) => areTwo(first, each)));
    return Math.max(withFirst, largestSetOfTwos(rest));
  }

  function mostKeys(rows, name) {
    const withoutKey = rows.filter((row) => keyOf(row, name) === null).length;
    let left = differentKeys(rows, name);
    let found = withoutKey;
    while (left.length > 0) {
      const chain = [left[0]];
      left = left.slice(1);
      for (const each of chain) {
        chain.push(...left.filter((other) => areOne(each, other)));
        left = left.filter((other) => !areOne(each, other));
      }
      const hasTwo = chain.some((one, n) => chain.slice(n + 1).some((other) => areTwo(one, other)));
      found += hasTwo ? chain.length : 1;
    }
    return found;
  }

  /* 10.5 Selection */

  const ASIDE = "set aside";
  const NO_DAY = "day not known";

  function isAside(row) {
    return row.value instanceof SetAside;
  }

  function boundsAmong(rows) {
    return rows.map((row) => row.value).filter((found) => found instanceof Bounds);
  }

  function within(found, blank) {
    if (!(found instanceof Bounds) || !(blank instanceof Bounds) || blank.isOpen) return found;
    return intersection(found, blank) ?? found;
  }

  function select(node, rows, scale) {
    const blank = ORDERED.includes(node.type.name) ? scale : nothingKnown(node.type);
    const { certain, possible } = rows;
    const { readings, take } = node;
    const wanted = `${readings} readings wanted`;
    if (certain.length === 0) {
      const reason = possible.length === 0 ? NOT_RECORDED : possible.some(isAside) ? ASIDE : ONLY_POSSIBLE;
      return { value: blank, facts: possible, reason };
    }
    if (certain.length === 1 && possible.length === 0 && readings === 1) {
      const [row] = certain;
      const found = isUnknown(row.value) ? nothingKnown(node.type) : row.value;
      const taken = take === "mean of latest day" && found instanceof Bounds ? mean([asNumbers(found)]) : found;
      return { value: within(taken, blank), facts: certain, reason: isUnknown(row.value) ? "not known" : "" };
    }
    if (readings > 1 && leastDistinct(certain) < readings) return { value: blank, facts: certain, reason: wanted };
    switch (take) {
      case "highest":
      case "lowest":
        return selectExtreme(take, rows, blank);
      case "mean of latest day":
        return selectMean(rows, readings, blank);
      default:
        return selectNearest(take, rows, blank);
    }
  }

  function extremeCandidates(take, rows) {
    const ends = boundsAmong(rows.certain)
      .map((found) => (take === "highest" ? found.low : found.high))
      .filter((end) => end !== null);
    if (ends.length === 0) return rows.all;
    const sure = take === "highest" ? greatest(ends) : least(ends);
    return rows.all.filter(({ value: found }) => {
      if (!(found instanceof Bounds)) return true;
      return take === "highest" ? !isBelow(found.high, sure) : !isBelow(sure, found.low);
    });
  }

  function selectExtreme(take, rows, blank) {
    const facts = extremeCandidates(take, rows);
    if (facts.some(isAside)) return { value: blank, facts, reason: ASIDE };
    const [certain, all] = [boundsAmong(rows.certain), boundsAmong(rows.all)];
    const found =
      take === "highest"
        ? new Bounds(maximum(certain).low, maximum(all).high)
        : new Bounds(minimum(all).low, minimum(certain).high);
    return { value: within(found, blank), facts };
  }

  function selectMean(rows, readings, blank) {
    const dated = rows.certain.filter(({ when }) => when.isExact);
    if (dated.length === 0) return { value: blank, facts: rows.all, reason: NO_DAY };
    const latest = greatest(dated.map(({ when }) => when.low));
    const taken = dated.filter(({ when }) => order(when.low, latest) === 0);
    const doubtful = rows.all.filter((row) => !taken.includes(row) && !isBelow(row.when.high, latest));
    const facts = [...taken, ...doubtful];
    if (doubtful.length > 0) return { value: blank, facts, reason: doubtful.some(isAside) ? ASIDE : NO_DAY };
    if (readings > 1 && leastDistinct(taken) < readings) {
      return { value: blank, facts, reason: `${readings} readings wanted` };
    }
    const values = boundsAmong(taken).map(asNumbers);
    return { value: within(values.length === 0 ? blank : mean(values), blank), facts };
  }

  /** The rows that may be the latest, or the first. */
  function nearestCandidates(take, rows) {
    const isLatest = take !== "first";
    const ends = rows.certain.map(({ when }) => (isLatest ? when.low : when.high)).filter((end) => end !== null);
    if (ends.length === 0) return rows.all;
    const edge = isLatest ? greatest(ends) : least(ends);
    const isOfTheDay = ({ when }) => when.isExact && order(when.low, edge) === 0;
    const clocks = rows.certain
      .filter((row) => isOfTheDay(row) && row.clock !== "")
      .map(({ clock }) => clock)
      .sort(byCodePoints);
    const clock = isLatest ? clocks[clocks.length - 1] : clocks[0];
    return rows.all.filter((row) => {
      if (isLatest ? isBelow(row.when.high, edge) : isBelow(edge, row.when.low)) return false;
      if (clock === undefined || !isOfTheDay(row) || row.clock === "") return true;
      const later = byCodePoints(row.clock, clock);
      return isLatest ? later >= 0 : later <= 0;
    });
  }

  function selectNearest(take, rows, blank) {
    const facts = nearestCandidates(take, rows);
    const values = facts.map((row) => row.value);
    if (facts.some(isAside)) return { value: blank, facts, reason: ASIDE };
    const conflict = isContradicting(facts.filter((row) => rows.certain.includes(row)).map((row) => row.value));
    const areIdentical = values.every((found) => isIdentical(found, values[0]));
    const reason = areIdentical ? "" : "several candidates";
    if (values.every((found) => found instanceof Bounds)) {
      return { value: within(hull(values), blank), facts, reason, conflict };
    }
    return areIdentical ? { value: values[0], facts } : { value: blank, facts, reason, conflict };
  }

  function isContradicting(values) {
    return values.some((one, n) => values.slice(n + 1).some((other) => excludeEachOther(one, other)));
  }

  function excludeEachOther(one, other) {
    if (one instanceof Bounds && other instanceof Bounds) return !meet(one, other);
    if (Array.isArray(one) && Array.isArray(other)) return equalCodings(one, other) === "FALSE";
    return (one === "TRUE" && other === "FALSE") || (one === "FALSE" && other === "TRUE");
  }

  function dateOf(node, rows) {
    const { certain } = rows;
    if (certain.length === 0 || (node.readings > 1 && leastDistinct(certain) < node.readings)) {
      return { value: OPEN, reason: NOT_RECORDED };
    }
    const dated = (facts) => ({ value: hull(facts.map(({ when }) => when)), facts });
    if (certain.length === 1 && rows.possible.length === 0) return dated(certain);
    switch (node.take) {
      case "highest":
      case "lowest":
        return dated(extremeCandidates(node.take, rows));
      case "mean of latest day": {
        const found = selectMean(rows, node.readings, OPEN);
        if (found.reason) return { value: OPEN, facts: found.facts, reason: found.reason };
        return dated(found.facts.filter((row) => certain.includes(row)));
      }
      default:
        return dated(nearestCandidates(node.take, rows));
    }
  }

  /* --------------------------------------------------------- 11. Contradictions, 12. Evaluation order, 13. Steps --- */

  class Evaluation {
    constructor(tree, record, asOf, steps) {
      this.tree = tree;
      this.record = record;
      this.asOf = asOf;
      this.stated = steps;
      this.count = 0;
      this.values = new Map();
      this.conflicts = new Set();
      this.retrieved = new Map();
      /* The steps of nodes that were evaluated outside conditions, by place. */
      this.steps = new Map();
    }

    run() {
      for (const [name, expression] of this.tree.entries) {
        this.values.set(name, this.evaluate(expression, new Map(), ""));
      }
      if (this.stated.length > this.count) refuse("is a step too many", this.placeOfStated(this.count));
    }

    placeOfStated(n) {
      const place = this.stated[n].place;
      return typeof place === "string" && this.steps.has(place) ? place : `/certificate/steps/${n}`;
    }

    /** The value of a node; its step is compared with the one that the certificate has in its place. */
    evaluate(node, scope, row) {
      let found;
      try {
        found = this.computed(node, scope, row);
        found.written = written(found.value);
      } catch (problem) {
        if (problem instanceof Refusal && problem.path === "") refuse(problem.message, node.place);
        throw problem;
      }
      const step = { place: node.place, value: found.written };
      if (row !== "") step.row = row;
      if (found.facts && found.facts.length > 0) step.facts = idsOf(found.facts);
      if (found.reason) step.reason = found.reason;
      if (found.conflict) {
        step.conflict = true;
        this.conflicts.add(node.place);
      }
      if (this.count >= this.stated.length || firstDifference(step, this.stated[this.count], "") !== null) {
        refuse("is not the step that follows here", node.place);
      }
      this.count += 1;
      if (row === "") this.steps.set(node.place, { value: found.value, facts: step.facts ?? [], reason: found.reason });
      return found.value;
    }

    computed(node, scope, row) {
      if (node.node === "Where") return { value: this.where(node, scope, row) };
      if (node.node === "Fires") return this.fires(node, scope, row);
      const values = partsOf(node).map((each) => this.evaluate(each, scope, row));
      return this.valueOf(node, values, scope);
    }

    /** Whether the condition of a query holds of a row. */
    tried(node, scope, row, each) {
      const inner = new Map(scope).set(node.alias, each);
      return asTruth(this.evaluate(node.condition, inner, row === "" ? each.id : `${row}/${each.id}`));
    }

    where(node, scope, row) {
      const rows = this.evaluate(node.source, scope, row);
      const holds = (each) => this.tried(node, scope, row, each);
      const certain = rows.certain.map((each) => [each, holds(each)]);
      const possible = rows.possible.map((each) => [each, holds(each)]);
      const absences = rows.absences.filter((each) => holds(blankRow(each.id, each.when.low)) !== "FALSE");
      const unlisted = rows.unlisted !== null && holds(rows.unlisted) !== "FALSE" ? rows.unlisted : null;
      const those = (tried, ...wanted) => tried.filter(([, found]) => wanted.includes(found)).map(([each]) => each);
      return new RowSet(
        those(certain, "TRUE"),
        [...those(certain, "UNKNOWN"), ...those(possible, "TRUE", "UNKNOWN")],
        absences,
        unlisted,
        rows.concepts,
        rows.basis,
      );
    }

    fires(node, scope, row) {
      const rows = this.evaluate(node.source, scope, row);
      const isNamed = (each) => rows.concepts === 0 || each.concepts.length > 0 || each.codes.length === 0;
      const facts = [...rows.certain, ...rows.possible.filter(isNamed)].filter(
        (each) => this.tried(node, scope, row, each) === "TRUE",
      );
      return { value: truthOf(facts.length > 0), facts };
    }

    rowsOf(requirement) {
      if (!this.retrieved.has(requirement)) {
        this.retrieved.set(requirement, retrieve(requirement, this.record, this.asOf));
      }
      return this.retrieved.get(requirement);
    }

    parameter(name) {
      return name === SCREENING_DATE ? exactly(this.asOf) : this.tree.parameters.get(name);
    }

    contradicted({ criterion, hard, soft }) {
      const isConflict = (place) => this.conflicts.has(place);
      const isOpen = this.values.get(criterion) === "UNKNOWN";
      return truthOf(hard.some(isConflict) || (isOpen && soft.some(isConflict)));
    }

    /** Value, and where there are any facts, reason and conflict, of a node whose parts have these values. */
    valueOf(node, values, scope) {
      const [a, b, c] = values;
      switch (node.node) {
        case "Literal":
          return { value: readValue(node.value, `${node.place}`) };
        case "Parameter":
          return { value: this.parameter(node.name) };
        case "Reference":
          return { value: this.values.get(node.name) };
        case "Field":
          return { value: fieldOf(scope.get(node.alias), node.name, node.type) };
        case "Retrieve":
          return { value: this.rowsOf(node.requirement) };
        case "Select":
          return select(node, a, readBounds(node.scale, node.place));
        case "DateOf":
          return dateOf(node, a);
        case "Exists":
          return exists(a);
        case "Silence":
          return silence(asTruth(a), b);
        case "Count":
          return countRows(a);
        case "CountDistinct":
          return countDistinct(node, a);
        case "RowValues":
          return rowValues(node, a);
        case "Favoured":
          return { value: asTruth(a) === "UNKNOWN" ? node.toward : a };
        case "And":
          return { value: and(...values.map(asTruth)) };
        case "Or":
          return { value: or(...values.map(asTruth)) };
        case "Not":
          return { value: not(asTruth(a)) };
        case "Xor": {
          const isOpen = [asTruth(a), asTruth(b)].includes("UNKNOWN");
          return { value: isOpen ? "UNKNOWN" : truthOf(a !== b) };
        }
        case "Implies":
          return { value: or(not(asTruth(a)), asTruth(b)) };
        case "If":
          return { value: either(asTruth(a), b, c) };
        case "CountTrue": {
          const truths = values.map(asTruth);
          const sure = truths.filter((each) => each === "TRUE").length;
          const most = truths.filter((each) => each !== "FALSE").length;
          return { value: new Bounds(wholeNumber(sure), wholeNumber(most)) };
        }
        case "Compare":
          return { value: compare(node.operator, node.left.type, a, b) };
        case "Between":
          return { value: and(atMost(asBounds(b), asBounds(a)), atMost(a, asBounds(c))) };
        case "InInterval": {
          const above = (node.low_closed ? atMost : below)(asBounds(b), asBounds(a));
          return { value: and(above, (node.high_closed ? atMost : below)(a, asBounds(c))) };
        }
        case "InSet":
          return { value: member(asCodings(a), node.codes) };
        case "Is": {
          const holds = node.state === "null" ? isUnknown(a) : asTruth(a) === node.state.toUpperCase();
          return { value: truthOf(holds !== node.negated) };
        }
        case "Coalesce":
          return { value: values.find((each) => !isUnknown(each)) ?? values[values.length - 1] };
        case "Timing":
          return { value: timing(node, asDates(a), asNumbers(b), asDates(c)) };
        case "Negate":
          return { value: negate(asNumbers(a)) };
        case "Arithmetic":
          return arithmetic(node.operator, asNumbers(a), asNumbers(b));
        case "Function":
          return this.functionOf(node, values);
        case "Convert":
          return { value: convert(node, asNumbers(a)) };
        case "Shift":
          return { value: shift(asDates(a), node.sign < 0 ? negate(asNumbers(b)) : asNumbers(b), node.unit) };
        case "DayOf": {
          const end = (each) => (each === null ? null : dayOf(each));
          return { value: new Bounds(end(withEnds(a, ["instant"], "instants").low), end(a.high)) };
        }
        case "Duration":
          return { value: duration(asDates(a), asDates(b), node.unit) };
        case "Age":
          return { value: age(asDates(a), asDates(b)) };
        case "Contradicted":
          return { value: this.contradicted(node) };
        default:
          return refuse("is no kind of node");
      }
    }

    functionOf(node, values) {
      const isOfAnyEnds = ["Min", "Max", "Agree"].includes(node.name);
      return applied(node.name, values.map(isOfAnyEnds ? asBounds : asNumbers));
    }
  }

  function convert(node, found) {
    const factor = readFraction(node.factor, node.place);
    const offset = readFraction(node.offset, node.place);
    const end = (each) => (each === null ? null : converted(each, factor, offset));
    return new Bounds(end(found.low), end(found.high));
  }

  /* ------------------------------------------------------------------------------------------ 14. Determination --- */

  function determinationOf(json, tree, evaluation) {
    const truths = Object.fromEntries(ROOTS.map((root) => [root, asTruth(evaluation.values.get(root))]));
    const said = verdictOf(truths);
    const findings = json.criteria.map((criterion) => findingOf(criterion, json, tree, evaluation));
    const each = json.criteria.map((criterion, n) => ({ ...criterion, finding: findings[n] }));
    const idsWhere = (holds) => each.filter(holds).map(({ id }) => id);
    const bars = ({ category, finding }) => finding.truth === (category === "inclusion" ? "FALSE" : "TRUE");
    const isToReview = ({ strength, finding }) =>
      (strength === "relative" && finding.truth !== "FALSE") ||
      finding.judgements !== undefined ||
      finding.contradicted === true;
    return {
      verdict: said,
      label: json.labels.find(({ verdict: of }) => of === said)?.label ?? said,
      standing: standingOf(said, json.anchors, evaluation),
      ...truths,
      alerts: alertsOf(json.criteria, tree, evaluation),
      reasons: idsWhere((one) => one.strength === "absolute" && bars(one)),
      to_obtain: toObtain(json.requirements, findings),
      to_arrange: idsWhere(({ strength, finding }) => strength === "administrative" && finding.truth === "FALSE"),
      to_review: idsWhere(isToReview),
      outputs: json.outputs.map(({ output, definition }) => ({
        output,
        definition,
        value: written(evaluation.values.get(definition)),
      })),
      criteria: findings,
    };
  }

  function verdictOf({ eligible, favourable, review, arranged }) {
    if (eligible === "FALSE") return "INELIGIBLE";
    if (arranged !== "TRUE" || (eligible === "UNKNOWN" && favourable !== "TRUE")) return "UNDETERMINED";
    return eligible === "UNKNOWN" || review !== "FALSE" ? "REVIEW" : "ELIGIBLE";
  }

  function standingOf(said, anchors, evaluation) {
    if (said === "INELIGIBLE") return "RULED OUT";
    const isSeen = anchors.every((name) => evaluation.values.get(name) === "TRUE");
    return isSeen ? "NOT RULED OUT" : "NO ANCHOR EVIDENCE";
  }

  function alertsOf(criteria, tree, evaluation) {
    return criteria
      .filter(({ alert }) => alert !== undefined && asTruth(evaluation.values.get(alert)) === "TRUE")
      .map(({ id, alert }) => ({
        criterion: id,
        facts: factsOf(tree.entries.get(alert), tree, evaluation),
      }));
  }

  function toObtain(requirements, findings) {
    const wanted = new Map();
    for (const { id, open = [], judgements = [] } of findings) {
      for (const name of open) {
        if (judgements.includes(name)) continue;
        if (!wanted.has(name)) wanted.set(name, []);
        wanted.get(name).push(id);
      }
    }
    const obtained = new Map(requirements.map(({ name, obtain }) => [name, obtain]));
    return [...wanted].map(([requirement, criteria]) => {
      if (!obtained.has(requirement)) refuse("lacks a requirement that is open", "/tree/requirements");
      return { requirement, obtain: obtained.get(requirement), criteria };
    });
  }

  function findingOf(criterion, json, tree, evaluation) {
    const { id, category } = criterion;
    const expression = tree.entries.get(id);
    const said = asTruth(evaluation.values.get(id));
    const [first] = partsOf(expression);
    const isPassedOver = criterion.applies && evaluation.steps.get(first.place)?.value === "FALSE";
    const finding = { id, truth: said, shown: isPassedOver ? "NOT APPLICABLE" : said };
    const facts = factsOf(expression, tree, evaluation);
    const open = said === "UNKNOWN" ? openOf(expression, json, tree, evaluation) : [];
    const types = new Map(json.requirements.map(({ name, type: of }) => [name, of.name]));
    const judgements = open.filter((name) => types.get(name) === "Judgement");
    const silences = silencesOf(expression, tree, evaluation);
    const until = evaluation.values.get(`until:${id}`);
    if (facts.length > 0) finding.facts = facts;
    if (open.length > 0) finding.open = open;
    if (judgements.length > 0) finding.judgements = judgements;
    if (isCriterionContradicted(id, tree, evaluation)) finding.contradicted = true;
    if (silences.length > 0) finding.silences = silences;
    if (until instanceof Bounds && said === (category === "inclusion" ? "FALSE" : "TRUE")) finding.until = written(until);
    return finding;
  }

  function isCriterionContradicted(id, tree, evaluation) {
    return partsOf(tree.entries.get("review")).some(
      (each) =>
        each.node === "Contradicted" &&
        each.criterion === id &&
        evaluation.steps.get(each.place)?.value === "TRUE",
    );
  }

  /** Ids of the facts that a node rests on, each once, in the order found. */
  function factsOf(expression, tree, evaluation) {
    const found = new Set();
    const followed = new Set();
    const gather = (node) => {
      const step = evaluation.steps.get(node.place);
      if (step === undefined) return;
      step.facts.forEach((id) => found.add(id));
      if (node.node === "Reference" && !followed.has(node.name)) {
        followed.add(node.name);
        gather(tree.entries.get(node.name));
      }
      bearing(node, step.value, evaluation).forEach(gather);
    };
    gather(expression);
    return [...found];
  }

  /** The parts of a node that bear on its value. */
  function bearing(node, found, evaluation) {
    const deciding = { Or: "TRUE", And: "FALSE" }[node.node];
    if (deciding !== undefined && found === deciding) {
      return partsOf(node).filter((each) => evaluation.steps.get(each.place)?.value === deciding);
    }
    return node.node === "Where" ? [node.source] : partsOf(node);
  }

  const OVER_ROWS = ["Exists", "Count", "CountDistinct", "RowValues", "Select", "DateOf", "Silence"];

  function isSettled(found) {
    if (found instanceof RowSet) return found.possible.length === 0 && found.unlisted === null;
    return found instanceof Bounds ? found.isExact : !isUnknown(found);
  }

  /** The requirements that keep a node open. */
  function openOf(expression, json, tree, evaluation) {
    const requirements = new Set(json.requirements.map(({ name }) => name));
    const found = [];
    const seen = new Set();
    const gather = (node) => {
      const step = evaluation.steps.get(node.place);
      if (step === undefined || isSettled(step.value)) return;
      if (node.node === "Reference") {
        if (seen.has(node.name)) return;
        seen.add(node.name);
        if (requirements.has(node.name)) found.push(node.name);
        else gather(tree.entries.get(node.name));
      } else if (OVER_ROWS.includes(node.node)) {
        for (const name of retrievedUnder(node)) {
          if (!seen.has(name)) found.push(name);
          seen.add(name);
        }
      } else {
        partsOf(node).forEach(gather);
      }
    };
    gather(expression);
    return found;
  }

  /** The requirements of the `Retrieve`s under a node. */
  function retrievedUnder(node) {
    if (node.node === "Retrieve") return [node.requirement];
    return partsOf(node).flatMap(retrievedUnder);
  }

  /** The requirements of which silence was read as an answer. */
  function silencesOf(expression, tree, evaluation) {
    const found = new Set();
    const followed = new Set();
    const gather = (node) => {
      const reason = evaluation.steps.get(node.place)?.reason;
      if (reason === "silence read as no" || reason === "site declaration") {
        retrievedUnder(node).forEach((name) => found.add(name));
      }
      if (node.node === "Reference" && !followed.has(node.name)) {
        followed.add(node.name);
        gather(tree.entries.get(node.name));
      }
      partsOf(node).forEach(gather);
    };
    gather(expression);
    return [...found];
  }

  /* --------------------------------------------------------------------------------- 15. The certificate again --- */

  function checkCertificate({ certificate, tree, record }, seen, determination) {
    const untyped = tree.parameters.map(({ type: _, ...parameter }) => parameter);
    const asOf = `@${certificate.as_of}`;
    const run = { name: SCREENING_DATE, value: { low: asOf, high: asOf }, origin: "run", chosen: false };
    const expected = {
      library: tree.library,
      parameters: [run, ...untyped],
      subject: record.subject,
      synthetic: record.synthetic,
      record: record.record,
      site: record.site,
      complete: record.complete,
      searched: record.searched,
      facts: seen.facts.map(({ json }) => json),
      absences: seen.absences.map(({ json }) => json),
      notices: seen.notices,
      determination,
      fixed_words: tree.fixed_words,
    };
    for (const [name, wanted] of Object.entries(expected)) {
      const where = firstDifference(wanted, certificate[name], `/certificate/${name}`);
      if (where !== null) refuse("is not what follows from tree and record", where);
    }
  }

  /* ----------------------------------------------------------------------------------------------- 17. Units --- */

  const PREFIXES = new Map(
    Object.entries({
      Y: 24, Z: 21, E: 18, P: 15, T: 12, G: 9, M: 6, k: 3, h: 2, da: 1,
      d: -1, c: -2, m: -3, u: -6, n: -9, p: -12, f: -15, a: -18, z: -21, y: -24,
    }),
  );
  const BASES = new Map(
    ["m", "s", "g", "rad", "K", "C", "cd", "mol", "eq", "osm", "[IU]", "[iU]"].map((atom) => [
      atom,
      atom === "[iU]" ? "[IU]" : atom,
    ]),
  );
  /* An atom, what it is worth, and of which unit. */
  const WITH_PREFIXES = table(`
    sr 1 rad2; Hz 1 s-1; N 1 kg.m/s2; Pa 1 N/m2; J 1 N.m; W 1 J/s; A 1 C/s; V 1 J/C; Ohm 1 V/A; T 1 V.s/m2;
    lm 1 cd.sr; lx 1 lm/m2; Bq 1 s-1; Gy 1 J/kg; Sv 1 J/kg; l 1 dm3; L 1 l; bar 1e5 Pa; dyn 1 g.cm/s2;
    cal_th 4.184 J; cal 1 cal_th; m[H2O] 980665e-5 kPa; m[Hg] 133.3220 kPa; g% 1 g/dl; kat 1 mol/s; U 1 umol/min
  `);
  const WITHOUT_PREFIXES = table(`
    10* 10; 10^ 10; % 1 10*-2; [pi] 3.1415926535897932384626433832795028841971693993751058209749445923;
    [ppth] 1 10*-3; [ppm] 1 10*-6; [ppb] 1 10*-9; [pptr] 1 10*-12; deg 2 [pi].rad/360; min 60 s; h 60 min; d 24 h;
    wk 7 d; a_j 365.25 d; a 1 a_j; mo_j 1 a_j/12; mo 1 mo_j; [in_i] 254e-2 cm; [ft_i] 12 [in_i]; [yd_i] 3 [ft_i];
    [mi_i] 5280 [ft_i]; [gr] 64.79891 mg; [lb_av] 7000 [gr]; [oz_av] 1 [lb_av]/16; [stone_av] 14 [lb_av];
    [degR] 5 K/9; [Cal] 1 kcal; atm 101325 Pa; [gal_us] 231 [in_i]3; [qt_us] 1 [gal_us]/4; [pt_us] 1 [qt_us]/2;
    [gil_us] 1 [pt_us]/4; [foz_us] 1 [gil_us]/4; [cup_us] 16 [tbs_us]; [tbs_us] 1 [foz_us]/2;
    [tsp_us] 1 [tbs_us]/3; [drp] 1 ml/20; [MET] 3.5 mL/min/kg; [diop] 1 /m; [wood'U] 1 mm[Hg].min/L;
    [PRU] 1 mm[Hg].s/ml; [Ch] 1 mm/3
  `);
  const ARBITRARY = new Set(
    (
      "[APL'U] [AU] [BAU] [CCID_50] [CFU] [EID_50] [ELU] [EU] [FEU] [FFU] [GPL'U] [HPF] [LPF] " +
      "[Lf] [MPL'U] [PFU] [PNU] [TCID_50] [USP'U] [anti'Xa'U] [arb'U] [beth'U] [ka'U] [pH] [tb'U] [todd'U]"
    ).split(" "),
  );

  /** Lines of atom, value and unit; the unit is missing where the value is a number alone. */
  function table(text) {
    const rows = text.trim().split(/\s*;\s*/).map((row) => row.split(/\s+/));
    return new Map(rows.map(([atom, worth, unit = ""]) => [atom, { worth, unit }]));
  }

  function fractionOf(above, under) {
    const divisor = commonDivisor(size(above), size(under));
    const sign = under < 0n ? -1n : 1n;
    return { above: (sign * above) / divisor, under: (sign * under) / divisor };
  }

  function timesFraction(one, other) {
    return fractionOf(one.above * other.above, one.under * other.under);
  }

  function overFraction(one, other) {
    return fractionOf(one.above * other.under, one.under * other.above);
  }

  function lessFraction(one, other) {
    return fractionOf(one.above * other.under - other.above * one.under, one.under * other.under);
  }

  function fractionToThe(one, exponent) {
    const [above, under] = exponent < 0 ? [one.under, one.above] : [one.above, one.under];
    return fractionOf(above ** BigInt(Math.abs(exponent)), under ** BigInt(Math.abs(exponent)));
  }

  /** What a table says an atom is worth: `254e-2`, `133.3220`. */
  function worthOf(text) {
    const [, whole, decimals = "", power = "0"] = /^([0-9]+)(?:\.([0-9]+))?(?:e(-?[0-9]+))?$/.exec(text);
    const number = fractionOf(BigInt(whole + decimals), tenTo(decimals.length));
    return timesFraction(number, fractionToThe({ above: 10n, under: 1n }, Number(power)));
  }

  const WHOLE = { above: 1n, under: 1n };
  const NOTHING = { above: 0n, under: 1n };
  const MOST_SIGNS = 64;
  const GREATEST_EXPONENT = 20;
  const MOST_BINARY_DIGITS = 2000;
  const SIGN = {
    symbol: /(?:10[*^]|(?:[A-Za-z%_]|\[[!-Z\\^-z|~]+\])+)/y,
    exponent: /[+-]?[1-9][0-9]?/y,
    number: /[1-9][0-9]*(?![0-9]|\.[0-9])/y,
    annotation: /\{[!-z|~]+\}/y,
  };

  /** Reads the symbols and numbers of a unit by the grammar; `whole` is null for what is no unit. */
  class UnitReader {
    constructor(text) {
      this.text = text;
      this.at = 0;
      this.depth = 0;
      this.parts = [];
      // How many parts there were at the first operator outside parentheses.
      this.before = null;
    }

    whole() {
      if (this.text.length < 1 || this.text.length > MOST_SIGNS) return null;
      const isInverse = this.passed("/");
      if (!this.term(isInverse ? -1 : 1, 1) || this.at < this.text.length) return null;
      return isInverse && this.before !== null && this.parts.length > this.before ? null : this.parts;
    }

    passed(sign) {
      if (this.text[this.at] !== sign) return false;
      this.at += 1;
      return true;
    }

    took(kind) {
      SIGN[kind].lastIndex = this.at;
      const found = SIGN[kind].exec(this.text);
      if (found !== null) this.at += found[0].length;
      return found?.[0] ?? null;
    }

    /** A term, of which the first component has one sign of exponent, and those behind a `.` another. */
    term(first, around) {
      if (!this.component(first)) return false;
      for (;;) {
        const sign = this.passed(".") ? around : this.passed("/") ? -around : null;
        if (sign === null) return true;
        if (this.depth === 0) this.before ??= this.parts.length;
        if (!this.component(sign)) return false;
      }
    }

    component(sign) {
      if (this.passed("(")) {
        this.depth += 1;
        if (!this.term(sign, sign) || !this.passed(")")) return false;
        this.depth -= 1;
      } else {
        const symbol = this.took("symbol");
        if (symbol !== null) {
          const exponent = Number(this.took("exponent") ?? 1);
          if (Math.abs(exponent) > GREATEST_EXPONENT) return false;
          this.parts.push({ symbol, exponent: sign * exponent });
        } else {
          const number = this.took("number");
          if (number === null) return this.took("annotation") !== null;
          this.parts.push({ number: { above: BigInt(number), under: 1n }, exponent: sign });
        }
      }
      this.took("annotation");
      return true;
    }
  }

  /** Factor and powers of base dimensions of one symbol; null if there is none of this name. */
  function symbolOf(symbol) {
    if (BASES.has(symbol)) return { factor: WHOLE, powers: new Map([[BASES.get(symbol), 1]]) };
    if (ARBITRARY.has(symbol)) return { factor: WHOLE, powers: new Map([[symbol, 1]]) };
    const known = WITH_PREFIXES.get(symbol) ?? WITHOUT_PREFIXES.get(symbol);
    if (known !== undefined) {
      const of = measured(new UnitReader(known.unit).whole() ?? []);
      return { factor: timesFraction(worthOf(known.worth), of.factor), powers: of.powers };
    }
    for (const length of [1, 2]) {
      const [prefix, atom] = [symbol.slice(0, length), symbol.slice(length)];
      if (!PREFIXES.has(prefix) || !(BASES.has(atom) || WITH_PREFIXES.has(atom))) continue;
      const { factor, powers } = symbolOf(atom);
      return { factor: timesFraction(fractionToThe({ above: 10n, under: 1n }, PREFIXES.get(prefix)), factor), powers };
    }
    return null;
  }

  /** Factor and powers of a product of powers; null if a symbol of it is none. */
  function measured(parts) {
    let factor = WHOLE;
    const powers = new Map();
    for (const { symbol, number, exponent } of parts) {
      const found = symbol === undefined ? { factor: number, powers: [] } : symbolOf(symbol);
      if (found === null) return null;
      factor = timesFraction(factor, fractionToThe(found.factor, exponent));
      for (const [base, times] of found.powers) powers.set(base, (powers.get(base) ?? 0) + times * exponent);
    }
    return { factor, powers };
  }

  const binaryDigits = (number) => (number === 0n ? 0 : number.toString(2).length);

  /** Factor, offset and dimension of a unit; null for a text that is none. */
  function unitOf(text) {
    const parts = new UnitReader(text).whole();
    if (parts === null) return null;
    if (parts.length === 1 && parts[0].exponent === 1) {
      const kelvin = "K 1";
      const fahrenheit = { above: 5n, under: 9n };
      if (parts[0].symbol === "Cel") return { factor: WHOLE, offset: worthOf("273.15"), dimension: kelvin };
      if (parts[0].symbol === "[degF]") {
        return { factor: fahrenheit, offset: timesFraction(worthOf("459.67"), fahrenheit), dimension: kelvin };
      }
    }
    const found = measured(parts);
    if (found === null) return null;
    if (binaryDigits(found.factor.above) + binaryDigits(found.factor.under) > MOST_BINARY_DIGITS) return null;
    const powers = [...found.powers].filter(([, times]) => times !== 0).map(([base, times]) => `${base} ${times}`);
    return { factor: found.factor, offset: NOTHING, dimension: powers.sort().join(" ") };
  }

  /** By which factor and offset numbers in one unit are told in another; null where they are not. */
  function goesInto(from, to, factors) {
    const [source, target] = [unitOf(from), unitOf(to)];
    if (source === null || target === null) return null;
    const between = (other, by) => ({
      factor: timesFraction(overFraction(source.factor, other.factor), by),
      offset: timesFraction(overFraction(lessFraction(source.offset, other.offset), other.factor), by),
    });
    if (source.dimension === target.dimension) return between(target, WHOLE);
    for (const { unit, by } of factors) {
      const other = unitOf(unit);
      if (other === null || other.dimension !== source.dimension) continue;
      const { digits, places } = readNumber(by);
      return between(other, fractionOf(digits, tenTo(places)));
    }
    return null;
  }

  /** Factor and offset by which numbers in one unit are told in another, as a bundle states them; null where they are not. */
  function conversion(from, to) {
    const way = goesInto(from, to, []);
    return way && [way.factor, way.offset].map(({ above, under }) => `${above}/${under}`);
  }

  publish({ verify, sha256, conversion, canonical: (textOfJson) => canonical(readJson(textOfJson)) });
})(function publish(verifier) {
  if (typeof module === "object" && module !== null && module.exports) module.exports = verifier;
  if (typeof window === "object" && window !== null) window.screeningVerifier = verifier;
});
