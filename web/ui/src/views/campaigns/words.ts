/** The words of campaigns: those of reports, of measured traces and of the form, together. */

import { locale } from "../../state/settings";
import { formWords } from "./words-form";
import { measuredWords } from "./words-measured";
import { partsWords } from "./words-parts";
import { reportWords } from "./words-report";
import { waveWords } from "./words-wave";

type Said = ReturnType<typeof formWords> &
  ReturnType<typeof measuredWords> &
  ReturnType<typeof reportWords> &
  ReturnType<typeof partsWords> &
  ReturnType<typeof waveWords>;

const kept = new Map<string, Said>();

export function words(): Said {
  const language = locale.value;
  let found = kept.get(language);
  if (found === undefined) {
    found = { ...formWords(), ...measuredWords(), ...reportWords(), ...partsWords(), ...waveWords() };
    kept.set(language, found);
  }
  return found;
}
