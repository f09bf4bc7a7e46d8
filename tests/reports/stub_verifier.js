"use strict";
// A stand-in for the second verifier, for tests alone: it looks whether a bundle has a certificate, and at nothing
// in it. It stands behind the true one, whose digests it takes, and is never shipped.
window.screeningVerifier = {
  ...window.screeningVerifier,
  verify: (text) => {
    const bundle = JSON.parse(text);
    const certificate = bundle.certificate;
    if (typeof certificate !== "object" || certificate === null) {
      return { accepted: false, refusals: [{ path: "/certificate", message: "there is no certificate" }] };
    }
    if (certificate.library.status === "<broken>") throw new Error("a fault of the stand-in");
    const refusals = certificate.as_of === "2026-11-22" ? [] : [
      { path: "/certificate/as_of", message: "another day <b>" },
      { path: "/certificate/digest", message: "another digest" },
    ];
    return { accepted: refusals.length === 0, refusals };
  },
};
