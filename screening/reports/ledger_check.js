"use strict";
/* The self-check of the page of a ledger: whether the entries that it carries hold, and whether it shows what they say. */
(() => {
  const { of, read, safe, words, joined, grouped, counted, factsOf, tablesOf, otherRows, start } = window.screeningPage;
  const CORRECTION = "correction";
  const REVIEWED = "criteria reviewed";
  const SCREENED = ["screened", "re-screened"];
  const PURGED = "purged, or not kept";
  const CONCLUSION = "Conclude nothing from this page, keep this file, and make it again from the ledger.";
  const isObject = (data) => typeof data === "object" && data !== null && !Array.isArray(data);

  // -------------------------------------------------------------------- the words of entries

  // JSON on one line with the keys in order; spaces stand behind commas and colons.
  const spelt = (data) => {
    if (Array.isArray(data)) return `[${data.map(spelt).join(", ")}]`;
    if (!isObject(data)) return JSON.stringify(data);
    return `{${Object.keys(data).sort().map((key) => `${JSON.stringify(key)}: ${spelt(data[key])}`).join(", ")}}`;
  };
  const text = (data) => {
    if (data === null || data === undefined) return "";
    if (typeof data === "boolean") return data ? "yes" : "no";
    return safe(typeof data === "string" ? data : spelt(data));
  };
  const moment = (entry) => `${entry.at.slice(0, 19)}Z`;
  const rules = ({ rules: on }) => (on === null ? "" : `${safe(on.name)} ${safe(on.version)}, ${on.digest.slice(0, 12)}`);
  const actor = ({ actor: by, signature }) =>
    joined([safe(by.name), safe(by.role), by.key !== "" && signature !== "" ? `key ${safe(by.key)}` : "unsigned"]);
  const parsed = (bytes) => {
    try {
      return bytes === undefined ? null : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (fault) {
      return null;
    }
  };
  const value = (data) => {
    if (isObject(data) && "low" in data && "high" in data) {
      return spelt(data.low) === spelt(data.high) ? text(data.low) : `${text(data.low)}..${text(data.high)}`;
    }
    if (Array.isArray(data) && Array.isArray(data[0]) && data[0].length === 2) {
      return data.map((code) => joined(code.map(text), " ")).join(" = ");
    }
    return text(data);
  };
  const fact = (data) => {
    if (!isObject(data)) return text(data);
    const when = "when" in data ? value(data.when).replaceAll("@", "") : "";
    return joined(["value" in data ? value(data.value) : "absent", when, text(data.origin)]);
  };
  const facts = (data) => (Array.isArray(data) && data.length > 0 ? data.map(fact).join("; ") : "nothing");

  // -------------------------------------------------------------------- what each part has to show

  const everyEntry = (past) => past.entries.map((entry, n) => {
    const said = Object.keys(entry.statement).sort().filter((name) => entry.statement[name] !== "");
    const what = joined([
      entry.refers.length > 0 ? `of entry ${entry.refers.join(", ")}` : "",
      ...said.map((name) => `${safe(name.replaceAll("_", " "))}: ${text(entry.statement[name])}`),
      rules(entry),
      entry.reason === "" ? "" : `reason: ${safe(entry.reason)}`,
    ], "; ");
    const cells = [
      String(entry.number), entry.kind, moment(entry), actor(entry), safe(entry.about), what, `${past.hashes[n]}; ${entry.previous}`,
    ];
    return { path: `/entries/${entry.number}`, cells };
  });

  const sums = (past) => {
    const kinds = new Map();
    for (const { kind } of past.entries) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const rows = [...kinds, ["each adds up to", past.entries.length]];
    return rows.map(([kind, number]) => ({ path: "#part-2", cells: [kind, grouped(number)] }));
  };

  const screenings = (past) => {
    const later = new Map();
    for (const entry of past.entries) {
      if (entry.kind !== "corrected" && entry.kind !== "re-screened") continue;
      for (const number of entry.refers) {
        later.set(number, [...(later.get(number) ?? []), `${entry.kind} by entry ${entry.number}`]);
      }
    }
    return past.entries.filter(({ kind }) => SCREENED.includes(kind)).map((entry) => {
      const said = entry.statement;
      const under = joined([rules(entry), said.draft === true ? "draft" : ""]);
      const cells = [
        String(entry.number), safe(entry.about), moment(entry), text(said.verdict), text(said.standing), text(said.as_of),
        under, joined(later.get(entry.number) ?? []),
      ];
      return { path: `/entries/${entry.number}`, cells };
    });
  };

  const keptOf = (past, entry, kind) => past.kept.get(entry.contents.filter((each) => each.kind === kind).at(-1)?.digest);

  const decisions = (past) => past.entries.filter(({ kind }) => ["reviewed", "decided"].includes(kind)).map((entry) => {
    const said = entry.statement;
    let what = text(said.decision);
    if (entry.kind === "reviewed") {
      const answers = parsed(keptOf(past, entry, REVIEWED));
      const each = isObject(answers) ? Object.keys(answers).sort().map((id) => `${text(id)}: ${text(answers[id])}`) : [];
      what = joined(each, "; ") || PURGED;
    }
    const cells = [
      String(entry.number), safe(entry.about), entry.refers.join(", "), moment(entry), safe(entry.actor.name),
      safe(entry.actor.role), text(said.meaning),
      joined([what, said.draft === true ? "draft, never for an enrolment" : ""], "; "),
      joined([text(said.code), safe(entry.reason)], ": "),
    ];
    return { path: `/entries/${entry.number}`, cells };
  });

  const ofCorrections = (past) => {
    const found = [];
    const corrected = past.entries.filter(({ kind }) => kind === "corrected");
    const shown = document.querySelectorAll("#part-4 > section");
    if (shown.length !== corrected.length) found.push({ path: "#part-4", message: "the page shows other corrections than its data have" });
    corrected.forEach((entry, n) => {
      const path = `/entries/${entry.number}`;
      const within = shown[n];
      const told = factsOf(within);
      const expected = {
        "Corrects": entry.refers.map((number) => `entry ${number}`).join(" and "), "About": safe(entry.about),
        "By": actor(entry), "When": moment(entry), "Reason": safe(entry.reason),
      };
      const isTold = Object.entries(expected).every(([name, said]) => words(said) === told.get(name)?.join(" "));
      if (!isTold || words(within?.querySelector("h3")?.textContent ?? "") !== `Entry ${entry.number}`) {
        found.push({ path, message: "the page shows the correction otherwise than its data say" });
      }
      const data = parsed(keptOf(past, entry, CORRECTION));
      const rows = Array.isArray(data) ? data.filter(isObject) : [];
      const cells = ({ requirement, before, after }) => [text(requirement), facts(before), facts(after)];
      const title = `What entry ${entry.number} corrects`;
      found.push(...otherRows(tablesOf(within)[0], rows.map((each) => ({ path, cells: cells(each) })), title, path));
      if (!Array.isArray(data) && !words(within?.textContent ?? "").includes(`What was before and after: ${PURGED}.`)) {
        found.push({ path, message: "the page does not say what is not kept" });
      }
    });
    return found;
  };

  const ofHead = ({ holds }, past) => {
    const found = [];
    const other = (isSame, path, what) => {
      if (!isSame) found.push({ path, message: `the page shows ${what} otherwise than its data say` });
    };
    const { entries, hashes } = past;
    const site = text(entries[0]?.statement.site);
    const title = words(joined(["Ledger", site], " of "));
    const last = entries.length > 0 ? `entries 1 to ${grouped(entries.length)}` : "no entries";
    const status = `${title}: ${holds ? "every link holds" : "DOES NOT HOLD"}, ${last}`;
    other(words(of("title").textContent) === title, "#title", "its title");
    for (const each of document.querySelectorAll("p.status")) other(words(each.textContent) === status, "#", "its status");
    other(words(document.title) === status, "#", "its status");
    const head = factsOf(document.querySelector("header"));
    other(head.get("Ledger")?.join(" ") === safe(entries[0]?.ledger ?? "not known"), "#", "which ledger it is");
    other(head.get("Last entry")?.join(" ") === (entries.length > 0 ? moment(entries.at(-1)) : "none"), "#", "the last entry");
    const told = factsOf(of("part-1"));
    other((told.get("Whole") !== undefined) === holds && (told.get("Not whole") !== undefined) !== holds, "#part-1", "whether it holds");
    if (!holds) return found;
    const days = `${entries[0].at.slice(0, 10)} to ${entries.at(-1).at.slice(0, 10)}`;
    other(told.get("Whole").join(" ") === `${counted(entries.length, "entry", "entries")}, ${days}; every link holds`, "#part-1", "how much holds");
    const [first, ...given] = told.get("Head") ?? [""];
    other(first === hashes.at(-1), "#part-1", "its head");
    for (const each of given) {
      const [, start, number] = /^([0-9A-Fa-f]{16,64}), which was given, is entry ([0-9,]+)$/.exec(each) ?? ["", "none", ""];
      other(hashes[Number(number.replaceAll(",", "")) - 1]?.startsWith(start.toLowerCase()) === true, "#part-1", "the head that was given");
    }
    const keys = counted(past.keys.size, "key");
    const signed = `${counted(past.signed, "entry", "entries")} by ${keys}; every signature fits`;
    const isSigned = told.get("Signed")?.join(" ") ?? "";
    other(past.isPersonal ? isSigned === signed : isSigned.startsWith("nothing; "), "#part-1", "what is signed");
    const purged = past.purged.size === 0 ? undefined : `${counted(past.purged.size, "content")}, each with a reason; the digests are kept`;
    other(told.get("Purged")?.join(" ") === purged, "#part-1", "what was purged");
    return found;
  };

  const shown = (data, past) => {
    const one = (id, expected, title, most = Math.min(1, expected.length)) => {
      const tables = tablesOf(of(id));
      const more = tables.length > most ? [{ path: `#${id}`, message: "the page shows another table" }] : [];
      return [...otherRows(tables[0], expected, title, `#${id}`), ...more];
    };
    return [
      ...ofHead(data, past),
      ...one("part-2", sums(past), "Entries by kind"),
      ...one("part-3", screenings(past), "Screenings"),
      ...ofCorrections(past),
      ...one("part-5", decisions(past), "Reviews and decisions"),
      ...one("part-6", everyEntry(past), "Entries", 1),
    ];
  };

  // -------------------------------------------------------------------- the check

  let hashes = [];

  const check = async () => {
    const data = read(of("data").textContent);
    if (!isObject(data) || !Array.isArray(data.entries) || !Array.isArray(data.contents) || typeof data.holds !== "boolean") {
      return { refusals: [{ path: "#data", message: "the data of this page are none of a ledger" }] };
    }
    const past = await window.screeningLedger.verify(data.entries, data.contents, [CORRECTION, REVIEWED]);
    // What comes after an entry that does not hold cannot be told.
    if (past.entries.length < data.entries.length) return { refusals: past.refusals };
    hashes = past.hashes;
    const last = hashes.at(-1) ?? "none";
    const signatures = past.unchecked > 0
      ? `SIGNATURES ARE NOT CHECKED HERE: this browser has no Ed25519 for this page; ${counted(past.unchecked, "signature")} not looked at`
      : past.signed > 0 ? `${counted(past.signed, "signature")} checked, every one fits` : "nothing is signed";
    const whole = data.holds ? "" : "The ledger itself DID NOT HOLD when this page was made; of what is shown of it: ";
    const accepted = `${whole}Accepted: ${counted(hashes.length, "entry", "entries")}, each follows from the one before; ${signatures}; `
      + `what is shown is what they say. Head: ${last}. Whether entries were cut off at the end, or all written anew, only a head `
      + "that was kept elsewhere shows: compare it below.";
    return { refusals: [...past.refusals, ...shown(data, past)], accepted };
  };

  const compare = (head) => {
    if (!/^[0-9a-f]{16,64}$/.test(head)) return { said: "A head is 64 digits from 0 to f, or its first 16 or more.", isRefused: true };
    const number = hashes.findIndex((each) => each.startsWith(head)) + 1;
    if (number === 0) {
      return { said: `REFUSED: the head ${head} is not in this page: entries were cut off, rolled back or written anew.`, isRefused: true };
    }
    const after = hashes.length - number;
    const rest = after === 0 ? "it is the last one" : `${counted(after, "entry", "entries")} came after it, which this head says nothing of`;
    return { said: `The head is that of entry ${grouped(number)}: nothing before it was cut off or written anew; ${rest}.`, isRefused: false };
  };

  start(check, compare, CONCLUSION);
})();
