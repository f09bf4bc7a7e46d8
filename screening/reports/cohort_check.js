"use strict";
/* The self-check of the page of a cohort: its people counted again, and whether what it shows is of one piece. */
(() => {
  const { of, digest, read, safe, words, grouped, factsOf, tablesOf, otherRows, start } = window.screeningPage;
  const CONCLUSION = "Conclude nothing from this page, keep this file, and make it again from the run's folder.";
  const STANDINGS = ["RULED OUT", "NOT RULED OUT", "NO ANCHOR EVIDENCE"];
  const VERDICTS = ["INELIGIBLE", "UNDETERMINED", "REVIEW", "ELIGIBLE"];
  const NOBODY = "NOT SCREENED";
  const PARTS = [
    "run", "people", "pseudonyms", "criteria", "items", "standing", "verdict", "not_before", "deciding", "reasons", "missing", "alerts",
  ];

  // -------------------------------------------------------------------- the columns

  class Odd extends Error {
    constructor(path, message) {
      super(message);
      this.refusal = { path, message };
    }
  }
  const bytesOf = (text, path) => {
    try {
      const found = atob(text);
      // Of several spellings of the same bytes one alone is written.
      if (btoa(found) !== text) throw new Error("another spelling");
      return found;
    } catch (fault) {
      throw new Odd(path, "it is not as columns are written");
    }
  };
  // The numbers of a column, a person each: least byte first, each of something that is there.
  const numbersOf = (column, people, many, path) => {
    const bytes = bytesOf(column.index, path);
    if (![1, 2, 4].includes(column.bytes) || bytes.length !== people * column.bytes) throw new Odd(path, "it is not of all people");
    const found = new Uint32Array(people);
    for (let person = 0, at = 0; person < people; person += 1) {
      let number = 0;
      for (let byte = 0; byte < column.bytes; byte += 1, at += 1) number += bytes.charCodeAt(at) * 256 ** byte;
      if (number >= many) throw new Odd(path, `of person ${grouped(person + 1)} it says what is not there`);
      found[person] = number;
    }
    return found;
  };
  const countsOf = (numbers, many) => {
    const found = new Float64Array(many);
    for (const number of numbers) found[number] += 1;
    return found;
  };
  const wordColumn = (data, name) => {
    const column = data[name];
    if (!Array.isArray(column.words) || new Set(column.words).size !== column.words.length) throw new Odd(`/${name}`, "a word stands twice");
    const numbers = numbersOf(column, data.people, column.words.length, `/${name}`);
    const counts = countsOf(numbers, column.words.length);
    return { words: column.words, numbers, tally: new Map(column.words.map((word, n) => [word, counts[n]])) };
  };
  // Lists as bits, one for each member; which members each list has, and how many people have each member.
  const setColumn = (data, name, members) => {
    const { width, sets } = data[name];
    const bytes = bytesOf(sets, `/${name}`);
    if (width !== Math.max(1, Math.ceil(members / 8)) || bytes.length % width !== 0) throw new Odd(`/${name}`, "it is not of all members");
    const numbers = numbersOf(data[name], data.people, bytes.length / width, `/${name}`);
    const counts = countsOf(numbers, bytes.length / width);
    const tally = new Array(members).fill(0);
    const lists = Array.from(counts, (many, set) => {
      const found = [];
      for (let bit = 0; bit < width * 8; bit += 1) {
        if ((bytes.charCodeAt(set * width + (bit >> 3)) & (1 << (bit & 7))) === 0) continue;
        if (bit >= members) throw new Odd(`/${name}`, "it names what is not there");
        found.push(bit);
        tally[bit] += many;
      }
      return found;
    });
    return { numbers, lists, tally, some: lists.reduce((sum, list, set) => sum + (list.length > 0 ? counts[set] : 0), 0) };
  };

  // What has to hold of each person, whoever it is.
  const ofPeople = (data, columns) => {
    const { standing, verdict, deciding, reasons, missing } = columns;
    const seen = new Set();
    for (let person = 0; person < data.people; person += 1) {
      const path = `/pseudonyms/${person}`;
      const name = data.pseudonyms[person];
      if (typeof name !== "string" || name === "" || seen.has(name)) throw new Odd(path, "a pseudonym stands twice, or is none");
      seen.add(name);
      const verdictIs = verdict.words[verdict.numbers[person]];
      const standingIs = standing.words[standing.numbers[person]];
      const decides = deciding.lists[deciding.numbers[person]].length;
      const keeps = reasons.lists[reasons.numbers[person]].length;
      const lacks = missing.lists[missing.numbers[person]].length;
      const isOdd = (verdictIs === "INELIGIBLE") !== (standingIs === "RULED OUT") || (verdictIs === NOBODY) !== (standingIs === NOBODY)
        || (verdictIs === "ELIGIBLE" && decides + keeps > 0) || (verdictIs === NOBODY && decides + keeps + lacks > 0);
      if (isOdd) throw new Odd(path, "standing, verdict and reasons of this person cannot be of one screening");
    }
  };

  // -------------------------------------------------------------------- what has to be shown

  const ofCounts = (data, columns) => {
    const { counts } = data.run;
    const found = [];
    const same = (path, said, many) => {
      if (said !== many) found.push({ path: `/run/counts/${path}`, message: `it is said to be ${said}, and ${many} are in the list` });
    };
    for (const name of ["standing", "verdict"]) {
      const known = name === "standing" ? STANDINGS : VERDICTS;
      for (const [word, many] of columns[name].tally) {
        if (![...known, NOBODY].includes(word)) found.push({ path: `/${name}`, message: "it says a word that is none" });
        same(`${name}/${word}`, counts[name][word] ?? 0, many);
      }
      for (const [word, said] of Object.entries(counts[name])) same(`${name}/${word}`, said, columns[name].tally.get(word) ?? 0);
    }
    same("people", counts.people, data.people);
    same("read", counts.read, data.people + counts.rejected);
    same("people_with_alerts", counts.people_with_alerts, columns.alerts.some);
    same("not_screened", counts.not_screened, columns.verdict.tally.get(NOBODY) ?? 0);
    same("rejected", counts.rejected, Object.values(counts.rejected_by_kind).reduce((sum, each) => sum + each, 0));
    return found;
  };

  const ofSums = (data, columns) => {
    const { counts } = data.run;
    const [records, standing, verdict, ...more] = tablesOf(of("part-sums"));
    const path = "#part-sums";
    const of_ = (...cells) => ({ path, cells });
    const kinds = Object.entries(counts.rejected_by_kind).map(([kind, many]) => `${grouped(many)} ${safe(kind)}`).sort().join(", ");
    const isKinds = (cell) => cell.split(", ").sort().join(", ") === words(kinds);
    const block = (name, known) => {
      const listed = counts.not_screened > 0 ? [...known, NOBODY] : known;
      const rows = listed.map((word) => of_(word, grouped(columns[name].tally.get(word) ?? 0), () => true));
      return [...rows, of_("each adds up to", grouped(data.people), "")];
    };
    const found = [
      ...otherRows(records, [
        of_("records read", grouped(counts.read), ""),
        of_("rejected", grouped(counts.rejected), isKinds),
        of_("people screened", grouped(data.people), `+ ${grouped(counts.rejected)} = ${grouped(counts.read)}`),
      ], "Records", path),
      ...otherRows(standing, block("standing", STANDINGS), "Standing", path),
      ...otherRows(verdict, block("verdict", VERDICTS), "Verdict", path),
    ];
    const alerts = columns.alerts.some;
    const told = alerts === 0 ? "Nobody with" : `${grouped(alerts)} ${alerts === 1 ? "person" : "people"} with`;
    if (!words(of("part-sums")?.querySelector("p")?.textContent ?? "").startsWith(`${told} an alert`)) {
      found.push({ path, message: "the page shows another number of alerts than are in the list" });
    }
    if (more.length > 0) found.push({ path, message: "the page shows another table" });
    return found;
  };

  const ofCriteria = (data, { deciding, reasons, alerts }) => {
    const rows = data.criteria.map(({ id, text }, n) => ({
      path: `#part-reasons, ${id}`,
      cells: [
        safe(id), (cell) => cell.startsWith(words(safe(text))),
        ...[deciding, reasons, alerts].map((column) => grouped(column.tally[n])),
      ],
    }));
    return otherRows(tablesOf(of("part-reasons"))[0], rows, "People by criterion", "#part-reasons");
  };

  const ofItems = (data, { missing }) => {
    const found = [];
    const shown = (tablesOf(of("part-missing"))[0]?.rows ?? []).map(([item, , many]) => `${item}: ${many}`);
    data.items.forEach((item, n) => {
      if (missing.tally[n] === 0) return;
      const at = shown.indexOf(`${words(safe(item))}: ${grouped(missing.tally[n])}`);
      if (at >= 0) shown.splice(at, 1);
      else found.push({ path: `#part-missing, ${item}`, message: "the page shows it otherwise than the list says" });
    });
    if (shown.length > 0) found.push({ path: "#part-missing", message: "the page shows items that the list does not lack" });
    return found;
  };

  const ofHead = ({ run: made }, list) => {
    const found = [];
    const told = factsOf(document.querySelector("header"));
    const { protocol } = made;
    const named = `${protocol.name} ${protocol.version}`;
    const status = words(safe(`${protocol.said}. Cohort report ${named}, as of ${made.as_of}`));
    const other = (isSame, what) => {
      if (!isSame) found.push({ path: "#", message: `the page shows ${what} otherwise than its data say` });
    };
    other(words(of("title").textContent) === words(safe(`Cohort report: ${named}`)), "its title");
    other(words(document.title) === status, "its status");
    for (const each of document.querySelectorAll("p.status")) other(words(each.textContent) === status, "its status");
    other(told.get("Digest")?.join(" ") === protocol.digest, "the digest of the rules");
    other(told.get("Rules")?.join(" ").startsWith(words(safe(named))), "the rules");
    other(told.get("Day and site")?.join(" ").startsWith(`As of ${made.as_of}`), "the day");
    other(told.get("Run")?.join(" ") === words(safe(`${made.started} to ${made.finished}`)), "when it was run");
    other((told.get("Manifest")?.join(" ") ?? "") === made.manifest, "the digest of the manifest");
    if (told.get("List")?.join(" ") !== list) {
      found.push({ path: "/digests", message: "the page shows another digest of the list than that of its data" });
    }
    return found;
  };

  // -------------------------------------------------------------------- the check

  let list = "";
  // Whoever filters while this runs does not wait for all of it.
  const pause = () => new Promise((done) => setTimeout(done, 0));

  const check = async () => {
    const data = read(of("data").textContent);
    const parts = [...PARTS, "digests"];
    const odd = parts.find((name) => !(name in data)) ?? Object.keys(data).find((name) => !parts.includes(name));
    if (odd !== undefined) return { refusals: [{ path: `/${odd}`, message: "it is missing, or no part of a cohort" }] };
    list = digest(data.digests);
    const refusals = [];
    for (const name of PARTS) {
      await pause();
      if (digest(data[name]) !== data.digests[name]) refusals.push({ path: `/${name}`, message: "it is not that of its digest" });
    }
    if (Object.keys(data.digests).length !== PARTS.length) refusals.push({ path: "/digests", message: "it has other parts" });
    try {
      refusals.push(...ofHead(data, list));
      if (!Number.isSafeInteger(data.people) || data.pseudonyms.length !== data.people) throw new Odd("/pseudonyms", "they are not of all people");
      const columns = {};
      for (const name of ["standing", "verdict", "not_before"]) columns[name] = wordColumn(data, name);
      for (const name of ["deciding", "reasons", "alerts", "missing"]) {
        await pause();
        columns[name] = setColumn(data, name, name === "missing" ? data.items.length : data.criteria.length);
      }
      await pause();
      ofPeople(data, columns);
      refusals.push(...ofCounts(data, columns), ...ofSums(data, columns));
      refusals.push(...ofCriteria(data, columns), ...ofItems(data, columns));
    } catch (fault) {
      refusals.push(fault instanceof Odd ? fault.refusal : { path: "#data", message: "the data of this page are none of a cohort" });
    }
    const accepted = `Accepted: ${grouped(data.people)} people counted again, every sum and every count of a criterion or an item is `
      + `that of the list. Digest of the list: ${list}. Whether it is the list of the run only a digest that was kept elsewhere shows: `
      + "compare it below.";
    return { refusals, accepted };
  };

  const compare = (given) => {
    if (!/^[0-9a-f]{64}$/.test(given)) return { said: "A digest is 64 digits from 0 to f.", isRefused: true };
    return given === list
      ? { said: "The digest is that of this list: nobody in it, no status and no reason was altered since it was kept.", isRefused: false }
      : { said: "REFUSED: this list has another digest: it was altered, or is of another run.", isRefused: true };
  };

  // This script is the last one; the list of people is shown when all of them were read.
  start(check, compare, CONCLUSION);
})();
