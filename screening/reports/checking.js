"use strict";
(() => {
  // A place may hold a name out of the bundle: what does not print, or turns the direction of a line, is told by number.
  const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (each) => `U+${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
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

  // A report is taken by the bundle that it carries; nothing else of it is read.
  const bundleOf = (text) => {
    const start = text.indexOf(START);
    return start < 0 ? text : text.slice(start + START.length, text.indexOf(END, start));
  };

  // What a report shows may be otherwise than what its bundle says: whoever checks it compares the two.
  const said = (text) => {
    const { certificate } = JSON.parse(text.replace(/^\ufeff/, ""));
    const { label } = certificate.determination;
    return `${label} for ${certificate.subject} as of ${certificate.as_of}, certificate ${certificate.digest}`;
  };

  const check = (text, name) => {
    let found = null;
    try {
      found = window.screeningVerifier.verify(bundleOf(text));
    } catch (fault) {
      found = null;
    }
    if (found === null || typeof found.accepted !== "boolean" || !Array.isArray(found.refusals)) {
      told(`${name}: not accepted; it is no bundle that can be read.`, true, []);
    } else if (found.accepted && found.refusals.length === 0) {
      told(`${name}: accepted; every step of the certificate leads to its verdict: ${said(bundleOf(text))}.`, false, [
        "This is what the bundle says. Nothing else of a report is read: compare the verdict and the digest with what it shows.",
      ]);
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
