"use strict";
/* Whether a page still is as it was made: by the id of each element, the digest of what stands in it. */
window.screeningSeal = (() => {
  // A place may hold a name out of the data: what does not print, or turns the direction of a line, is told by number.
  const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (each) => `U+${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);

  // What holds the seal itself, and what a self-check holds against what it means.
  const DATA = ["seal", "bundle", "data"];
  const VOID = ["meta", "input", "img", "br", "hr", "link"];

  const standing = () => {
    const found = new Map();
    const add = (id, text) => found.set(id, (found.get(id) ?? "") + text);
    const walk = (element, around) => {
      const id = element.id || around;
      const tag = element.localName;
      const names = element.getAttributeNames().sort();
      add(id, `<${tag}${names.map((name) => ` ${name}=${JSON.stringify(element.getAttribute(name))}`).join("")}>`);
      for (const each of element.childNodes) {
        if (each.nodeType === Node.ELEMENT_NODE) walk(each, id);
        else if (each.nodeType === Node.TEXT_NODE && !DATA.includes(id)) add(id, each.data);
      }
      if (!VOID.includes(tag)) add(id, `</${tag}>`);
    };
    walk(document.documentElement, "");
    return found;
  };

  // The ids of what is otherwise than its seal says; "" for what stands in no element with an id.
  const altered = (sha256) => {
    const seal = new Map(Object.entries(JSON.parse(document.getElementById("seal").textContent)));
    const found = standing();
    const plainly = (text) => text.replace(/[ \t\n\r\f]+/g, " ").replace(/ ?([<>]) ?/g, "$1");
    const digest = (text) => sha256(new TextEncoder().encode(plainly(text)));
    const other = (id) => !found.has(id) || digest(found.get(id)) !== seal.get(id);
    return [...new Set([...seal.keys(), ...found.keys()])].filter((id) => !seal.has(id) || other(id));
  };

  return { altered, plain };
})();
