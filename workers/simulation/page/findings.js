/* The list of findings. Choosing one moves the plots to its sample and the listing to its instruction. */
const SEVERITIES = ["critical", "high", "medium", "low"];
const KINDS = { "tvla-1": "mean power", "tvla-2": "variance of power", bivariate: "pair of samples", cpa: "key correlation", "control-flow": "control flow", "secret-address": "secret address", cycles: "duration", fault: "fault", budget: "cycle budget" };
const AT_ONCE = 40;
const CLOSE_VIEW = 220;

class Findings {
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.list = byId("findings-items");
    this.more = byId("findings-more");
    this.hidden = new Set();
    this.items = new Map();
    this.limit = AT_ONCE;
    this.chips();
    this.more.addEventListener("click", () => {
      this.limit += AT_ONCE;
      this.render();
    });
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.choose(Number(button.dataset.index));
    });
    this.rest();
    this.render();
    onChange((part) => "pinned" in part && part.pinned !== this.sample && this.mark(null));
  }

  chips() {
    const box = byId("severities");
    for (const severity of SEVERITIES) {
      const found = DATA.findings.filter((finding) => finding.severity === severity).length;
      if (!found) continue;
      const mark = make("span", { class: severity }, icon(severity));
      const chip = make("button", { type: "button", class: "chip", "aria-pressed": "true" }, mark, `${severity} ${whole(found)}`);
      chip.addEventListener("click", () => {
        if (!this.hidden.delete(severity)) this.hidden.add(severity);
        press(chip, !this.hidden.has(severity));
        this.limit = AT_ONCE;
        this.render();
      });
      box.append(chip);
    }
  }

  rest() {
    const left = DATA.findings_total - DATA.findings.length;
    if (!left) return;
    const note = byId("findings-rest");
    note.hidden = false;
    note.textContent = `${whole(left)} more, none of them worse than the last one here, are in report.json.`;
  }

  render() {
    const shown = DATA.findings.map((finding, index) => [finding, index]).filter(([finding]) => !this.hidden.has(finding.severity));
    this.items.clear();
    this.list.replaceChildren(...shown.slice(0, this.limit).map(([finding, index]) => this.item(finding, index)));
    const left = shown.length - this.limit;
    this.more.hidden = left <= 0;
    this.more.textContent = `Show ${Math.min(AT_ONCE, left)} more of ${whole(left)}`;
    this.mark(this.chosen ?? null);
  }

  item(finding, index) {
    const place = placeOf(finding);
    const button = make(
      "button", { type: "button", class: "finding", "data-index": index },
      make("span", { class: "finding-head" }, make("span", { class: finding.severity }, icon(finding.severity)), make("span", { class: finding.severity }, finding.severity), make("span", { class: "kind" }, KINDS[finding.kind] ?? finding.kind)),
      make("span", { class: "finding-title" }, finding.title),
      make("span", { class: "finding-facts" }, ...this.facts(finding)),
      ...finding.parting.map((text) => make("span", { class: "finding-parting mono", title: "the reference | the first execution that went otherwise" }, text)),
      make("span", { class: "finding-place mono" }, [addressText(place.address), place.text, place.line].filter(Boolean).join("  ")),
    );
    this.items.set(index, button);
    return make("li", {}, button);
  }

  facts(finding) {
    const name = { t: "t", rho: "ρ", executions: "of executions" }[finding.statistic];
    const value = finding.value === null ? "∞" : finding.statistic === "executions" ? `${fixed(100 * finding.value, 1)} %` : fixed(finding.value, finding.statistic === "rho" ? 3 : 1);
    const strong = finding.statistic === "executions" ? make("b", {}, value) : make("b", {}, `${name} ${value}`);
    return [
      make("span", {}, strong, finding.statistic === "executions" ? ` ${name}` : ""),
      finding.p === null ? (finding.statistic === "t" && finding.value !== null ? make("span", {}, `p < ${powerOfTen(-300)}`) : null) : make("span", {}, `p ≈ ${powerOfTen(Math.round(finding.p))}`),
      finding.secret ? make("span", {}, finding.secret) : null,
      finding.samples ? make("span", {}, `${whole(finding.samples)} ${finding.samples === 1 ? "sample" : "samples"}`) : null,
      finding.needed ? make("span", {}, `${finding.statistic === "rho" ? "recovered after" : "seen from about"} ${whole(finding.needed)} traces`) : null,
      finding.sufficient ? null : make("span", { class: "medium" }, "too few traces to rely on"),
    ].filter(Boolean);
  }

  choose(index) {
    const finding = DATA.findings[index];
    const row = finding.row;
    this.sample = finding.sample === null || !COUNT ? null : indexOf(finding.sample);
    if (this.sample !== null) {
      pin(this.sample, { width: Math.min(CLOSE_VIEW, COUNT), rows: new Set(row === undefined ? [] : [row]) });
    } else {
      change({ pinned: null, shaded: row === undefined ? null : new Set([row]) });
      if (COUNT) setView(0, COUNT);
    }
    this.mark(index);
    this.onChoose(row);
  }

  mark(index) {
    this.chosen = index;
    for (const [other, button] of this.items) {
      if (other === index) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}

function placeOf(finding) {
  if (finding.row !== undefined) return { address: ROWS.address[finding.row], text: textOf(finding.row), line: shortLine(finding.row) };
  const { address, text, file, line } = finding.place;
  return { address, text: NAMES.text[text], line: lineText(SHORT.get(NAMES.file[file]), line) };
}
