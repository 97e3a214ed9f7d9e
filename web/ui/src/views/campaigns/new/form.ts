/** The form of a new campaign: what it holds, what is guessed from a firmware, and the request that it makes. */

import type { FieldError } from "../../../api/problem";
import { Problem } from "../../../api/problem";
import type { Json, JsonObject } from "../../../api/types";
import type { Offer, OfferedObject } from "../types";

export const ROLES = ["key", "plaintext", "nonce", "mask", "other"] as const;
export type InputRole = (typeof ROLES)[number];
export const PLANS = ["fixed_vs_random", "random", "fixed"] as const;
export const MODELS = ["hw", "hd", "hw+hd", "elmo-like-linear", "identity"] as const;
export const VARIES = ["", "constant", "random", "plan"] as const;

export interface InputForm {
  /** Keeps rows apart while they are edited. */
  readonly id: number;
  readonly name: string;
  readonly role: InputRole;
  readonly length: string;
  readonly symbol: string;
  readonly value: string;
  readonly varies: string;
}

export interface PublicForm {
  readonly id: number;
  readonly symbol: string;
  readonly reason: string;
}

export interface Form {
  readonly firmware: string;
  readonly name: string;
  readonly core: string;
  readonly entry: string;
  readonly inputs: readonly InputForm[];
  /** r0 to r3: `input:<name>`, `output`, or a number. */
  readonly arguments: readonly string[];
  readonly outputSymbol: string;
  readonly outputLength: string;
  readonly setup: string;
  readonly maxCycles: string;
  readonly triggerStart: string;
  readonly triggerStop: string;
  readonly publics: readonly PublicForm[];
  readonly memory: readonly Json[];
  readonly plan: string;
  readonly traces: string;
  readonly seed: string;
  readonly model: string;
  readonly sampling: string;
  readonly noise: string;
  readonly cpa: boolean;
  readonly cpaIntermediate: string;
  /** Of a masked S-box, and of two variables joined by a comma. */
  readonly cpaMask: string;
  readonly cpaVariables: string;
  readonly cpaAuto: boolean;
  /** What only a repeated campaign brings along. */
  readonly cpaMore: JsonObject;
  readonly cpaPlaintext: string;
  readonly cpaKey: string;
  readonly cpaFrom: string;
  readonly cpaTo: string;
  readonly assessOrder: string;
  readonly minimumEffect: string;
  readonly keepTraces: boolean;
  readonly tags: string;
  readonly priority: string;
  readonly deadline: string;
}

export const EMPTY: Form = {
  firmware: "",
  name: "",
  core: "cortex-m4",
  entry: "",
  inputs: [],
  arguments: [],
  outputSymbol: "",
  outputLength: "",
  setup: "",
  maxCycles: "2000000",
  triggerStart: "",
  triggerStop: "",
  publics: [],
  memory: [],
  plan: "fixed_vs_random",
  traces: "5000",
  seed: "1",
  model: "hw",
  sampling: "instruction",
  noise: "1.0",
  cpa: false,
  cpaIntermediate: "aes128-sbox-output",
  cpaMask: "",
  cpaVariables: "",
  cpaAuto: false,
  cpaMore: {},
  cpaPlaintext: "plaintext",
  cpaKey: "key",
  cpaFrom: "",
  cpaTo: "",
  assessOrder: "2",
  minimumEffect: "0.2",
  keepTraces: false,
  tags: "",
  priority: "5",
  deadline: "",
};

let rows = 0;

export function row(): number {
  rows += 1;
  return rows;
}

export function emptyInput(name = "", role: InputRole = "other"): InputForm {
  return { id: row(), name, role, length: "16", symbol: "", value: "", varies: "" };
}

