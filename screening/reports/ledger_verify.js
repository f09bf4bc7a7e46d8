"use strict";
/* Whether entries of a ledger hold among themselves, written from the page of its form (screening/ledger.md): their
   bytes and hashes, chain, keys and signatures, what each has to say, and of its contents those that are carried. */
window.screeningLedger = (() => {
  const { sha256, canonical, isBlank } = window.screeningPage;
  const BEGINNING = "0".repeat(64);
  const MOST_BACKWARDS = 120_000;
  const KEYS = [
    "about", "actor", "at", "clock", "contents", "entry", "kind", "ledger", "number", "offset", "previous", "program",
    "reason", "refers", "rules", "signature", "statement",
  ];
  const TEXTS = ["ledger", "previous", "at", "offset", "clock", "program", "about", "reason", "signature", "kind"];
  const KINDS = [
    "opened", "key", "key withdrawn", "approved", "approval withdrawn", "screened", "cohort", "cohort row", "re-screened",
    "corrected", "reviewed", "decided", "event", "looked up", "purged", "exception", "head",
  ];
  const SCREENINGS = ["screened", "re-screened"];
  const PRE_SCREENING = "pre-screening";
  const EVENTS = [
    "contacted", "consent", "consent withdrawn", "declined", "enrolled", "adverse event", "protocol deviation", "legal hold",
    "legal hold lifted", "audit trail reviewed",
  ];
  const REASONED = ["corrected", "purged", "exception", "key withdrawn", "approval withdrawn", "looked up"];
  const VERDICTS = ["ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE"];
  const MAY = {
    "key": "keys", "key withdrawn": "keys", "exception": "keys", "approved": "approve", "approval withdrawn": "approve",
    "reviewed": "review", "decided": "decide", "looked up": "identities", "purged": "purge",
  };

  const isObject = (data) => typeof data === "object" && data !== null && !Array.isArray(data);
  const isText = (data) => typeof data === "string";
  const isCount = (data) => Number.isSafeInteger(data) && data > 0;
  const isDigest = (data) => isText(data) && /^[0-9a-f]{64}$/.test(data);
  const isDay = (data) => isText(data) && /^\d{4}-\d\d-\d\d$/.test(data) && !Number.isNaN(Date.parse(`${data}T00:00:00Z`))
    && new Date(`${data}T00:00:00Z`).toISOString().startsWith(data);
  const has = (data, names, are) => isObject(data) && Object.keys(data).sort().join() === [...names].sort().join()
    && names.every((name) => are(data[name]));
  const encoded = (text) => new TextEncoder().encode(text);

  const bytesOf = (text) => {
    const found = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    let again = "";
    for (const each of found) again += String.fromCharCode(each);
    if (btoa(again) !== text) throw new Error("no base64 in its one spelling");
    return found;
  };
  const momentOf = (text) => {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text) || !isDay(text.slice(0, 10))) return Number.NaN;
    // A day has no hour 24, and no second 60.
    return /T([01]\d|2[0-3]):[0-5]\d:[0-5]\d/.test(text) ? Date.parse(`${text.slice(0, 23)}Z`) + Number(text.slice(23, 26)) / 1000 : Number.NaN;
  };

  /* 2. What an entry is. */
  const malformed = (entry) => {
    if (!isObject(entry) || entry.entry !== "screening-ledger-entry-1") return "it is no entry of this form";
    const odd = KEYS.filter((key) => !(key in entry)).concat(Object.keys(entry).filter((key) => !KEYS.includes(key)));
    if (odd.length > 0) return `the key ${odd[0]} is missing, or is none of an entry`;
    const wrong = TEXTS.find((key) => !isText(entry[key]));
    if (wrong !== undefined) return `${wrong} is no text`;
    if (!KINDS.includes(entry.kind)) return "its kind is none";
    if (Number.isNaN(momentOf(entry.at))) return "its moment is none";
    if (!isCount(entry.number) || !Array.isArray(entry.refers) || !entry.refers.every(isCount)) return "its numbers are none";
    if (!has(entry.actor, ["name", "role", "key"], isText)) return "its actor is none";
    if (entry.rules !== null && (!has(entry.rules, ["name", "version", "digest", "status"], isText) || !isDigest(entry.rules.digest))) {
      return "its rules are none";
    }
    if (!isObject(entry.statement)) return "its statement is none";
    if (!Array.isArray(entry.contents) || !entry.contents.every((each) => has(each, ["kind", "digest"], isText))) {
      return "its contents are none";
    }
    return "";
  };

  /* 3. Keys and signatures. */
  const keyOf = (text) => {
    const bytes = bytesOf(text);
    if (bytes.length !== 32) throw new Error("no key of 32 bytes");
    return { bytes, fingerprint: sha256(bytes).slice(0, 32) };
  };
  // Whether a signature fits; null where this browser has no Ed25519 (RFC 8032).
  const fits = async (key, entry) => {
    const { signature, ...signed } = entry;
    let made = null;
    try {
      key.made ??= await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
      made = key.made;
    } catch (fault) {
      return null;
    }
    try {
      return await crypto.subtle.verify({ name: "Ed25519" }, made, bytesOf(signature), encoded(canonical(signed)));
    } catch (fault) {
      return false;
    }
  };

  const signatureFault = async (entry, past) => {
    const { key: fingerprint, name, role } = entry.actor;
    if (fingerprint === "") {
      if (entry.signature !== "") return "it is signed by no key";
      return past.isPersonal && entry.number > 1 ? "it is not signed, in a ledger of personal keys" : "";
    }
    let key = past.keys.get(fingerprint);
    if (key === undefined && entry.kind === "key" && past.keys.size === 0) {
      key = keyOf(entry.statement.public);
      if (key.fingerprint !== fingerprint) return "the first key has to sign itself";
    } else if (key === undefined || past.withdrawn.has(fingerprint)) {
      return "it is signed with a key that is not known, or was withdrawn";
    } else if (key.name !== name || key.role !== role) {
      return "name and role are not those that the key was entered for";
    } else if (MAY[entry.kind] !== undefined && !key.may.includes(MAY[entry.kind])) {
      return "its key may not enter this kind";
    }
    const found = await fits(key, entry);
    if (found === null) past.unchecked += 1;
    return found === false ? "its signature does not fit" : "";
  };

  /* 4. What an entry may follow. */
  const isApproved = ({ rules, at }, past) => {
    const effective = rules === null ? "" : past.approved.get(rules.digest) ?? "";
    return effective !== "" && effective <= at.slice(0, 10);
  };
  const hasWithdrawn = (about, past) => about !== "" && past.consents.get(about)?.isWithdrawn === true;
  // The local day may be the next one already: `on` is a local day, `at` is UTC.
  const isNearMidnight = ({ statement: { on }, at, offset }) => offset.startsWith("+")
    && on === new Date(Date.parse(`${at.slice(0, 10)}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  const eventFault = (entry) => {
    const { event, on } = entry.statement;
    if (!EVENTS.includes(event)) return "it is no event that a ledger knows";
    if (!isDay(on)) return "an event has its day";
    if (on > entry.at.slice(0, 10) && !isNearMidnight(entry)) return "an event is entered when it has happened, not before";
    return (event === EVENTS.at(-1)) === (entry.about !== "") ? "an event is about one person, a review of the audit trail about nobody" : "";
  };
  const consentFault = (entry, past) => {
    const { draft, stage, consent, basis, as_of: day } = entry.statement;
    const isFounded = stage === PRE_SCREENING && !isBlank(String(basis || ""));
    if (entry.kind === "cohort") return draft === true || isFounded ? "" : "a run over many people is a pre-screening, and has a basis";
    if (hasWithdrawn(entry.about, past)) return "the person has withdrawn consent";
    if (consent && !isDay(consent)) return "the day of consent is no day";
    if (stage === PRE_SCREENING) return draft === true || isFounded ? "" : "a pre-screening says on which basis records are read";
    if (consent && consent > String(day ?? "")) return "consent came after the day of this screening";
    return consent || draft === true ? "" : "no day of consent is given";
  };
  const statementFault = (entry, past) => {
    const { statement: said, kind, rules } = entry;
    const isScreening = SCREENINGS.includes(kind);
    if (REASONED.includes(kind) && isBlank(entry.reason)) return "it needs a reason";
    if (kind === "opened" && !["personal", "none"].includes(said.keys)) return "it does not say whether people have keys";
    if (kind === "key") {
      if (![said.public, said.name, said.role].every(isText) || !Array.isArray(said.may) || !said.may.every(isText)) {
        return "a key has a public half, a name, a role, and what it may enter";
      }
      if (past.keys.has(keyOf(said.public).fingerprint)) return "that key was entered before";
    }
    if (kind === "key withdrawn" && !past.keys.has(said.key)) return "it withdraws a key that was never entered";
    if (["approved", "approval withdrawn"].includes(kind) && rules === null) return "it names no rules";
    if (kind === "approved" && !isDay(said.effective)) return "an approval has an effective date";
    if (isScreening && (!VERDICTS.includes(said.verdict) || rules === null || entry.about.trim() === "")) {
      return "a screening has a verdict and its rules, and is about somebody";
    }
    if (kind === "cohort" && (!isDigest(said.root) || !Number.isSafeInteger(said.rows) || rules === null)) {
      return "a run over many people has the root of its rows, their number and its rules";
    }
    if (isScreening || kind === "cohort") {
      if (said.draft !== true && !isApproved(entry, past)) return "its rules are not approved, and it is no draft";
      const kinds = entry.contents.map((each) => each.kind);
      if (isScreening && said.draft !== true && !["certificate", "record"].every((each) => kinds.includes(each))) {
        return "it names no certificate and no record, and is no draft";
      }
      const why = consentFault(entry, past);
      if (why !== "") return why;
    }
    if (kind === "event") return eventFault(entry);
    if (["reviewed", "decided"].includes(kind) && !said.meaning) return "a signature has a meaning";
    if (kind === "purged" && !(Array.isArray(said.contents) && said.contents.length > 0 && said.contents.every(isText))) {
      return "it does not say what was purged";
    }
    return "";
  };
  const referenceFault = (entry, past) => {
    const { kind, refers, statement: said } = entry;
    if (refers.some((number) => number >= entry.number)) return "it refers to an entry that does not come before it";
    if (kind === "corrected" && refers.length !== 1) return "a correction refers to the one entry that it corrects";
    if (["reviewed", "decided"].includes(kind) && refers.length !== 1) return "it refers to one screening";
    if (kind === "re-screened" && refers.length === 0) return "it refers to a screening";
    if (kind === "cohort row") return rowFault(entry, past);
    if (kind === "screened") {
      const isOwn = ({ kind: of, about }) => of === "cohort row" && about === entry.about;
      return refers.every((number) => isOwn(past.entries[number - 1])) ? "" : "it refers to what is no row of this person";
    }
    if (!["reviewed", "decided", "re-screened"].includes(kind)) return "";
    for (const number of refers) {
      const before = past.entries[number - 1];
      if (!SCREENINGS.includes(before.kind)) return `entry ${number}, which it refers to, is no screening`;
      if (before.about !== entry.about) return `entry ${number}, which it refers to, is about somebody else`;
    }
    return kind === "decided" && said.decision === "may enter" ? decisionFault(entry, past.entries[refers[0] - 1], past) : "";
  };
  // The row itself and its proof are not carried; `screening log verify` looks into them.
  const rowFault = ({ refers, about, rules, contents, statement: { position, rows } }, past) => {
    const run = refers.length === 1 ? past.entries[refers[0] - 1] : undefined;
    if (run?.kind !== "cohort" || about === "") return "a person's row refers to the one run that it is of, and is about somebody";
    if (rules?.digest !== run.rules.digest) return "the run that it refers to was made under other rules";
    if (contents.map((each) => each.kind).join() !== "row,proof of the row") return "it has other contents than one row and its proof";
    const isRow = Number.isSafeInteger(position) && rows === run.statement.rows && position >= 0 && position < rows;
    return isRow ? "" : "it does not say which of the run's rows it is";
  };
  // Who has two keys is one person: how a name is encoded, case, the number of spaces and signs that only format are not seen.
  const printed = (name) =>
    name.normalize("NFKC").toLowerCase().normalize("NFKC").replace(/\p{Cf}/gu, "").split(/\s+/).filter((part) => part !== "").join(" ");
  const decisionFault = (entry, before, past) => {
    const isLater = (each) => each.number > before.number && SCREENINGS.includes(each.kind) && each.about === before.about
      && (each.refers.includes(before.number) || each.rules.name === before.rules.name);
    if (past.entries.some(isLater)) return `the person was screened again after entry ${before.number}`;
    if (before.rules.digest !== entry.rules?.digest) return `entry ${before.number} was screened under other rules`;
    const { verdict, draft, stage } = before.statement;
    if (!["ELIGIBLE", "REVIEW"].includes(verdict)) return "what bars or is missing cannot be signed away";
    const last = new Map();
    for (const { kind, refers, actor, statement } of past.entries) {
      if (kind === "reviewed" && refers[0] === before.number) last.set(printed(actor.name), statement.accepts === true);
    }
    const accepted = [...last.values()].filter((each) => each).length;
    if (verdict === "REVIEW" && accepted < 2) return "a review is closed by two named people";
    if (hasWithdrawn(entry.about, past)) return "the person has withdrawn consent";
    if (entry.statement.draft === true) return "";
    if (stage === PRE_SCREENING) return "a pre-screening supports no enrolment";
    if (draft === true) return "the screening is a draft, and supports no enrolment";
    return isApproved(entry, past) ? "" : "its rules are not approved, and it is no draft";
  };

  const chainFault = (entry, past) => {
    const before = past.entries.at(-1);
    const number = past.entries.length + 1;
    if (entry.number !== number) return `its number is ${entry.number}, and ${number} is next`;
    if (entry.previous !== (past.hashes.at(-1) ?? BEGINNING)) {
      return before === undefined ? "it is no beginning" : `it does not follow from entry ${number - 1}`;
    }
    if ((entry.kind === "opened") !== (before === undefined)) return "a ledger is opened once, by its first entry";
    if (before === undefined) return "";
    if (entry.ledger !== before.ledger) return "it is an entry of another ledger";
    return momentOf(before.at) - momentOf(entry.at) > MOST_BACKWARDS ? "the clock went back too far" : "";
  };

  const counted = (entry, past) => {
    const { kind, statement: said, rules } = entry;
    if (kind === "opened") past.isPersonal = said.keys === "personal";
    if (kind === "key") {
      const key = keyOf(said.public);
      const may = past.keys.size === 0 ? Object.values(MAY) : said.may;
      past.keys.set(key.fingerprint, { ...key, name: said.name, role: said.role, may });
    }
    if (kind === "key withdrawn") past.withdrawn.add(said.key);
    if (kind === "approved") past.approved.set(rules.digest, said.effective);
    if (kind === "approval withdrawn") past.approved.delete(rules.digest);
    if (kind === "event" && ["consent", "consent withdrawn"].includes(said.event)) {
      const { isWithdrawn, withdrawn } = past.consents.get(entry.about) ?? { isWithdrawn: false, withdrawn: "" };
      if (said.event === "consent") past.consents.set(entry.about, { isWithdrawn: isWithdrawn && said.on < withdrawn, withdrawn });
      else past.consents.set(entry.about, { isWithdrawn: true, withdrawn: said.on > withdrawn ? said.on : withdrawn });
    }
    if (kind === "purged") said.contents.forEach((each) => past.purged.add(each));
    if (entry.signature !== "") past.signed += 1;
    past.entries.push(entry);
    past.hashes.push(sha256(encoded(canonical(entry))));
  };

  /* 5. Contents: of the kinds that a page tells every one is carried, or purged. */
  const contentFaults = (contents, told, past) => {
    const found = [];
    const owner = new Map();
    for (const entry of past.entries) {
      for (const { kind, digest } of entry.contents) if (told.includes(kind)) owner.set(digest, { entry, kind });
    }
    past.kept = new Map();
    contents.forEach((each, n) => {
      const of = isObject(each) ? owner.get(each.content) : undefined;
      const path = of === undefined ? `/contents/${n}` : `/entries/${of.entry.number}/contents`;
      let why = "";
      try {
        const salt = bytesOf(each.salt);
        const data = bytesOf(each.data);
        if (!has(each, ["content", "salt", "data"], isText) || of === undefined || past.kept.has(each.content)) {
          why = "a content is carried that no entry names, or twice";
        } else if (salt.length !== 32 || sha256(Uint8Array.from([...salt, ...data])) !== each.content) {
          why = "a content that belongs to it was altered";
        } else if (past.purged.has(each.content)) {
          why = "a content is carried that was purged";
        } else {
          past.kept.set(each.content, data);
        }
      } catch (fault) {
        why = "a content is not as contents are written";
      }
      if (why !== "") found.push({ path, message: why });
    });
    for (const [digest, { entry }] of owner) {
      if (!past.kept.has(digest) && !past.purged.has(digest) && found.length === 0) {
        found.push({ path: `/entries/${entry.number}/contents`, message: "a content that belongs to it is not carried" });
      }
    }
    return found;
  };

  /* What is found in entries and in the contents of these kinds that are carried with them; the first fault. */
  const verify = async (entries, contents, told) => {
    const past = {
      entries: [], hashes: [], keys: new Map(), withdrawn: new Set(), approved: new Map(), purged: new Set(), kept: new Map(),
      consents: new Map(),
      isPersonal: false, signed: 0, unchecked: 0, refusals: [],
    };
    for (const entry of entries) {
      let why = malformed(entry);
      try {
        why ||= chainFault(entry, past) || statementFault(entry, past) || referenceFault(entry, past);
        why ||= await signatureFault(entry, past);
        if (why === "") counted(entry, past);
      } catch (fault) {
        why = "it is not as entries are written";
      }
      if (why !== "") {
        past.refusals.push({ path: `/entries/${past.entries.length + 1}`, message: why });
        return past;
      }
    }
    past.refusals.push(...contentFaults(contents, told, past));
    return past;
  };

  return { verify };
})();
