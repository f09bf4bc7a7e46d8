// node engines.mjs ENGINE SYSTEM-MODELINFO.xml < people.ndjson > answers.ndjson
//
// Translates exported libraries and evaluates every define of them for each person: a line in, {id, library,
// parameters}, is a line out, {id, values}. ENGINE is `cql-execution` or `cqframework` (@cqframework/cql), or
// `translate`, which answers with what the reference translator says of the library, {id, notes}.
import { readFileSync, existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are in the folder that the tests name, not beside this file.
const require = createRequire(`${process.env.SCREENING_CQL_NODE ?? process.cwd()}/`);
const imported = (name) => import(pathToFileURL(require.resolve(name)));
const packaged = (name) => import(pathToFileURL(`${process.env.SCREENING_CQL_NODE ?? process.cwd()}/node_modules/@cqframework/cql/${name}.mjs`));

const [engine, model] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);
console.log = console.info = console.warn = () => {};

const C = await packaged("cql-to-elm");
const system = readFileSync(model, "utf8");

const ucum = (await imported("@lhncbc/ucum-lhc")).default.UcumLhcUtils.getInstance();
const convert = (value, from, to) => {
  const found = ucum.convertUnitTo(from || "1", Number(value), to || "1");
  return found.status === "succeeded" ? String(found.toVal) : "not convertible";
};
const validate = (unit) => {
  const found = ucum.validateUnitString(unit);
  return found.status === "valid" ? null : (found.msg[0] ?? "invalid unit");
};
const unsupported = () => { throw new Error("unsupported"); };

function manager(source) {
  const models = new C.ModelManager();
  models.modelInfoLoader.clearModelInfoProviders();
  models.modelInfoLoader.registerModelInfoProvider(
    C.createModelInfoProvider((id) => (id === "System" ? C.stringAsSource(system) : null)));
  const service = C.createUcumService(convert, validate, unsupported, unsupported);
  const libraries = new C.LibraryManager(models, C.CqlCompilerOptions.defaultOptions(), null, service);
  libraries.librarySourceLoader.clearProviders();
  libraries.librarySourceLoader.registerProvider(
    C.createLibrarySourceProvider(() => C.stringAsSource(source)));
  return libraries;
}

function translated(file) {
  const source = readFileSync(file, "utf8");
  const kept = `${file}.elm.json`;
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
  const elm = JSON.parse(C.CqlTranslator.fromText(source, manager(source)).toJson());
  writeFileSync(kept, JSON.stringify(elm));
  return elm;
}

// A tuple whose ends stand under `low` and `high` is a number, one under `first` and `last` are days.
const isNumber = (key) => key === "low" || key === "high";
const isInstant = (key) => key === "begin" || key === "finish";
const isDay = (key) => key === "first" || key === "last" || key === "until";

async function execution(file) {
  const X = (await imported("cql-execution")).default;
  const elm = translated(file);
  // ENGINE: it hands no parameters to expressions of the unfiltered context; those of a patient have them.
  for (const define of elm.library.statements.def) if (define.type !== "FunctionDef") define.context = "Patient";
  const library = new X.Library(elm);
  const names = elm.library.statements.def.filter((d) => d.type !== "FunctionDef").map((d) => d.name);
  const given = (key, value) => {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value)) return value.map((each) => given("", each));
    if (typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, given(k, v)]));
    if (isNumber(key)) return Number(value);
    if (isInstant(key)) return X.DateTime.parse(value);
    return isDay(key) || key === "Screening Date" ? X.Date.parse(value) : value;
  };
  const told = (value) => {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value)) return value.map(told);
    if (value.isDate || value.isDateTime) return value.toString().slice(0, 19);
    if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, told(v)]));
    return typeof value === "number" ? String(value) : value;
  };
  const when = X.DateTime.parse("2000-01-01T00:00:00.000+00:00");
  return async (parameters) => {
    // ENGINE: a parameter that nobody hands in is an object of the engine's own, and no null.
    const record = Object.fromEntries((elm.library.parameters?.def ?? []).map(({ name }) => [name, null]));
    for (const [name, value] of Object.entries(parameters)) record[name] = given(name, value);
    const context = new X.PatientContext(library, { id: "nobody" }, null, record, when);
    const values = {};
    // Each define is evaluated once, after those that it refers to, and then known to the context.
    for (const name of names) {
      const value = await library.expressions[name].execute(context);
      context.set(name, value ?? null);
      values[name] = told(value);
    }
    return values;
  };
}

