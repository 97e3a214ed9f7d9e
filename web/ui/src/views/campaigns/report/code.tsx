/** The disassembly that ran, as a heat map: what leaks is coloured, what is chosen is shaded in the waveform. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { isAbort } from "../../../api/problem";
import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { number } from "../../../i18n/format";
import { listing } from "../calls";
import type { Report } from "../types";
import { addressText, fileName, instructionText, lineText, spotText } from "../wave/code-map";
import { type Frame, hueOf } from "../wave/curves";
import { palette, segment } from "../wave/palette";
import type { Heat, Wave } from "../wave/state";
import { words } from "../words";
import { type Item, type Line, type Order, type Stat, heatOf, itemsOf, severities, statsOfListing, statsWithin } from "./code-rows";
import { SeverityMark } from "./verdict";

const HEIGHT = 28;
const SPARE = 10;
const ORDERS: readonly Order[] = ["place", "t1", "rho", "count"];

export function CodeCard({ report, wave, base }: { report: Report; wave: Wave; base: Frame }) {
  const said = words();
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState<Order>("place");
  const [bySource, setBySource] = useState(false);
  const [sources, setSources] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const marks = useMemo(() => severities(report), [report]);
  const { stats, left } = useStats(report, wave, base);
  const items = useMemo(() => itemsOf(report, marks, { search, order, bySource, stats }), [report, marks, search, order, bySource, stats]);
  const lines = items.reduce((count, item) => count + Number(item.kind === "line"), 0);
  const hasRho = report.cpa !== null;
  const note = stats === null ? said.codeNote(number(lines)) : said.codeOfChosen(number(lines));
  const heat = wave.heat.value;
  return (
    <Card
      title={said.code}
      note={note}
      flush
      actions={
        <div class="segments" role="group" aria-label={said.colourBy}>
          {(["t1", "rho"] as const).map((name) => (
            <Button key={name} small aria-pressed={heat === name} disabled={name === "rho" ? !hasRho : report.tvla === null} onClick={() => (wave.heat.value = name)}>
              {name === "t1" ? "|t|" : "|ρ|"}
            </Button>
          ))}
        </div>
      }
    >
      <div class="code-tools">
        <input
          class="input code-search"
          type="search"
          value={search}
          placeholder={said.searchCode}
          aria-label={said.searchCode}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <select class="input code-order" aria-label={said.order} value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>
          {ORDERS.filter((name) => name !== "rho" || hasRho).map((name) => (
            <option key={name} value={name}>
              {said.orderBy(name)}
            </option>
          ))}
        </select>
        <div class="segments" role="group" aria-label={said.rowsAre}>
          <Button small aria-pressed={!bySource} onClick={() => setBySource(false)}>
            {said.instructions}
          </Button>
          <Button small aria-pressed={bySource} disabled={!report.firmware?.has_lines} onClick={() => setBySource(true)}>
            {said.sourceLines}
          </Button>
        </div>
        {bySource && <Sources sources={sources} onChange={setSources} />}
      </div>
      {left > 0 && <p class="campaign-quiet small dim">{said.listingCut(number(left))}</p>}
      <CodeList items={items} wave={wave} heat={heat} limit={heat === "t1" ? 4.5 : (report.cpa?.noise_floor ?? 0)} hasRho={hasRho} bySource={bySource} sources={sources} unnamed={report.firmware === null ? said.codeUnknown : said.noSymbol} />
    </Card>
  );
}

/** What the chosen samples show by instruction: exact, from the report where it has every sample, else from the farm. */
function useStats(report: Report, wave: Wave, base: Frame): { stats: ReadonlyMap<number, Stat> | null; left: number } {
  const selection = wave.selection.value;
  const near = useMemo(() => (selection !== null && base.stride === 1 ? statsWithin(base, selection) : null), [selection, base]);
  const [far, setFar] = useState<{ stats: ReadonlyMap<number, Stat>; left: number } | null>(null);
  const asks = selection !== null && base.stride > 1;
  useEffect(() => {
    setFar(null);
    if (!asks || selection === null) return undefined;
    const giveUp = new AbortController();
    const timer = setTimeout(() => {
      listing(report.campaign, selection.from, selection.to, giveUp.signal)
        .then((found) => setFar({ stats: statsOfListing(found.instructions, report.tvla !== null), left: found.total - found.instructions.length }))
        .catch((error: unknown) => {
          if (!isAbort(error)) setFar(null);
        });
    }, 150);
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [asks, selection, report]);
  return asks ? { stats: far?.stats ?? null, left: far?.left ?? 0 } : { stats: near, left: 0 };
}

interface CodeListProps {
  readonly items: readonly Item[];
  readonly wave: Wave;
  readonly heat: Heat;
  readonly limit: number;
  readonly hasRho: boolean;
  readonly bySource: boolean;
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** What code without a symbol is called. */
  readonly unnamed: string;
}

function CodeList({ items, wave, heat, limit, hasRho, bySource, sources, unnamed }: CodeListProps) {
  const said = words();
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 560 });
  const pinned = wave.pinned.value;
  const chosen = pinned === null ? -1 : items.findIndex((item) => item.kind === "line" && item.line.addresses.some((address) => pinned.addresses.includes(address)));
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (element === null || chosen < 0) return;
    const top = chosen * HEIGHT;
    if (top < element.scrollTop + HEIGHT || top > element.scrollTop + element.clientHeight - 2 * HEIGHT) {
      element.scrollTop = Math.max(0, top - element.clientHeight / 2);
    }
  }, [chosen, items]);
  const choose = (line: Line) => {
    const place = line.row.place;
    const name = line.addresses.length > 1 ? lineText(place) : spotText(place);
    wave.pin(sameAs(pinned?.addresses, line.addresses) ? null : { addresses: line.addresses, name, sample: null });
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const direction = Math.sign(step);
    let at = Math.min(items.length - 1, Math.max(0, (chosen < 0 ? -1 : chosen) + step));
    while (items[at] !== undefined && items[at]?.kind !== "line") at += direction;
    const item = items[at];
    if (item?.kind === "line" && at !== chosen) {
      const place = item.line.row.place;
      wave.pin({ addresses: item.line.addresses, name: item.line.addresses.length > 1 ? lineText(place) : spotText(place), sample: null });
    }
  };
  const first = Math.max(0, Math.floor(view.top / HEIGHT) - SPARE);
  const end = Math.min(items.length, Math.ceil((view.top + view.height) / HEIGHT) + SPARE);
  const colors = palette();
  return (
    <div
      class={`code-list ${bySource ? "by-source" : ""}`}
      ref={scroller}
      tabIndex={0}
      role={items.length === 0 ? "group" : "listbox"}
      aria-label={said.code}
      aria-activedescendant={chosen >= first && chosen < end ? `code-${chosen}` : undefined}
      onKeyDown={pressed}
    >
      <div class="code-head" role="presentation" aria-hidden="true">
        <span>{said.instruction}</span>
        <span class="code-place">{said.source}</span>
        <span class="num code-count">{said.count}</span>
        <span class="num">|t|</span>
        {hasRho && <span class="num">|ρ|</span>}
        <span />
      </div>
      {items.length === 0 && <p class="campaign-quiet dim">{said.noCode}</p>}
      <div role="presentation" class="code-body" style={{ height: `${items.length * HEIGHT}px` }}>
        <div role="presentation" style={{ transform: `translateY(${first * HEIGHT}px)` }}>
          {items.slice(first, end).map((item, offset) => {
            const at = first + offset;
            if (item.kind === "function") {
              return (
                <div class="code-function" role="presentation" key={item.key}>
                  <i style={{ background: item.name === null ? colors.line : segment(hueOf(item.name), colors) }} />
                  <b>{item.name ?? unnamed}</b>
                  <span class="dim">{number(item.count)}</span>
                </div>
              );
            }
            const { line } = item;
            return (
              <CodeRow
                key={line.key}
                id={`code-${at}`}
                line={line}
                chosen={at === chosen}
                strength={heatOf(line, heat, limit)}
                hasRho={hasRho}
                text={bySource ? textOf(line, sources) : null}
                bySource={bySource}
                onPress={() => choose(line)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface CodeRowProps {
  readonly id: string;
  readonly line: Line;
  readonly chosen: boolean;
  readonly strength: number;
  readonly hasRho: boolean;
  readonly text: string | null;
  readonly bySource: boolean;
  readonly onPress: () => void;
}

function CodeRow({ id, line, chosen, strength, hasRho, text, bySource, onPress }: CodeRowProps) {
  const said = words();
  const { place, public: reason, rho_byte: byte } = line.row;
  const heat = strength === 0 ? "transparent" : `color-mix(in srgb, var(--hot) ${Math.round(6 + 40 * strength)}%, transparent)`;
  const shown = bySource ? (text ?? said.instructionsOf(number(line.addresses.length))) : instructionText(place);
  return (
    <div
      class={`code-row ${reason !== null ? "open" : ""}`}
      id={id}
      role="option"
      aria-selected={chosen}
      title={reason === null ? undefined : said.public(reason)}
      style={{ background: heat, height: `${HEIGHT}px` }}
      onClick={onPress}
    >
      <span class="code-text mono">
        {!bySource && place.mnemonic !== "samples" && <span class="code-address">{addressText(place.address).slice(2)}</span>}
        <span class={bySource && text === null ? "dim" : ""}>{shown}</span>
      </span>
      <span class="code-place">{lineText(place)}</span>
      <span class="num code-count">{number(line.stat.samples)}</span>
      <span class="num">{valueText(line.stat.t1, 1)}</span>
      {hasRho && <span class="num" title={byte === null ? undefined : said.keyByte(String(byte))}>{valueText(line.stat.rho, 3)}</span>}
      <span class="code-mark">{line.severity && <SeverityMark severity={line.severity} />}</span>
    </div>
  );
}

/** Source texts of this computer: read by the page, sent nowhere. */
function Sources({ sources, onChange }: { sources: ReadonlyMap<string, readonly string[]>; onChange: (sources: ReadonlyMap<string, readonly string[]>) => void }) {
  const said = words();
  const input = useRef<HTMLInputElement>(null);
  const read = async (files: FileList | null) => {
    const found = new Map(sources);
    for (const file of files ?? []) {
      if (file.size < 4 * 2 ** 20) found.set(file.name, (await file.text()).split(/\r\n|\n|\r/));
    }
    onChange(found);
  };
  return (
    <>
      <input type="file" multiple hidden ref={input} aria-label={said.addSources} onChange={(event) => void read(event.currentTarget.files)} />
      <Button small icon="plus" title={said.sourcesHint} onClick={() => input.current?.click()}>
        {sources.size === 0 ? said.addSources : said.sourcesThere(String(sources.size))}
      </Button>
    </>
  );
}

function textOf(line: Line, sources: ReadonlyMap<string, readonly string[]>): string | null {
  const { file, line: at } = line.row.place;
  if (file === null || at === null) return null;
  return sources.get(fileName(file))?.[at - 1]?.trim() ?? null;
}

function valueText(value: number | null, digits: number): string {
  if (value === null) return "–";
  return Number.isFinite(value) ? number(value, digits) : "∞";
}

function sameAs(one: readonly number[] | undefined, other: readonly number[]): boolean {
  return one !== undefined && one.length === other.length && one.every((address, at) => address === other[at]);
}
