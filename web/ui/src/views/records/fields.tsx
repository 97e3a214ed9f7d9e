/** What a record says, part by part: each value with how it was found, or why there is none. */

import { Card } from "../../design/card";
import { number } from "../../i18n/format";
import { valueAt } from "./exports";
import { FieldValue } from "./field-value";
import { type Derivation, MODALITIES, type Rem } from "./types";
import { words } from "./words";

export function Fields({ rem }: { rem: Rem }) {
  const said = words();
  const names = Object.keys(rem.fields);
  const below = (part: string) => names.filter((name) => name.startsWith(`${part}.`));
  const absent = MODALITIES.filter((name) => rem.qualia[name] === null).map((name) => `qualia.${name}`);
  const empty = (name: string) => unknown(valueAt(rem, name));
  return (
    <>
      {MODALITIES.filter((name) => rem.qualia[name] !== null).map((name) => (
        <Part key={name} title={said.qualia(name)} rem={rem} names={below(`qualia.${name}`)} />
      ))}
      <Part title={said.sensorial} rem={rem} names={below("sensorial")} />
      <Part title={said.noetic} rem={rem} names={below("noetic")} />
      <Card title={said.whole} flush>
        <FieldTable rem={rem} title={said.whole} names={["stream", "anchors", "labels", "embedding"].filter((name) => name in rem.fields)} whole />
      </Card>
      {absent.length > 0 && (
        <Card title={said.absent}>
          <dl class="properties">
            {absent.filter(empty).map((name) => (
              <div key={name}>
                <dt>{said.field(name)}</dt>
                <dd class="dim">{rem.fields[name]?.reason ?? said.unknown}</dd>
              </div>
            ))}
          </dl>
        </Card>
      )}
    </>
  );
}

function Part({ title, rem, names }: { title: string; rem: Rem; names: readonly string[] }) {
  if (names.length === 0) return null;
  const reasons = new Set(names.map((name) => rem.fields[name]?.reason ?? null));
  const [reason] = reasons;
  // Nothing of the part is known, and always for the same reason: once is enough.
  if (reasons.size === 1 && reason !== null && reason !== undefined) {
    return (
      <Card title={title}>
        <p class="dim">
          <strong>{words().unknown}.</strong> {reason}
        </p>
        <p class="dim small fields-names">{names.map((name) => words().field(name)).join(" · ")}</p>
      </Card>
    );
  }
  return (
    <Card title={title} flush>
      <FieldTable rem={rem} title={title} names={names} />
    </Card>
  );
}

function FieldTable({ rem, title, names, whole = false }: { rem: Rem; title: string; names: readonly string[]; whole?: boolean }) {
  const said = words();
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={title}>
      <table class="table fields">
        <caption class="sr">{title}</caption>
        <thead class="sr">
          <tr>
            <th scope="col">{said.fieldHead}</th>
            <th scope="col">{said.valueHead}</th>
            <th scope="col">{said.derivation}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const value = whole ? summary(rem, name) : valueAt(rem, name);
            return (
              <tr key={name}>
                <th scope="row" title={name}>
                  {said.field(name)}
                </th>
                <td class="field-value">{unknown(value) ? <span class="dim">–</span> : <FieldValue field={name} value={value} />}</td>
                <td class="field-how">
                  <How derivation={rem.fields[name]} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function How({ derivation }: { derivation: Derivation | undefined }) {
  const said = words();
  if (derivation === undefined) return null;
  const { method, model, confidence, reason } = derivation;
  if (method === null) {
    return (
      <span class="dim">
        <strong>{said.unknown}.</strong> {reason}
      </span>
    );
  }
  return (
    <span class="dim">
      <span class="mono">{method}</span>
      {model && ` ${said.by(model)}`}
      {confidence !== null && (
        <span class="sure" title={`${said.confidence} ${number(confidence, 3)}`}>
          <span class="share-track" aria-hidden="true">
            <span class="share-bar" style={{ transform: `scaleX(${Math.min(1, Math.max(0, confidence))})` }} />
          </span>
          <span class="sr">{said.confidence}</span> {number(confidence, 2)}
        </span>
      )}
    </span>
  );
}

/** Of what has a card of its own, how much there is of it. */
function summary(rem: Rem, name: string): unknown {
  const said = words();
  if (name === "stream") return rem.stream.text === null ? null : [...rem.stream.text].length;
  if (name === "anchors") return rem.anchors.length || null;
  if (name === "labels") return rem.labels.length || null;
  return rem.embedding && `${rem.embedding.space}, ${said.dims(number(rem.embedding.dim))}`;
}

function unknown(value: unknown): boolean {
  return value === null || value === undefined;
}
