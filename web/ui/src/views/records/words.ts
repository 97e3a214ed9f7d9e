import { dictionary } from "../../i18n";

export const words = dictionary(
  { notHere: "This page cannot show it yet", elsewhere: "The API can: see its documentation at /api/docs." },
  { notHere: "Esta página aún no lo muestra", elsewhere: "La API sí: vea su documentación en /api/docs." },
);
