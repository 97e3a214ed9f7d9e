/** The drawing: Cytoscape, loaded when it is first needed. */

import type { Core, ElementDefinition, StylesheetJson } from "cytoscape";
import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { color, paint } from "../../design/colors";
import { ErrorPanel } from "../../design/error-panel";
import { SHAPES } from "../things/severity";
import { titleOf } from "../things/titles";
import { SEVERITIES, type Severity } from "../things/types";
import { words as thingWords } from "../things/words";
import { kindOf } from "./kinds";
import { type Point, arrange } from "./layout";
import { type Shown, keyOf } from "./shown";
import { words } from "./words";

const PADDING = 36;
const LONGEST = 26;
/** Few things are not blown up to fill the place. */
const CLOSEST = 1.35;
/** Relations of a chosen thing that say what they are: the words of more would lie on each other. */
const NAMED = 14;
/** Of a weakness that it draws: the shape says how severe it is. */
const SEVERE: Readonly<Record<Severity, string>> = { critical: "diamond", high: "triangle", medium: "rectangle", low: "ellipse" };

interface CanvasProps {
  readonly shown: Shown;
  readonly worst: ReadonlyMap<string, Severity>;
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}

export function Canvas({ shown, worst, selected, onSelect }: CanvasProps) {
  const said = words();
  const place = useRef<HTMLDivElement>(null);
  const core = useRef<Core | null>(null);
  const placed = useRef<{ root: string; points: Map<string, Point> }>({ root: "", points: new Map() });
  const [ready, setReady] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  const painted = paint.value;

  useEffect(() => {
    let gone = false;
    allowStyle();
    import("cytoscape").then(
      ({ default: cytoscape }) => {
        if (gone || place.current === null) return;
        core.current = cytoscape({
          container: place.current,
          minZoom: 0.15,
          maxZoom: 3,
          boxSelectionEnabled: false,
        });
        core.current.on("tap", "node", (event) => select.current(event.target.id()));
        core.current.on("mouseover", "node", (event) => void event.target.addClass("hovered"));
        core.current.on("mouseout", "node", (event) => void event.target.removeClass("hovered"));
        setReady(true);
      },
      (reason: unknown) => setError(reason as Error),
    );
    return () => {
      gone = true;
      core.current?.destroy();
      core.current = null;
    };
  }, []);

  useEffect(() => {
    const graph = core.current;
    if (graph === null) return;
    const fresh = placed.current.root !== shown.root;
    const before = fresh ? new Map<string, Point>() : placed.current.points;
    // Where somebody has dragged a thing to, it stays.
    if (!fresh) graph.nodes().forEach((node) => void before.set(node.id(), { ...node.position() }));
    const edges = [...shown.relations.values()].map(({ source, target }) => [source, target] as const);
    const points = arrange([...shown.things.keys()], edges, before);
    placed.current = { root: shown.root, points };
    graph.batch(() => {
      graph.elements().remove();
      graph.add(elements(shown, points));
    });
    if (fresh || before.size !== points.size) fit(graph);
  }, [shown, ready]);

  useEffect(() => {
    const graph = core.current;
    graph?.batch(() => {
      for (const [id, severity] of worst) {
        const node = graph.getElementById(id);
        if (node.empty() || node.hasClass(severity)) continue;
        node.removeClass(SEVERITIES.join(" ")).addClass(severity);
        node.data("title", `${SHAPES[severity]} ${brief(node.data("plain"))}`);
        if (node.hasClass("weakness")) node.data("shape", SEVERE[severity]);
      }
    });
  }, [worst, shown, ready]);

  useEffect(() => {
    core.current?.style(looks());
  }, [ready, painted]);

  useEffect(() => {
    const graph = core.current;
    if (graph === null) return;
    graph.batch(() => {
      graph.elements().removeClass("chosen near named");
      const node = graph.getElementById(selected);
      node.addClass("chosen");
      const near = node.connectedEdges();
      near.addClass("near");
      if (near.length <= NAMED) near.addClass("named");
    });
  }, [selected, shown, ready]);

  const zoom = (factor: number) => {
    const graph = core.current;
    graph?.zoom({ level: graph.zoom() * factor, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } });
  };
  if (error) return <ErrorPanel error={error} onRetry={() => window.location.reload()} />;
  return (
    <div class="canvas">
      <div class="canvas-place" ref={place} role="img" aria-label={said.drawing(shown.things.size)} />
      <div class="canvas-tools">
        <Button icon="plus" small bare onClick={() => zoom(1.3)}>
          {said.closer}
        </Button>
        <Button icon="minus" small bare onClick={() => zoom(1 / 1.3)}>
          {said.farther}
        </Button>
        <Button small onClick={() => core.current && fit(core.current)}>
          {said.fit}
        </Button>
      </div>
    </div>
  );
}

