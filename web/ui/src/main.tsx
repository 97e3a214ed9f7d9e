import { render } from "preact";

import { live } from "./api/socket";
import { App } from "./app";
import { watchColors } from "./design/colors";
import "./design/tokens.css";
import "./design/base.css";
import "./design/components.css";
import { startRouter } from "./router";
import { start } from "./state/session";
import { applySettings } from "./state/settings";

applySettings();
watchColors();
startRouter();
window.addEventListener("online", () => live.hurry());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && live.hurry());
void start();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
