/** What jobs are called. The farm may know kinds that this build does not: those keep their own name. */

import { dictionary } from "./index";

const words = dictionary(
  {
    ping: "Ping",
    campaign: "Campaign",
    query: "Question",
    chat: "Chat",
    similar: "Similar instructions",
    ingest: "Ingestion",
    remove: "Removal",
    rebuild: "Rebuild",
    inspect: "Inspection",
    estimate: "Estimate",
    "simulation.import": "Measured traces",
    "simulation.record": "Recording",
    "simulation.capture": "Capture",
    "simulation.crosscheck": "Cross-check",
    "simulation.profile": "Profiled attack",
    "simulation.calibrate": "Calibration",
    "remforge.forge": "Record",
    "remforge.batch": "Records",
    "remforge.sequence": "Sequence",
    "remforge.search": "Search",
  },
  {
    ping: "Ping",
    campaign: "Campaña",
    query: "Pregunta",
    chat: "Conversación",
    similar: "Instrucciones parecidas",
    ingest: "Ingesta",
    remove: "Borrado",
    rebuild: "Reconstrucción",
    inspect: "Inspección",
    estimate: "Estimación",
    "simulation.import": "Trazas medidas",
    "simulation.record": "Grabación",
    "simulation.capture": "Captura",
    "simulation.crosscheck": "Comprobación cruzada",
    "simulation.profile": "Ataque con perfil",
    "simulation.calibrate": "Calibración",
    "remforge.forge": "Registro",
    "remforge.batch": "Registros",
    "remforge.sequence": "Secuencia",
    "remforge.search": "Búsqueda",
  },
);

/** Of jobs that the farm submits to itself: listed, but no filter of the API's. */
const own = dictionary(
  { warm: "Answers in advance", retain: "Retention", erase: "Erasure of a tenant" },
  { warm: "Respuestas por adelantado", retain: "Retención", erase: "Borrado de un inquilino" },
);

export function kindName(kind: string): string {
  const known: Record<string, string> = { ...words(), ...own() };
  return Object.hasOwn(known, kind) ? (known[kind] ?? kind) : kind;
}

export function knownKinds(): string[] {
  return Object.keys(words());
}
