/** What one can do in many places, and what is said of it. */

import { dictionary } from "./index";

export const actions = dictionary(
  {
    loading: "Loading",
    close: "Close",
    cancel: "Cancel",
    keepAsIs: "Leave as it is",
    tryAgain: "Try again",
    copy: "Copy",
    copied: "Copied.",
    notCopied: "The browser does not allow copying; select the text instead.",
    more: "Show more",
    none: "none",
  },
  {
    loading: "Cargando",
    close: "Cerrar",
    cancel: "Cancelar",
    keepAsIs: "Dejarlo como está",
    tryAgain: "Reintentar",
    copy: "Copiar",
    copied: "Copiado.",
    notCopied: "El navegador no permite copiar; seleccione el texto.",
    more: "Mostrar más",
    none: "ninguno",
  },
);