/** Fill in what a firmware's names suggest; the form's general choices stay. */
export function guessed(form: Form, offer: Offer, fileName: string): Form {
  const entry = entryOf(offer);
  const inputs = inputsOf(offer);
  const output = pick(offer.objects, [/ciphertext/i, /cipher/i, /(^|_)(ct|out|output)$/i, /result/i, /output/i], inputs.map((input) => input.symbol));
  const both = ["key", "plaintext"].every((name) => inputs.some((input) => input.name === name && input.length === "16"));
  return {
    ...form,
    firmware: offer.firmware,
    name: form.name || fileName.replace(/\.(elf|axf|out)$/i, ""),
    core: offer.core,
    entry,
    inputs: inputs.length > 0 ? inputs : [emptyInput("plaintext", "plaintext")],
    arguments: [],
    outputSymbol: output?.name ?? "",
    outputLength: output ? String(Math.min(output.size, 4096)) : "",
    memory: offer.memory,
    setup: "",
    triggerStart: "",
    triggerStop: "",
    publics: [],
    cpa: both && /aes/i.test(`${entry} ${fileName}`),
  };
}

const ENTRIES = [/aes.*encrypt/i, /encrypt.*aes/i, /(^|_)encrypt$/i, /encrypt/i, /aes/i, /(compare|verify|check)/i, /(sign|hmac|digest)/i];

function entryOf(offer: Offer): string {
  for (const pattern of ENTRIES) {
    const found = offer.functions.filter(({ name }) => pattern.test(name) && !/^(main|reset|_)/i.test(name)).sort((a, b) => a.name.length - b.name.length)[0];
    if (found) return found.name;
  }
  return "";
}

const INPUTS: readonly { name: string; role: InputRole; patterns: readonly RegExp[] }[] = [
  { name: "key", role: "key", patterns: [/(^|_)key$/i, /^(aes_?)?key/i, /secret/i] },
  { name: "plaintext", role: "plaintext", patterns: [/plaintext/i, /(^|_)(pt|plain)$/i, /(^|_)(in|input|block|message|msg|guess|candidate)$/i] },
  { name: "mask", role: "mask", patterns: [/(^|_)masks?$/i, /mask/i] },
  { name: "nonce", role: "nonce", patterns: [/(^|_)(nonce|iv)$/i, /(^|_)rand(om)?$/i] },
];

function inputsOf(offer: Offer): InputForm[] {
  const found: InputForm[] = [];
  const taken: string[] = [];
  for (const { name, role, patterns } of INPUTS) {
    const object = pick(offer.objects, patterns, taken);
    if (object === undefined) continue;
    taken.push(object.name);
    found.push({ ...emptyInput(name, role), symbol: object.name, length: String(object.size) });
  }
  return found;
}

function pick(objects: readonly OfferedObject[], patterns: readonly RegExp[], taken: readonly string[]): OfferedObject | undefined {
  for (const pattern of patterns) {
    const found = objects.find(({ name, writable, size }) => writable && size <= 4096 && pattern.test(name) && !taken.includes(name) && !/(round|expanded|schedule)/i.test(name));
    if (found) return found;
  }
  return undefined;
}

/** Return the body of POST /campaigns; what cannot be a number goes as it was written, and the API says what is wrong with it. */
export function bodyOf(form: Form): JsonObject {
  const trigger = form.triggerStart || form.triggerStop ? { start: form.triggerStart, stop: form.triggerStop } : null;
  const output = form.outputLength || form.outputSymbol ? { length: whole(form.outputLength), symbol: form.outputSymbol || null } : null;
  return {
    firmware: form.firmware,
    name: form.name,
    target: {
      core: form.core,
      entry: form.entry,
      inputs: form.inputs.map(({ name, role, length, symbol, value, varies }) => ({
        name,
        role,
        length: whole(length),
        symbol: symbol || null,
        value: value.replace(/[\s:]/g, "") || null,
        varies: varies || null,
      })),
      arguments: argumentsOf(form.arguments),
      output,
      setup: form.setup || null,
      max_cycles: whole(form.maxCycles),
      trigger,
      public: form.publics.map(({ symbol, reason }) => placeOf(symbol, reason)),
      memory: form.memory,
    },
    plan: form.plan,
    traces: whole(form.traces),
    seed: whole(form.seed),
    power: { model: form.model, sampling: form.sampling, noise_sigma: real(form.noise) },
    cpa: form.cpa ? attackOf(form) : null,
    assess_order: whole(form.assessOrder),
    minimum_effect: real(form.minimumEffect),
    keep_traces: form.keepTraces,
  };
}

