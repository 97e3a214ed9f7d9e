/** One line for a person about a thing, and where it is found. */

import type { Properties, Thing } from "./types";

/** Return what a thing is called; its id where it has no name. */
export function titleOf({ id, label, properties }: Thing): string {
  const text = (name: string) => said(properties, name);
  switch (label) {
    case "Instruction":
      return [text("mnemonic"), text("operands")].filter(Boolean).join(" ") || id;
    case "Document":
      return text("title") || text("name") || id;
    case "Chunk":
      return text("text") || id;
    case "EnergyPattern":
      return text("pattern_type") || id;
    case "Measurement":
      return text("batch_id") || id;
    default:
      return text("name") || id;
  }
}

/** Return what tells a thing from others with the same title; empty where nothing does. */
export function placeOf({ label, properties }: Thing): string {
  const text = (name: string) => said(properties, name);
  if (label === "Instruction") return [text("function"), shortFile(text("source_line")), address(properties.address)].filter(Boolean).join(" · ");
  if (label === "SecurityVulnerability") return [text("kind"), text("function")].filter(Boolean).join(" · ");
  if (label === "Function") return shortFile(text("file"));
  if (label === "Campaign") return text("verdict");
  if (label === "Firmware") return text("core");
  if (label === "Entity") return text("type");
  if (label === "Rem") return text("modality");
  if (label === "Chunk") return text("document").replace(/^document:/, "");
  return "";
}

/** Return a batch's name without what it is: `measurements:board-1` is board-1. */
export function batchName(batch: string): string {
  const name = batch.replace(/^[a-z]+:/, "");
  return /^[0-9a-f-]{32,}(\.[a-z]+)?$/.test(name) ? `${name.slice(0, 8)}…` : name;
}

export function address(value: unknown): string {
  return typeof value === "number" ? `0x${value.toString(16).padStart(8, "0")}` : "";
}

function said(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : "";
}

function shortFile(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}
