import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Fact } from "../../design/facts";
import { me } from "../../state/session";
import { locale, theme } from "../../state/settings";
import { words } from "./words";

export function Appearance() {
  const said = words();
  return (
    <div class="stack">
      <Card title={said.appearance}>
        <div class="settings-choices">
          <Choice label={said.theme} hint={said.themeHint} chosen={theme} options={{ system: said.system, light: said.light, dark: said.dark }} />
          <Choice label={said.language} hint={said.languageHint} chosen={locale} options={{ en: "English", es: "Español" }} />
        </div>
      </Card>
      <You />
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly hint: string;
  readonly chosen: Signal<T>;
  readonly options: Readonly<Record<T, string>>;
}

function Choice<T extends string>({ label, hint, chosen, options }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div class="settings-choice">
      <div>
        <h3 id={id}>{label}</h3>
        <p class="small dim">{hint}</p>
      </div>
      <div class="segments" role="group" aria-labelledby={id}>
        {(Object.entries(options) as [T, string][]).map(([value, text]) => (
          <Button key={value} aria-pressed={chosen.value === value} onClick={() => (chosen.value = value)}>
            {text}
          </Button>
        ))}
      </div>
    </div>
  );
}

function You() {
  const said = words();
  const caller = me.value;
  if (caller === null) return null;
  const by = { none: said.byNone, key: said.byKey, jwt: said.byJwt }[caller.authentication];
  return (
    <Card title={said.account}>
      <dl class="facts">
        <Fact name={said.who}>{caller.name}</Fact>
        <Fact name={said.role}>{said.roleName(caller.role)}</Fact>
        <Fact name={said.tenant}>{caller.tenant}</Fact>
        <Fact name={said.authentication}>{by}</Fact>
        {caller.key !== null && (
          <Fact name={said.keyPrefix}>
            <span class="mono">{caller.key}</span>
          </Fact>
        )}
        <Fact name={said.version}>{caller.version}</Fact>
      </dl>
      {caller.authentication === "none" && <p class="settings-note small dim">{said.noneNote}</p>}
    </Card>
  );
}