const GENERIC: readonly string[] = ["xor", "add", "hd"];
export const MASKED = "aes128-masked-sbox-output";
export const INTERMEDIATES: readonly string[] = [
  ...["aes128", "aes192", "aes256"].map((cipher) => `${cipher}-sbox-output`),
  MASKED,
  ...["aes128", "aes192", "aes256"].flatMap((cipher) => [`${cipher}-last-round`, `${cipher}-last-round-hd`]),
  "chacha20-quarter-round",
  ...GENERIC,
];

export const isGeneric = (intermediate: string): boolean => GENERIC.includes(intermediate);

function attackOf(form: Form): JsonObject {
  const window: Json = form.cpaAuto ? "auto" : form.cpaFrom || form.cpaTo ? [whole(form.cpaFrom || "0"), whole(form.cpaTo)] : null;
  return {
    ...form.cpaMore,
    ...(form.cpaIntermediate === EMPTY.cpaIntermediate ? {} : { intermediate: form.cpaIntermediate }),
    ...(form.cpaIntermediate === MASKED ? { mask: form.cpaMask || null } : {}),
    ...(isGeneric(form.cpaIntermediate) ? { variables: form.cpaVariables.split(",").map((part) => part.trim()) } : {}),
    plaintext: form.cpaPlaintext,
    key: form.cpaKey || null,
    window,
  };
}

export function submissionOf(form: Form): JsonObject {
  const tags = form.tags.split(",").map((tag) => tag.trim()).filter(Boolean);
  return { ...bodyOf(form), tags, priority: whole(form.priority), deadline_s: form.deadline === "" ? null : real(form.deadline) };
}

const MORE: JsonObject = { nonce: "nonce", counter: "counter", word_bytes: 1 };

/** Fill the form from the parameters of another campaign. */
export function formOf(params: JsonObject): Form {
  const target = objectOf(params.target);
  const power = objectOf(params.power);
  const cpa = params.cpa === null || params.cpa === undefined ? null : objectOf(params.cpa);
  const output = objectOf(target.output);
  const trigger = objectOf(target.trigger);
  const window = listOf(cpa?.window);
  return {
    ...EMPTY,
    firmware: text(params.firmware),
    name: text(params.name),
    core: text(target.core),
    entry: text(target.entry),
    inputs: listOf(target.inputs)
      .map(objectOf)
      .map((item) => ({
        id: row(),
        name: text(item.name),
        role: (ROLES as readonly string[]).includes(text(item.role)) ? (text(item.role) as InputRole) : "other",
        length: text(item.length),
        symbol: text(item.symbol),
        value: text(item.value),
        varies: text(item.varies),
      })),
    arguments: listOf(target.arguments)
      .map(objectOf)
      .map((item) => ("input" in item ? `input:${text(item.input)}` : "output" in item ? "output" : text(item.value))),
    outputSymbol: text(output.symbol),
    outputLength: text(output.length),
    setup: text(target.setup),
    maxCycles: text(target.max_cycles) || EMPTY.maxCycles,
    triggerStart: text(trigger.start),
    triggerStop: text(trigger.stop),
    publics: listOf(target.public)
      .map(objectOf)
      .map((item) => ({ id: row(), symbol: text(item.symbol) || `${hex(item.start)}-${hex(item.end)}`, reason: text(item.reason) })),
    memory: listOf(target.memory),
    plan: text(params.plan) || EMPTY.plan,
    traces: text(params.traces) || EMPTY.traces,
    seed: text(params.seed) || EMPTY.seed,
    model: text(power.model) || EMPTY.model,
    sampling: text(power.sampling) || EMPTY.sampling,
    noise: text(power.noise_sigma) || EMPTY.noise,
    cpa: cpa !== null,
    cpaIntermediate: text(cpa?.intermediate) || EMPTY.cpaIntermediate,
    cpaMask: text(cpa?.mask),
    cpaVariables: listOf(cpa?.variables).map(text).join(", "),
    cpaAuto: cpa?.window === "auto",
    cpaMore: Object.fromEntries(Object.entries(cpa ?? {}).filter(([name, value]) => ["nonce", "counter", "word_bytes"].includes(name) && value !== MORE[name])),
    cpaPlaintext: text(cpa?.plaintext) || EMPTY.cpaPlaintext,
    cpaKey: cpa === null ? EMPTY.cpaKey : text(cpa.key),
    cpaFrom: text(window[0]),
    cpaTo: text(window[1]),
    assessOrder: text(params.assess_order) || EMPTY.assessOrder,
    minimumEffect: text(params.minimum_effect) || EMPTY.minimumEffect,
    keepTraces: params.keep_traces === true,
  };
}

