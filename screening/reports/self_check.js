"use strict";
(() => {
  // A place may hold a name out of the bundle: what does not print, or turns the direction of a line, is told by number.
  const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (each) => `U+${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
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

  const told = document.getElementById("verdict-words").textContent.trim();
  const words = (text) => text.split(/\s+/).join(" ");

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
      if (found.accepted && !words(told).endsWith(`: ${words(label)}`)) {
        const message = "the page shows another verdict than its certificate";
        found = { accepted: false, refusals: [{ path: "/certificate/determination/label", message }] };
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
