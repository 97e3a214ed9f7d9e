/** How kinds of things are drawn: a shape each, and one of three colours. */

import { words as thingWords } from "../things/words";

type Family = "code" | "measured" | "read";

interface Kind {
  /** As Cytoscape names it. */
  readonly shape: string;
  readonly family: Family;
  /** The same shape in a square of 16, for the legend. */
  readonly path: string;
}

const BOX = "M2 5q0-2 2-2h8q2 0 2 2v6q0 2-2 2H4q-2 0-2-2z";
const ROUND = "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z";
const OTHER: Kind = { shape: "ellipse", family: "read", path: ROUND };

export const KINDS: Readonly<Record<string, Kind>> = {
  Firmware: { shape: "hexagon", family: "code", path: "M4.5 2h7L15 8l-3.5 6h-7L1 8z" },
  Function: { shape: "round-rectangle", family: "code", path: BOX },
  Instruction: { shape: "ellipse", family: "code", path: ROUND },
  SecurityVulnerability: { shape: "diamond", family: "measured", path: "M8 1l7 7-7 7-7-7z" },
  Mitigation: { shape: "heptagon", family: "read", path: "M8 1.5l5.5 2.6 1.2 5.7L11 14.5H5L1.3 9.8l1.2-5.7z" },
  Campaign: { shape: "pentagon", family: "measured", path: "M8 1.5l6.5 4.8-2.5 8H4l-2.5-8z" },
  Measurement: { shape: "barrel", family: "measured", path: "M2 3q6-2 12 0v10q-6 2-12 0z" },
  EnergyPattern: { shape: "rhomboid", family: "measured", path: "M1 4h10l4 8H5z" },
  Document: { shape: "round-tag", family: "read", path: "M2 4h7.5L14.5 8 9.5 12H2z" },
  Chunk: { shape: "tag", family: "read", path: "M2 4h7.5L14.5 8 9.5 12H2z" },
  Entity: { shape: "octagon", family: "read", path: "M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5z" },
  Rem: { shape: "cut-rectangle", family: "read", path: "M4.5 3h7L14 5.5v5L11.5 13h-7L2 10.5v-5z" },
};

export function kindOf(label: string): Kind {
  return (Object.hasOwn(KINDS, label) ? KINDS[label] : undefined) ?? OTHER;
}

/** The shapes of the kinds that are shown. */
export function KindLegend({ labels }: { labels: readonly string[] }) {
  return (
    <>
      {labels.map((label) => {
        const { family, path } = kindOf(label);
        return (
          <li key={label}>
            <svg class={`kind-mark ${family}`} viewBox="0 0 16 16" aria-hidden="true">
              <path d={path} />
            </svg>
            {thingWords().label(label)}
          </li>
        );
      })}
    </>
  );
}
