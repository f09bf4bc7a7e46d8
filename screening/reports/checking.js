"use strict";
(() => {
  const { plain } = window.screeningSeal;
  const of = (id) => document.getElementById(id);
  // Spelt so that no element of this page ends or begins here.
  const START = "<" + 'script type="application/json" id="bundle">';
  const END = "<" + "/script>";

  const told = (text, isRefused, more) => {
    of("found").textContent = plain(text);
    of("found").className = isRefused ? "phrase against" : "phrase";
    of("refusals").replaceChildren(...more.map((each) => {
      const item = document.createElement("li");
      item.textContent = each;
      return item;
    }));
  };

  // A report is taken by the one bundle that it carries; nothing else of it is read.
  const bundleOf = (text) => {
    const start = text.trimStart().startsWith("{") ? -1 : text.indexOf(START);
    if (start < 0) return text;
    const end = text.indexOf(END, start);
    if (end < 0 || text.includes(START, start + 1)) throw new Error("not one bundle");
    return text.slice(start + START.length, end);
  };

  // A report may show another verdict, or another person, than its bundle: what is accepted is said.
  const accepted = (bundle) => {
    const { certificate } = JSON.parse(bundle.replace(/^\ufeff/, ""));
    const { label } = certificate.determination;
    return `${label} for ${certificate.subject} as of ${certificate.as_of}, certificate ${certificate.digest}`;
  };

  const check = (text, name) => {
    let found = null;
    let about = "";
    try {
      const bundle = bundleOf(text);
      found = window.screeningVerifier.verify(bundle);
      if (found.accepted === true) about = accepted(bundle);
    } catch (fault) {
      found = null;
    }
    if (found === null || typeof found.accepted !== "boolean" || !Array.isArray(found.refusals)) {
      told(`${name}: not accepted; it is no bundle that can be read.`, true, []);
    } else if (found.accepted && found.refusals.length === 0) {
      const words = `accepted; every step of the certificate leads to its verdict: ${about}.`;
      told(`${name}: ${words} Compare this with what the page shows.`, false, []);
    } else {
      const places = found.refusals.map((each) => plain(`REFUSED at ${each.path}: ${each.message}`));
      told(`${name}: not accepted. ${places[0] || ""}`, true, places.slice(1));
    }
  };

  const read = async (file) => {
    told(`${file.name}: being read.`, false, []);
    try {
      check(await file.text(), file.name);
    } catch (fault) {
      told(`${file.name}: cannot be read.`, true, []);
    }
  };

  of("file").addEventListener("change", () => {
    if (of("file").files.length > 0) read(of("file").files[0]);
  });
  of("check").addEventListener("click", () => check(of("text").value, "What was pasted"));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length > 0) read(event.dataTransfer.files[0]);
  });
  of("no-scripts").remove();
  of("give").hidden = false;
})();
