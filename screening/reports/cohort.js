"use strict";
// When every script was read: the self-check looks first at the page as it was made.
document.addEventListener("DOMContentLoaded", () => {
  const PAGE = 200;
  const FEW = 6;
  const of = (id) => document.getElementById(id);
  const made = (tag, text) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const { grouped } = window.screeningPage;

  // ------------------------------------------------------------------------------ the columns

  const data = JSON.parse(of("data").textContent);
  const bytesOf = (text) => {
    const found = atob(text);
    const bytes = new Uint8Array(found.length);
    for (let at = 0; at < found.length; at += 1) bytes[at] = found.charCodeAt(at);
    return bytes;
  };
  // The least byte comes first.
  const numbersOf = (column) => {
    const bytes = bytesOf(column.index);
    if (column.bytes === 1) return bytes;
    const numbers = column.bytes === 2 ? new Uint16Array(data.people) : new Uint32Array(data.people);
    for (let person = 0, at = 0; person < data.people; person += 1) {
      let number = 0;
      for (let byte = 0; byte < column.bytes; byte += 1, at += 1) number += bytes[at] * 256 ** byte;
      numbers[person] = number;
    }
    return numbers;
  };
  const columns = {};
  for (const name of ["standing", "verdict", "not_before"]) {
    columns[name] = { words: data[name].words, numbers: numbersOf(data[name]) };
  }
  for (const name of ["deciding", "reasons", "missing", "alerts"]) {
    const bits = bytesOf(data[name].sets);
    const width = data[name].width;
    columns[name] = { bits, width, many: bits.length / width, numbers: numbersOf(data[name]) };
  }
  const holds = (column, set, member) =>
    (column.bits[set * column.width + (member >> 3)] & (1 << (member & 7))) !== 0;
  const membersOf = (column, set, names) => names.filter((_, member) => holds(column, set, member));
  const sizes = Uint32Array.from({ length: columns.missing.many }, (_, set) =>
    membersOf(columns.missing, set, data.items).length);

  // ------------------------------------------------------------------------------ the filters

  const choose = (id, names) => {
    names.forEach((name, number) => {
      const option = made("option", name);
      option.value = String(number);
      of(id).append(option);
    });
  };
  choose("filter-standing", data.standing.words);
  choose("filter-verdict", data.verdict.words);
  choose("filter-reason", data.criteria.map((each) => `${each.id} ${each.text}`));
  choose("filter-missing", data.items);

  const named = (id) => of(id).selectedOptions[0].textContent;
  const chosen = (id) => of(id).value;
  const allowed = (many, test) => Uint8Array.from({ length: many }, (_, number) => (test(number) ? 1 : 0));

  // Each test says which numbers of a column may stay; a person stays whom every test lets stay.
  const tests = () => {
    const found = [];
    const said = [];
    for (const name of ["standing", "verdict"]) {
      const value = chosen(`filter-${name}`);
      if (value === "") continue;
      const column = columns[name];
      found.push([column.numbers, allowed(column.words.length, (number) => number === Number(value))]);
      said.push(`${name} ${named(`filter-${name}`)}`);
    }
    const add = (column, member, words) => {
      found.push([column.numbers, allowed(column.many, (set) => holds(column, set, member))]);
      said.push(words);
    };
    const reason = chosen("filter-reason");
    if (reason !== "") {
      const { id } = data.criteria[Number(reason)];
      add(columns[chosen("filter-kind")], Number(reason), `reason ${id} ${named("filter-kind")}`);
    }
    const missing = chosen("filter-missing");
    if (missing !== "") add(columns.missing, Number(missing), `missing ${data.items[Number(missing)]}`);
    const alert = chosen("filter-alert");
    if (alert !== "") {
      const column = columns.alerts;
      const isEmpty = (set) => membersOf(column, set, data.criteria).length === 0;
      found.push([column.numbers, allowed(column.many, (set) => isEmpty(set) === (alert === "no"))]);
      said.push(named("filter-alert"));
    }
    const text = of("filter-text").value.trim().toUpperCase();
    if (text !== "") said.push(`pseudonym holds ${text}`);
    return { found, said, text };
  };

  let people = new Uint32Array(0);
  let page = 0;
  let sorted = { key: "", down: false };
  const upper = data.pseudonyms.map((each) => each.toUpperCase());
  const keys = {
    pseudonym: (a, b) => (upper[a] < upper[b] ? -1 : Number(upper[a] > upper[b])),
    missing: (a, b) => sizes[columns.missing.numbers[a]] - sizes[columns.missing.numbers[b]],
    not_before: (a, b) => {
      const one = columns.not_before.words[columns.not_before.numbers[a]] || "9999";
      const other = columns.not_before.words[columns.not_before.numbers[b]] || "9999";
      return one < other ? -1 : Number(one > other);
    },
  };

  const filter = () => {
    const { found, said, text } = tests();
    const kept = new Uint32Array(data.people);
    let many = 0;
    for (let person = 0; person < data.people; person += 1) {
      let stays = text === "" || upper[person].includes(text);
      for (let test = 0; stays && test < found.length; test += 1) stays = found[test][1][found[test][0][person]] === 1;
      if (stays) {
        kept[many] = person;
        many += 1;
      }
    }
    people = kept.slice(0, many);
    if (sorted.key !== "") {
      const by = keys[sorted.key];
      const sign = sorted.down ? -1 : 1;
      people.sort((a, b) => sign * by(a, b) || a - b);
    }
    page = 0;
    show(said);
  };

  // ------------------------------------------------------------------------------ the rows

  const heads = [
    ["pseudonym", "pseudonym"], ["standing", ""], ["verdict", ""], ["alerts", ""], ["deciding reasons", ""],
    ["missing items", "missing"], ["not before", "not_before"],
  ];
  const several = (names, noun) => {
    if (names.length <= FEW) return document.createTextNode(names.join(", "));
    const folded = made("details");
    folded.append(made("summary", `${names.length} ${noun}`), made("p", names.join(", ")));
    return folded;
  };
  const row = (person) => {
    const made_ = made("tr");
    const head = made("th", data.pseudonyms[person]);
    head.scope = "row";
    const cells = [
      data.standing.words[columns.standing.numbers[person]],
      data.verdict.words[columns.verdict.numbers[person]],
      several(membersOf(columns.alerts, columns.alerts.numbers[person], ids), "alerts"),
      several(membersOf(columns.deciding, columns.deciding.numbers[person], ids), "criteria"),
      several(membersOf(columns.missing, columns.missing.numbers[person], data.items), "items"),
      data.not_before.words[columns.not_before.numbers[person]],
    ];
    made_.append(head, ...cells.map((cell, number) => {
      const found = made("td");
      found.append(cell);
      found.dataset.label = heads[number + 1][0];
      return found;
    }));
    return made_;
  };
  const ids = data.criteria.map((each) => each.id);

  let filters = [];
  const show = (said) => {
    filters = said;
    const pages = Math.max(1, Math.ceil(people.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * PAGE;
    const to = Math.min(from + PAGE, people.length);
    of("rows").replaceChildren(...Array.from(people.subarray(from, to), row));
    const range = people.length === 0 ? "no rows" : `rows ${grouped(from + 1)} to ${grouped(to)}`;
    const what = said.length === 0 ? "" : `Filtered: ${said.join("; ")}. `;
    of("found").textContent = `${what}${grouped(people.length)} of ${grouped(data.people)} people, ${range}.`;
    of("first").disabled = of("previous").disabled = page === 0;
    of("last").disabled = of("next").disabled = page >= pages - 1;
  };
  const turn = (to) => {
    page = to;
    show(filters);
    of("table").scrollTop = 0;
  };

  for (const [text, key] of heads) {
    const head = made("th", key === "" ? text : undefined);
    head.scope = "col";
    if (key !== "") {
      const button = made("button", text);
      button.type = "button";
      button.addEventListener("click", () => {
        sorted = { key, down: sorted.key === key && !sorted.down };
        for (const each of of("heads").children) each.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
        filter();
      });
      head.append(button);
    }
    of("heads").append(head);
  }
  of("first").addEventListener("click", () => turn(0));
  of("previous").addEventListener("click", () => turn(page - 1));
  of("next").addEventListener("click", () => turn(page + 1));
  of("last").addEventListener("click", () => turn(Infinity));
  of("filters").addEventListener("change", filter);
  of("filter-text").addEventListener("input", filter);
  of("filters").addEventListener("submit", (event) => event.preventDefault());
  of("clear").addEventListener("click", () => {
    of("filters").reset();
    filter();
  });
  of("no-scripts").remove();
  for (const id of ["filters", "pages", "table"]) of(id).hidden = false;
  filter();
});
