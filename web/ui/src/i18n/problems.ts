/** What went wrong, where the server has no words for it. */

import { dictionary } from "./index";

export const problems = dictionary(
  {
    requestId: "Request",
    noConnection: "No connection",
    unreachable: "The server does not answer. It may be restarting, or the network is down.",
    brokenView: "This view broke",
    notAllowed: "Not allowed",
    notFound: "Not found",
    gone: "No longer kept",
    tooMuch: "Too much at once",
    serverFault: "The farm cannot do this now",
    refused: "The farm refused this",
  },
  {
    requestId: "Petición",
    noConnection: "Sin conexión",
    unreachable: "El servidor no responde. Quizá se está reiniciando, o no hay red.",
    brokenView: "Esta vista ha fallado",
    notAllowed: "No permitido",
    notFound: "No encontrado",
    gone: "Ya no se conserva",
    tooMuch: "Demasiado a la vez",
    serverFault: "La granja no puede hacerlo ahora",
    refused: "La granja lo ha rechazado",
  },
);
