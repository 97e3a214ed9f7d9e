/** What the views are called. */

import { dictionary } from "./index";

export const places = dictionary(
  {
    jobs: "Jobs",
    campaigns: "Campaign",
    ask: "Ask",
    graph: "Graph",
    records: "Records",
    pools: "Pools",
    settings: "Settings",
  },
  {
    jobs: "Trabajos",
    campaigns: "Campaña",
    ask: "Preguntar",
    graph: "Grafo",
    records: "Registros",
    pools: "Grupos",
    settings: "Ajustes",
  },
);