async function framework(file) {
  const source = readFileSync(file, "utf8");
  const name = /^library "([^"]+)"/m.exec(source)[1];
  const E = await packaged("engine");
  const S = await packaged("shared");
  const K = await packaged("kotlin-kotlin-stdlib");
  const environment = new E.Environment(manager(source));
  const tuple = (value) => new E.Tuple().withElements(K.KtMutableMap.fromJsMap(
    new Map(Object.entries(value).map(([k, v]) => [k, given(k, v)]))));
  const given = (key, value) => {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value)) return E.iterableToList ? list(value) : null;
    if (typeof value === "object") return tuple(value);
    if (typeof value === "boolean") return new E.Boolean(value);
    if (typeof value === "number") return new E.Integer(value);
    if (isNumber(key)) return new E.Decimal(S.BigDecimal.fromString(value));
    if (isInstant(key)) return E.DateTime.fromDateElements(S.BigDecimal.fromInt(0), Int32Array.from(value.split(/[-T:]/).map(Number)));
    if (isDay(key) || key === "Screening Date") return E.Date.fromDateString(value);
    return new E.String(value);
  };
  const list = (value) => new E.List(K.KtList.fromJsArray(value.map((each) => given("", each))));
  const told = (value) => {
    if (value === null || value === undefined) return null;
    if (value instanceof E.Boolean) return value.value;
    if (value instanceof E.Integer || value instanceof E.String) return String(value.value);
    if (value instanceof E.Decimal) return value.value.toPlainString();
    if (value instanceof E.Tuple)
      return Object.fromEntries([...value.elements.asJsMapView().entries()].map(([k, v]) => [k, told(v)]));
    if (value instanceof E.List) return [...E.iterableToList(value.value).asJsReadonlyArrayView()].map(told);
    return value.toString().replace(/^@/, "").slice(0, 19);
  };
  const options = K.KtMutableSet.fromJsSet(new Set([E.CqlEngine.Options.EnableExpressionCaching]));
  return async (parameters) => {
    // ENGINE: with caching an engine keeps the answers of the one before; every person has one of their own.
    const one = new E.CqlEngine(environment, options);
    const builder = new E.EvaluationParams.Builder();
    builder.parameters = K.KtMap.fromJsMap(new Map(Object.entries(parameters).map(([k, v]) => [k, given(k, v)])));
    builder.libraryByName(name, new E.EvaluationParams.LibraryParams.Builder().build());
    const found = one.evaluate(builder.build()).onlyResultOrThrow;
    const values = {};
    for (const [key, result] of found.expressionResults.asJsReadonlyMapView().entries()) values[key] = told(result.value);
    return values;
  };
}

const notes = (file) => (translated(file).library.annotation ?? [])
  .filter((each) => each.message)
  .map((each) => `${each.startLine}:${each.startChar}: ${each.errorSeverity}: ${each.message}`);

let known = null, evaluate = null;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const { id, library, parameters } = JSON.parse(line);
  try {
    if (engine === "translate") {
      say(JSON.stringify({ id, notes: notes(library) }));
      continue;
    }
    if (library !== known) {
      evaluate = await (engine === "cql-execution" ? execution(library) : framework(library));
      known = library;
    }
    say(JSON.stringify({ id, values: await evaluate(parameters) }));
  } catch (error) {
    say(JSON.stringify({ id, error: String(error?.message ?? error).slice(0, 300) }));
  }
}
