// node engines.mjs ENGINE SYSTEM-MODELINFO.xml < people.ndjson > answers.ndjson
//
// Translates exported libraries and evaluates every define of them for each person: a line in, {id, library,
// parameters}, is a line out, {id, values}. ENGINE is `cql-execution` or `cqframework` (@cqframework/cql), or
// `translate`, which answers with what the reference translator says of the library, {id, notes}.
//
// Many people of one library: the first line, {library, parameters, names}, holds the values that each parameter may
// have, and which defines are asked for; each that follows, {id, chosen, afresh}, is one person by the numbers of
// these values. A define is evaluated once for all people for whom everything that it refers to is the same: it has
// no other inputs. With `afresh` everything is evaluated, and must be what was kept. The answer, {id, said, fresh}, is
// the number of the value of each define, and the values that are said for the first time.
//
// With `alone` a define that the engine refuses to evaluate is among `refused`, with the engine's words, and the
// others have their values.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are in the folder that the tests name, not beside this file.
const HOME = process.env.SCREENING_CQL_NODE ?? process.cwd();
const require = createRequire(`${HOME}/`);
const imported = (name) => import(pathToFileURL(require.resolve(name)));
const packaged = (name) => import(pathToFileURL(`${HOME}/node_modules/@cqframework/cql/${name}.mjs`));

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

// A translation takes longer than all else: each is kept beside the packages that made it, under its text's digest.
function translated(file) {
  const source = readFileSync(file, "utf8");
  const kept = `${HOME}/translated/${createHash("sha256").update(system).update(source).digest("hex")}.json`;
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
  const elm = C.CqlTranslator.fromText(source, manager(source)).toJson();
  mkdirSync(`${HOME}/translated`, { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, elm);
  renameSync(`${kept}.${process.pid}`, kept);
  return JSON.parse(elm);
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
  const absent = () => Object.fromEntries((elm.library.parameters?.def ?? []).map(({ name }) => [name, null]));
  // ENGINE: a parameter that nobody hands in is an object of the engine's own, and no null.
  const person = (record) => new X.PatientContext(library, { id: "nobody" }, null, { ...absent(), ...record }, when);
  return {
    given, told, names,
    refers: referring(elm),
    // Each define is evaluated once, after those that it refers to, and then known to the context.
    begin: (record) => {
      const context = person(record);
      return {
        know: (name, value) => context.set(name, value ?? null),
        values: async (some) => {
          const found = [];
          for (const name of some) found.push(await library.expressions[name].execute(context));
          return found;
        },
      };
    },
    async all(parameters, alone) {
      const one = this.begin(Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, given(k, v)])));
      const values = {}, refused = {};
      for (const name of names) {
        try {
          const [value] = await one.values([name]);
          one.know(name, value);
          // A year alone is a date, and no number.
          values[name] = alone && (value?.isDate || value?.isDateTime) ? `@${told(value)}` : told(value);
        } catch (error) {
          if (!alone) throw error;
          refused[name] = String(error?.message ?? error).slice(0, 300);
        }
      }
      return { values, refused };
    },
  };
}

// What each define of a library refers to by name; a function refers to its operands alone.
function referring(elm) {
  const found = {};
  const walk = (node, names) => {
    if (node === null || typeof node !== "object") return names;
    if (node.type === "ExpressionRef" || node.type === "ParameterRef") names.add(node.name);
    for (const part of Object.values(node)) walk(part, names);
    return names;
  };
  for (const define of elm.library.statements.def) {
    const names = walk(define.expression, new Set());
    if (define.type !== "FunctionDef") found[define.name] = [...names];
    else if (names.size) throw new Error(`the function ${define.name} refers to ${[...names]}`);
  }
  return found;
}

const KEPT = 4000;

