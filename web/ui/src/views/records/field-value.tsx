/** The value of a field, in the form in which it says most. */

import { number, percent } from "../../i18n/format";
import { figure } from "../things/figures";
import { words } from "./words";

const HEX = /^#[0-9a-f]{6}$/;
const SHARES = new Set([
  "noetic.directedness",
  "noetic.ego_involvement",
  "noetic.act_intensity",
  "sensorial.arousal",
  "sensorial.dominance",
  "qualia.image.brightness",
  "qualia.image.contrast",
  "qualia.image.saturation",
  "qualia.image.color_diversity",
  "qualia.image.texture_complexity",
  "qualia.audio.speech_fraction",
  "qualia.video.motion",
]);
const UNITS: Readonly<Record<string, string>> = {
  "qualia.image.width": "px",
  "qualia.image.height": "px",
  "qualia.video.width": "px",
  "qualia.video.height": "px",
  "qualia.audio.duration_s": "s",
  "qualia.video.duration_s": "s",
  "qualia.video.frame_rate": "1/s",
  "qualia.audio.f0_mean_hz": "Hz",
  "qualia.audio.spectral_centroid_hz": "Hz",
  "qualia.audio.loudness_db": "dB",
  "qualia.audio.tempo_bpm": "1/min",
  "qualia.text.entropy_bits": "bit",
};

export function FieldValue({ field, value }: { field: string; value: unknown }) {
  const said = words();
  if (typeof value === "number") {
    if (field === "sensorial.valence") return <Valence value={value} />;
    if (SHARES.has(field)) return <Share value={value} />;
    const unit = UNITS[field];
    return (
      <>
        {figure(value)}
        {unit && <span class="dim"> {unit}</span>}
      </>
    );
  }
  if (field === "sensorial.modality_distribution") return <Senses value={value} />;
  if (field === "qualia.image.dominant_colors" && Array.isArray(value)) return <Colours value={value} />;
  if (field === "qualia.image.attention") return <>{place(value)}</>;
  if (field === "qualia.video.keyframes" && Array.isArray(value)) return <Keyframes value={value} />;
  if (field === "qualia.video.scene_cuts" && Array.isArray(value)) {
    return <>{value.length === 0 ? "–" : value.map((at) => `${figure(Number(at))} s`).join(", ")}</>;
  }
  if (typeof value === "string") return <span dir="auto">{said.value(value)}</span>;
  return <span class="mono">{JSON.stringify(value)}</span>;
}

export function Share({ value }: { value: number }) {
  return (
    <span class="share">
      <span class="share-track" aria-hidden="true">
        <span class="share-bar" style={{ transform: `scaleX(${bounded(value)})` }} />
      </span>
      {number(value, 2)}
    </span>
  );
}

/** From -1, unpleasant, to 1, pleasant: a bar that starts in the middle. */
function Valence({ value }: { value: number }) {
  const share = Math.min(1, Math.max(-1, value));
  return (
    <span class="share">
      <span class="share-track middle" aria-hidden="true">
        <span class={share < 0 ? "share-bar below" : "share-bar above"} style={{ transform: `scaleX(${Math.abs(share) / 2})` }} />
      </span>
      {value > 0 ? "+" : ""}
      {number(value, 2)}
    </span>
  );
}

function Senses({ value }: { value: unknown }) {
  const said = words();
  const shares = Object.entries((value ?? {}) as Record<string, number>).sort((one, other) => other[1] - one[1]);
  return (
    <ul class="senses">
      {shares.map(([name, share]) => (
        <li key={name}>
          <span>{said.value(name)}</span>
          <span class="share-track" aria-hidden="true">
            <span class="share-bar" style={{ transform: `scaleX(${bounded(share)})` }} />
          </span>
          <span class="dim">{percent(share)}</span>
        </li>
      ))}
    </ul>
  );
}

function Colours({ value }: { value: readonly unknown[] }) {
  const colours = value.filter((item): item is { hex: string; share: number } => HEX.test(String((item as { hex?: unknown })?.hex)));
  return (
    <ul class="colours">
      {colours.map(({ hex, share }) => (
        <li key={hex}>
          <span class="swatch" style={{ backgroundColor: hex }} aria-hidden="true" />
          <span class="mono">{hex}</span> <span class="dim">{percent(share)}</span>
        </li>
      ))}
    </ul>
  );
}

function Keyframes({ value }: { value: readonly unknown[] }) {
  return (
    <ul class="colours">
      {value.map((item, at) => {
        const { at_s: seconds, dominant_color: colour } = item as { at_s: number; dominant_color: { hex: string } | null };
        return (
          <li key={at}>
            <span class="swatch" style={colour && HEX.test(colour.hex) ? { backgroundColor: colour.hex } : {}} aria-hidden="true" />
            {figure(seconds)} s {colour && <span class="mono dim">{colour.hex}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function place(value: unknown): string {
  const { center, spread } = (value ?? {}) as { center?: readonly number[]; spread?: number };
  const [x, y] = center ?? [];
  return x === undefined || y === undefined ? "–" : `${percent(x)}, ${percent(y)} (± ${percent(spread ?? 0)})`;
}

function bounded(share: number): number {
  return Math.min(1, Math.max(0, share));
}
