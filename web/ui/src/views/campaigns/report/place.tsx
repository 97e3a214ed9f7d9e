/** An instruction in a table: a press shows its code and its samples; beside it the function and the source line. */

import type { Place } from "../types";
import { addressText, instructionText, lineText } from "../wave/code-map";

export type Show = (place: Place) => void;

export function PlaceButton({ place, onShow }: { place: Place; onShow: Show }) {
  return (
    <button type="button" class="link mono" onClick={() => onShow(place)}>
      {addressText(place.address)} {instructionText(place)}
    </button>
  );
}

export function whereText(place: Place): string {
  return [place.function, lineText(place)].filter(Boolean).join(" · ");
}
