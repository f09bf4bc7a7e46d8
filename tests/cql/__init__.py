"""How the language stands to CQL: the published conformance tests, in our spelling, answered by the law."""
