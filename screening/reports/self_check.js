"use strict";
(() => {
  const { altered, plain } = window.screeningSeal;
  const said = document.getElementById("checked");
  const list = document.getElementById("refusals");

  const refuse = (refusals) => {
    const places = refusals.map((each) => plain(`REFUSED at ${each.path}: ${each.message}`));
    said.textContent = places[0];
    said.className = "phrase against";
    list.replaceChildren(...places.slice(1).map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
    // What does not hold must not be read: it takes the place of title and verdict.
    document.title = "Do not use this page";
    document.getElementById("title").textContent = "Do not use this page";
    document.getElementById("verdict-words").textContent = "No verdict: the self-check refuses this page";
    const body = document.createElement("p");
    body.className = "phrase against";
    body.textContent = `${places[0]}. Conclude nothing about this person, keep this file, and screen again.`;
    document.getElementById("verdict-body").replaceChildren(body);
  };

  const words = (text) => text.split(/\s+/).join(" ").trim();

  /* Whether what the page shows is what its certificate says, whatever the seal is. */

  const STATES = {
    inclusion: { TRUE: "met", FALSE: "not met" },
    exclusion: { TRUE: "present", FALSE: "absent" },
    administrative: { TRUE: "in place", FALSE: "not in place" },
  };

  // The state of a criterion in the words of its category.
  const stateOf = ({ category, strength }, finding) => {
    if (finding.shown === "NOT APPLICABLE") return "not applicable";
    const known = STATES[strength === "administrative" ? strength : category][finding.truth];
    if (known !== undefined || strength === "administrative") return known ?? "unknown";
    if (finding.contradicted) return "contradicted";
    const { open = [], judgements = [] } = finding;
    if (judgements.length > 0 && open.every((name) => judgements.includes(name))) return "judgement open";
    return strength === "relative" ? "not recorded" : "unknown";
  };

  const shownOtherwise = ({ certificate, tree }) => {
    const { label, criteria } = certificate.determination;
    const shown = (id) => words(document.getElementById(id)?.textContent ?? "");
    const other = [];
    if (!shown("verdict-words").endsWith(`: ${words(label)}`)) {
      other.push({ path: "/certificate/determination/label", message: "the page shows another verdict than its certificate" });
    }
    if (!shown("part-rules").includes(certificate.digest)) {
      other.push({ path: "/certificate/digest", message: "the page names another certificate" });
    }
    const listed = Array.from(document.querySelectorAll("#criteria details"), (each) => ({
      id: each.querySelector("summary strong")?.textContent ?? "",
      word: words(each.querySelector("summary .word")?.textContent ?? ""),
    }));
    for (const [n, finding] of criteria.entries()) {
      const found = listed.filter(({ id }) => id === plain(finding.id));
      if (found.length !== 1 || found[0].word !== stateOf(tree.criteria[n], finding)) {
        const message = `the page shows ${finding.id} otherwise than its certificate`;
        other.push({ path: `/certificate/determination/criteria/${n}`, message });
      }
    }
    if (listed.length !== criteria.length) {
      const message = "the page shows criteria that its certificate does not have";
      other.push({ path: "/certificate/determination/criteria", message });
    }
    return other;
  };

  // Before any other script changes what the page was made with.
  let places = [""];
  let other = null;
  try {
    places = altered(window.screeningVerifier.sha256);
    other = shownOtherwise(JSON.parse(document.getElementById("bundle").textContent));
  } catch (fault) {
    // A bundle that cannot be read is told by the verifier.
    other = null;
  }

  const check = () => {
    let found = null;
    let about = "";
    try {
      const bundle = document.getElementById("bundle").textContent;
      found = window.screeningVerifier.verify(bundle);
      if (typeof found.accepted !== "boolean" || !Array.isArray(found.refusals)) found = null;
      const { certificate } = JSON.parse(bundle);
      const { label } = certificate.determination;
      about = `${label} for ${certificate.subject} as of ${certificate.as_of}, certificate ${certificate.digest}`;
      if (found.accepted) {
        if (other === null) throw new Error("what the page shows could not be held against its certificate");
        const message = "the page is not as it was made";
        const refusals = [...other, ...places.map((id) => ({ path: id === "" ? "#" : `#${id}`, message }))];
        if (refusals.length > 0) found = { accepted: false, refusals };
      }
    } catch (fault) {
      if (found === null || found.accepted) found = null;
    }
    if (found !== null && found.accepted && found.refusals.length === 0) {
      said.textContent = plain(`Accepted: the second program follows every step to the same verdict: ${about}.`);
      said.className = "phrase";
      list.replaceChildren();
      return;
    }
    const none = [{ path: "/", message: "the second program failed, and says nothing of the certificate" }];
    refuse(found !== null && found.refusals.length > 0 ? found.refusals : none);
  };

  document.getElementById("check").addEventListener("click", check);
  said.textContent = "Running.";
  // What is on the page is shown first; a long certificate takes a while.
  setTimeout(check, 0);
})();
