/** The words of campaigns: those of reports and of the form, together. */

import { locale } from "../../state/settings";
import { formWords } from "./words-form";
import { partsWords } from "./words-parts";
import { reportWords } from "./words-report";
import { waveWords } from "./words-wave";

type Said = ReturnType<typeof formWords> & ReturnType<typeof reportWords> & ReturnType<typeof partsWords> & ReturnType<typeof waveWords>;

const kept = new Map<string, Said>();

export function words(): Said {
  const language = locale.value;
  let found = kept.get(language);
  if (found === undefined) {
    found = { ...formWords(), ...reportWords(), ...partsWords(), ...waveWords() };
    kept.set(language, found);
  }
  return found;
}
