/* The report's columns, and what follows from them once: limits, runs of code, what leaks. */
const DATA = JSON.parse(document.getElementById("data").textContent);
const { rows: ROWS, series: SERIES, names: NAMES } = DATA;
const COUNT = SERIES.row.length;

/* A null stands for an infinite value: a difference without any noise. */
const numbers = (values) => Float64Array.from(values, (value) => (value === null ? Infinity : value));
const limitOf = (values, least) => values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), least);

const LANES = [
  { id: "t1", name: "t, order 1", signed: true, limit: DATA.threshold, strict: DATA.corrected },
  { id: "t2", name: "t, order 2", signed: true, limit: DATA.threshold, strict: DATA.corrected },
  { id: "rho", name: "|ρ|", signed: false, limit: DATA.floor, strict: null },
  { id: "snr", name: "SNR", signed: false, limit: null, strict: null },
  { id: "mean", name: "Mean power", signed: null, limit: null, strict: null },
].filter((lane) => SERIES[lane.id].length > 0);
for (const lane of LANES) {
  lane.values = numbers(SERIES[lane.id]);
  lane.most = lane.signed === null ? lane.values.reduce((a, b) => Math.max(a, b)) : limitOf(lane.values, 1.3 * (lane.strict ?? lane.limit ?? 0) || 1e-9);
  lane.least = lane.values.reduce((a, b) => Math.min(a, b));
}
const laneOf = (id) => LANES.find((lane) => lane.id === id);

const rowAt = (index) => SERIES.row[index];
const isPublic = (row) => ROWS.public[row] >= 0;
/* Samples count from 0 at the start of the window; a point of the series stands for `stride` of them. */
const sampleOf = (index) => index * SERIES.stride;
const indexOf = (sample) => Math.min(COUNT - 1, Math.max(0, Math.floor(sample / SERIES.stride)));

/* What a row of the listing is. */
const rowsText = (count) => `${whole(count)} ${DATA.numbered ? (count === 1 ? "place" : "places") : count === 1 ? "instruction" : "instructions"}`;
const addressText = (address) => (DATA.numbered ? `sample ${address}` : "0x" + address.toString(16).padStart(8, "0"));
const textOf = (row) => NAMES.text[ROWS.text[row]];
const functionOf = (row) => NAMES.function[ROWS.function[row]] ?? "";
const lineOf = (row) => lineText(NAMES.file[ROWS.file[row]], ROWS.line[row]);
const lineText = (file, line) => (file === undefined ? "" : line === null ? file : `${file}:${line}`);
/* The last part of a path, where no other file ends like it. */
const lastPart = (file) => file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
const unique = (part) => NAMES.file.filter((file) => lastPart(file) === part).length === 1;
const SHORT = new Map(NAMES.file.map((file) => [file, unique(lastPart(file)) ? lastPart(file) : file]));
const shortLine = (row) => lineText(SHORT.get(NAMES.file[ROWS.file[row]]), ROWS.line[row]);
const sourceText = (file, line) => DATA.source[NAMES.file[file]]?.[line] ?? "";

const whole = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u2009");
const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "∞");
const powerOfTen = (exponent) => "10" + [...String(exponent)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");

/* Runs of samples for which `key` stays the same: [from, to, key] each. */
function runsOf(key) {
  const runs = [];
  for (let index = 0; index < COUNT; index += 1) {
    const value = key(rowAt(index));
    const last = runs[runs.length - 1];
    if (last && last[2] === value) last[1] = index + 1;
    else runs.push([index, index + 1, value]);
  }
  return runs;
}
const FUNCTION_RUNS = runsOf((row) => ROWS.function[row]);
const LINE_RUNS = runsOf((row) => `${ROWS.file[row]}:${ROWS.line[row]}`);
const PUBLIC_RUNS = runsOf(isPublic).filter((run) => run[2]);

/* Whether a sample counts as leaking at first sight: over the limit and not public. */
const watched = laneOf("t1") ?? laneOf("rho");
const leaks = (index) => watched?.limit != null && Math.abs(watched.values[index]) > watched.limit && !isPublic(rowAt(index));

/* The largest t of a row; infinite where both sets are constant and differ. */
const rowT = (row) => (ROWS.infinite[row] ? Infinity : ROWS.t1[row]);
const tHeat = (t) => (t === null || DATA.threshold === null ? 0 : Number.isFinite(t) ? Math.min(1, Math.asinh(t / DATA.threshold) / Math.asinh((laneOf("t1")?.most ?? t) / DATA.threshold)) : 1);

/* Where to look first: the worst finding that has a sample, else the worst sample. */
const firstFinding = DATA.findings.find((finding) => finding.sample !== null);
const FIRST = !COUNT ? null : firstFinding ? indexOf(firstFinding.sample) : LANES.length ? worstOf(LANES[0].values) : 0;
function worstOf(values) {
  let [worst, most] = [0, -1];
  for (let index = 0; index < COUNT; index += 1) {
    if (isPublic(rowAt(index)) || Math.abs(values[index]) <= most) continue;
    [worst, most] = [index, Math.abs(values[index])];
  }
  return worst;
}

/* What is shown; every part of the page listens and redraws what is its own. */
const state = {
  from: 0,
  to: COUNT,
  cursor: FIRST,
  pinned: null,
  shaded: null,
  selection: null,
  rubber: null,
  lanes: new Set(["t1", "rho"].filter(laneOf)),
  mode: "zoom",
  compress: watched?.signed === true && watched.most > 8 * watched.limit,
};
if (!state.lanes.size && LANES.length) state.lanes.add(LANES[0].id);
const listeners = [];
const onChange = (listener) => listeners.push(listener);
function change(part) {
  Object.assign(state, part);
  for (const listener of listeners) listener(part);
}

const NARROWEST = 8;
function setView(from, to) {
  const width = Math.min(COUNT, Math.max(Math.min(NARROWEST, COUNT), to - from));
  const start = Math.min(COUNT - width, Math.max(0, from));
  change({ from: start, to: start + width });
}
function zoomAt(at, factor) {
  setView(at - (at - state.from) * factor, at + (state.to - at) * factor);
}
const panBy = (samples) => setView(state.from + samples, state.to + samples);

/* Pin a sample: the plots go there, its instruction is shaded wherever it ran. */
function pin(index, { width = state.to - state.from, rows = new Set([rowAt(index)]) } = {}) {
  const middle = index + 0.5;
  if (width !== state.to - state.from || middle < state.from || middle > state.to) setView(middle - width / 2, middle + width / 2);
  change({ pinned: index, cursor: index, shaded: rows });
}
const unpin = () => change({ pinned: null, shaded: null });
