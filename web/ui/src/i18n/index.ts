/** Words in English and Spanish. A view keeps its own dictionary; what is missing or left over does not compile. */

import { type Locale, locale } from "../state/settings";

// Phrases take different things; any is the one type of parameter that all of them are assignable to.
type Phrase = string | ((...given: any[]) => string);
export type Words = Readonly<Record<string, Phrase>>;

/** The same keys, and phrases that take the same things. */
export type Translation<W extends Words> = { readonly [K in keyof W]: W[K] extends string ? string : W[K] };

type Exact<W extends Words, T> = T & { readonly [K in Exclude<keyof T, keyof W>]: never };

/** Return what gives the words of the language that is chosen; a component that calls it follows a change. */
export function dictionary<W extends Words, T extends Translation<W>>(en: W, es: Exact<W, T>): () => Translation<W> {
  const all: Record<Locale, Translation<W>> = { en: en as Translation<W>, es };
  return () => all[locale.value];
}