/** Say whether there is enough to ask what it will take. */
export function isComplete(form: Form): boolean {
  return form.firmware !== "" && form.entry !== "" && form.inputs.length > 0 && form.inputs.every(({ name, length }) => name !== "" && length !== "") && Number(form.traces) >= 8;
}

export type Errors = ReadonlyMap<string, string>;

/** Return what is wrong by field of the body, whichever call found it. */
export function errorsOf(error: unknown, form: Form): Errors {
  if (!(error instanceof Problem)) return new Map();
  const own: FieldError[] = error.field === null ? [] : [{ field: error.field, message: error.message }];
  const found = new Map<string, string>();
  for (const { field, message } of [...error.errors, ...own]) {
    const place = placeOfField(field.replace(/^params(\.|$)/, ""), message, form);
    if (!found.has(place)) found.set(place, message);
  }
  return found;
}

/** Rules about several fields: where they are read. */
const RULES: readonly { of: string; says: RegExp; at: string }[] = [
  { of: "", says: /^cpa\b/, at: "cpa" },
  { of: "", says: /follows the plan/, at: "plan" },
  { of: "target", says: /\binputs?\b/, at: "target.inputs" },
];

/** The simulator names inputs by their names, the request's rules by their positions: here they are positions. */
function placeOfField(field: string, message: string, form: Form): string {
  const rule = RULES.find(({ of, says }) => of === field && says.test(message));
  if (rule) return rule.at;
  const named = /^target\.inputs\.([a-z][a-z0-9_]*)(\..*)?$/.exec(field);
  if (named === null) return field;
  const at = form.inputs.findIndex(({ name }) => name === named[1]);
  return at < 0 ? field : `target.inputs.${at}${named[2] ?? ""}`;
}

function argumentsOf(all: readonly string[]): Json[] {
  const used = all.slice(0, all.reduce((last, one, at) => (one === "" ? last : at + 1), 0));
  return used.map((one) => {
    if (one.startsWith("input:")) return { input: one.slice(6) };
    if (one === "output") return { output: true };
    return { value: whole(one || "0") };
  });
}

function placeOf(symbol: string, reason: string): Json {
  const range = /^(0x[0-9a-f]+)\s*[-–]\s*(0x[0-9a-f]+)$/i.exec(symbol.trim());
  return range ? { start: Number(range[1]), end: Number(range[2]), reason } : { symbol: symbol.trim(), reason };
}

function whole(value: string): Json {
  const clean = value.replace(/[\s_,]/g, "");
  const number = Number(clean);
  return clean !== "" && Number.isSafeInteger(number) ? number : value;
}

function real(value: string): Json {
  const number = Number(value.replace(",", "."));
  return value.trim() !== "" && Number.isFinite(number) ? number : value;
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function hex(value: Json | undefined): string {
  return typeof value === "number" ? `0x${value.toString(16)}` : "";
}
