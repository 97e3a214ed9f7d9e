/** What several outcomes show: facts, warnings, an instruction, a number with its interval. */

import { Icon } from "../../design/icon";
import { number } from "../../i18n/format";
import type { Place } from "../campaigns/types";
import { addressText, instructionText, lineText } from "../campaigns/wave/code-map";
import type { Estimate } from "./types";

export function Warnings({ texts }: { texts: readonly string[] }) {
  return (
    <>
      {texts.map((text) => (
        <p class="outcome-warning small" key={text}>
          <Icon name="alert" />
          <span>{text}</span>
        </p>
      ))}
    </>
  );
}

export function PlaceText({ place }: { place: Place }) {
  const where = [place.function, lineText(place)].filter(Boolean).join(" · ");
  return (
    <>
      <span class="mono">
        {addressText(place.address)} {instructionText(place)}
      </span>
      {where !== "" && <div class="small dim">{where}</div>}
    </>
  );
}

/** A value, with its interval where it has one. */
export function estimateText({ value, low, high }: Estimate, digits = 2): string {
  const whole = number(value, digits);
  return low === null || high === null ? whole : `${whole} (${number(low, digits)} – ${number(high, digits)})`;
}

export function hex(value: number | null): string {
  return value === null ? "–" : value.toString(16).padStart(2, "0");
}

/** A number, or a dash where there is none. */
export function orDash(value: number | null, digits = 0): string {
  return value === null ? "–" : number(value, digits);
}