function fit(graph: Core): void {
  graph.fit(undefined, PADDING);
  if (graph.zoom() <= CLOSEST) return;
  graph.zoom(CLOSEST);
  graph.center();
}

/** Cytoscape would write its one rule into the page, which the policy forbids: it believes to find it, and `graph.css` has it. */
function allowStyle(): void {
  const id = "__________cytoscape_stylesheet";
  if (document.getElementById(id) !== null) return;
  const found = document.createElement("meta");
  found.id = id;
  document.head.append(found);
}

function elements(shown: Shown, points: ReadonlyMap<string, Point>): ElementDefinition[] {
  const nodes = [...shown.things.values()].map((thing): ElementDefinition => {
    const { shape, family } = kindOf(thing.label);
    const plain = titleOf(thing);
    const classes = [
      family,
      thing.label === "Instruction" && "many",
      thing.label === "SecurityVulnerability" && "weakness",
      thing.id === shown.root && "root",
      shown.cut.has(thing.id) && "cut",
    ];
    return {
      group: "nodes",
      data: { id: thing.id, plain, title: brief(plain), shape },
      position: { ...(points.get(thing.id) ?? { x: 0, y: 0 }) },
      classes: classes.filter(Boolean).join(" "),
    };
  });
  const edges = [...shown.relations.values()].map(
    (relation): ElementDefinition => ({
      group: "edges",
      data: { id: keyOf(relation), source: relation.source, target: relation.target, title: thingWords().relation(relation.kind) },
    }),
  );
  return [...nodes, ...edges];
}

function looks(): StylesheetJson {
  const [ink, soft, line, card, accent] = ["--ink", "--soft", "--strong-line", "--card", "--accent"].map(color) as [string, string, string, string, string];
  const rules: { selector: string; style: Record<string, string | number> }[] = [
    {
      selector: "node",
      style: {
        shape: "data(shape)" as string,
        width: 22,
        height: 22,
        "background-color": color("--kind-read"),
        "border-width": 1.5,
        "border-color": card,
        label: "data(title)",
        "font-size": 10.5,
        "min-zoomed-font-size": 5,
        color: soft,
        "text-valign": "bottom",
        "text-margin-y": 4,
        "text-outline-color": card,
        "text-outline-width": 2.5,
        "text-wrap": "ellipsis",
        "text-max-width": "130px",
      },
    },
    // Instructions are many: their names come with the natural size (Cytoscape compares at whole powers of two).
    { selector: "node.many", style: { width: 18, height: 18, "min-zoomed-font-size": 11 } },
    { selector: "node.code", style: { "background-color": color("--kind-code") } },
    { selector: "node.measured", style: { "background-color": color("--kind-measured") } },
    { selector: "node.weakness", style: { width: 24, height: 24 } },
    { selector: "node.cut", style: { "border-style": "dashed", "border-color": soft } },
    { selector: "node.root", style: { width: 34, height: 34, "font-size": 12.5, "font-weight": "bold", color: ink } },
    {
      selector: "edge",
      style: {
        width: 1.2,
        "line-color": line,
        "curve-style": "haystack",
        "haystack-radius": 0,
        opacity: 0.85,
        "font-size": 9.5,
        color: soft,
        "text-outline-color": card,
        "text-outline-width": 2,
      },
    },
    { selector: "edge.near", style: { "line-color": accent, width: 1.8, "curve-style": "straight", "target-arrow-shape": "triangle", "target-arrow-color": accent, "arrow-scale": 0.8 } },
  ];
  rules.push({ selector: "edge.named", style: { label: "data(title)", "min-zoomed-font-size": 6 } });
  for (const severity of SEVERITIES) {
    const shade = color(`--severity-${severity}`);
    rules.push({ selector: `node.${severity}`, style: { "border-width": 3.5, "border-color": shade } });
    rules.push({ selector: `node.weakness.${severity}`, style: { "background-color": shade, "border-color": card, "border-width": 1.5 } });
  }
  rules.push({ selector: "node.chosen", style: { "underlay-color": accent, "underlay-opacity": 0.28, "underlay-padding": 9, "underlay-shape": "ellipse", color: ink, "z-index": 10 } });
  rules.push({ selector: "node.chosen, node.hovered", style: { "min-zoomed-font-size": 0, "text-max-width": "260px", "z-index": 20 } });
  return rules as unknown as StylesheetJson;
}

function brief(title: string): string {
  const line = title.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
