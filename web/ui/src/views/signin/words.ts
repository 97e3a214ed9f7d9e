import { dictionary } from "../../i18n";

export const words = dictionary(
  {
    title: "Sign in to Dasein",
    lead: "Use the API key that an administrator of the farm gave you.",
    expired: "Your key is no longer taken: it has expired or was revoked. Sign in again to go on where you were.",
    key: "API key",
    hint: "Kept by this browser tab alone, and forgotten when you sign out or close it.",
    wrong: "The farm does not know this key.",
    signIn: "Sign in",
  },
  {
    title: "Entrar en Dasein",
    lead: "Use la clave de API que le dio quien administra la granja.",
    expired: "Su clave ya no vale: ha caducado o fue revocada. Entre de nuevo para seguir donde estaba.",
    key: "Clave de API",
    hint: "Solo la guarda esta pestaña, y la olvida al salir o al cerrarla.",
    wrong: "La granja no conoce esta clave.",
    signIn: "Entrar",
  },
);