// People of one library by the numbers of their values; see the top.
function many(library, { parameters, names }) {
  const pools = Object.entries(parameters).map(([name, values]) => [name, values.map((each) => library.given(name, each))]);
  const order = library.names;
  const places = new Map([...pools.map(([name]) => name), ...order].map((name, place) => [name, place]));
  const below = order.map((name) => library.refers[name].map((each) => places.get(each)).filter((each) => each !== undefined));
  // What refers to parameters alone is in the first layer, what refers to it in the next.
  const layers = [], heights = order.map(() => -1);
  const height = (n) => {
    if (heights[n] < 0) {
      heights[n] = 1 + Math.max(-1, ...below[n].filter((place) => place >= pools.length).map((place) => height(place - pools.length)));
      (layers[heights[n]] ??= []).push(n);
    }
    return heights[n];
  };
  order.forEach((_, n) => height(n));
  const kept = order.map(() => new Map()), different = order.map(() => new Map());
  const asked = names.map((name) => order.indexOf(name));
  const current = new Int32Array(places.size);
  const counted = { people: 0, evaluated: 0, kept: 0, layers: layers.length };
  const one = async ({ chosen, afresh }) => {
    const context = library.begin(Object.fromEntries(pools.map(([name, values], n) => [name, values[chosen[n]]])));
    const fresh = [];
    const know = (n, found) => {
      current[pools.length + n] = found.number;
      context.know(order[n], found.value);
    };
    current.set(chosen);
    counted.people++;
    for (const layer of layers) {
      const keys = layer.map((n) => below[n].map((place) => current[place]).join());
      const open = [];
      layer.forEach((n, at) => {
        const found = afresh ? undefined : kept[n].get(keys[at]);
        if (found === undefined) open.push(at);
        else know(n, found);
      });
      counted.kept += layer.length - open.length;
      counted.evaluated += open.length;
      const values = open.length ? await context.values(open.map((at) => order[layer[at]])) : [];
      open.forEach((at, which) => {
        const n = layer[at], value = values[which], said = library.told(value), text = JSON.stringify(said);
        let found = different[n].get(text);
        if (found === undefined) {
          found = { number: different[n].size, value };
          different[n].set(text, found);
          const place = asked.indexOf(n);
          if (place >= 0) fresh.push([place, said]);
        }
        const before = kept[n].get(keys[at]);
        if (before !== undefined && before !== found) throw new Error(`${order[n]} is not what was kept`);
        if (kept[n].size < KEPT) kept[n].set(keys[at], found);
        know(n, found);
      });
    }
    return { said: asked.map((n) => current[pools.length + n]), fresh };
  };
  return { one, counted };
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
  const evaluated = (options, parameters, some) => {
    const one = new E.CqlEngine(environment, K.KtMutableSet.fromJsSet(new Set(options)));
    const builder = new E.EvaluationParams.Builder();
    builder.parameters = K.KtMap.fromJsMap(parameters);
    const asked = new E.EvaluationParams.LibraryParams.Builder();
    if (some) asked.expressionsByName(some);
    builder.libraryByName(name, asked.build());
    return one.evaluate(builder.build()).onlyResultOrThrow.expressionResults.asJsReadonlyMapView();
  };
  const refers = referring(translated(file));
  return {
    given, told, names: Object.keys(refers).map(plain), refers: Object.fromEntries(Object.entries(refers).map(([k, v]) => [plain(k), v])),
    // Here every define refers to others as to parameters, so that what is known of them is handed in.
    begin: (record) => {
      const known = new Map(Object.entries(record));
      return {
        know: (name, value) => known.set(name, value),
        values: async (some) => {
          const wanted = new Map();
          for (const name of some) for (const below of refers[`${name}${APART}`]) wanted.set(below, known.get(below) ?? null);
          const found = evaluated([], wanted, some.map((name) => `${name}${APART}`));
          return some.map((name) => found.get(`${name}${APART}`).value);
        },
      };
    },
    // ENGINE: with caching an engine keeps the answers of the one before; every person has one of their own.
    async all(parameters, alone) {
      const handed = new Map(Object.entries(parameters).map(([k, v]) => [k, given(k, v)]));
      const values = {}, refused = {};
      for (const some of alone ? Object.keys(refers).map((name) => [name]) : [undefined]) {
        try {
          const found = evaluated([E.CqlEngine.Options.EnableExpressionCaching], handed, some);
          for (const [name, result] of found.entries()) values[name] = told(result.value);
        } catch (error) {
          if (!alone) throw error;
          refused[some[0]] = String(error?.message ?? error).slice(0, 300);
        }
      }
      return { values, refused };
    },
  };
}

const APART = " of These";
const plain = (name) => (name.endsWith(APART) ? name.slice(0, -APART.length) : name);

const notes = (file) => (translated(file).library.annotation ?? [])
  .filter((each) => each.message)
  .map((each) => `${each.startLine}:${each.startChar}: ${each.errorSeverity}: ${each.message}`);

let known = null, evaluate = null, people = null;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const asked = JSON.parse(line);
  const { id, library, parameters } = asked;
  try {
    if (engine === "translate") {
      say(JSON.stringify({ id, notes: notes(library) }));
      continue;
    }
    if (library !== undefined && library !== known) {
      evaluate = await (engine === "cql-execution" ? execution(library) : framework(library));
      known = library;
    }
    if (id === undefined) people = many(evaluate, asked);
    else if (asked.chosen) say(JSON.stringify({ id, ...(await people.one(asked)) }));
    else say(JSON.stringify({ id, ...(await evaluate.all(parameters, asked.alone)) }));
  } catch (error) {
    say(JSON.stringify({ id, error: String(error?.message ?? error).slice(0, 300) }));
  }
}
if (people) process.stderr.write(`${JSON.stringify(people.counted)}\n`);
