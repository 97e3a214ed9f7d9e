/** How the firmware is called: core, entry, inputs, output; rarer choices are folded away. */

import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { Field } from "../../../design/field";
import { bytes } from "../../../i18n/format";
import type { Offer } from "../types";
import { addressText, fileName } from "../wave/code-map";
import { words } from "../words";
import { type Choice, Combobox } from "./combobox";
import { type Errors, type Form, type InputForm, ROLES, VARIES, emptyInput, row } from "./form";

export interface PartProps {
  readonly form: Form;
  readonly errors: Errors;
  readonly set: (changes: Partial<Form>) => void;
  readonly offer: Offer | null;
}

export function functionChoices(offer: Offer | null): readonly Choice[] {
  return (offer?.functions ?? []).map(({ name, address, size, file, line }) => ({
    value: name,
    note: [file === null ? addressText(address) : `${fileName(file)}:${line ?? "?"}`, `${size} B`].join(" · "),
  }));
}

function bufferChoices(offer: Offer | null): readonly Choice[] {
  const writable = (offer?.objects ?? []).filter((object) => object.writable);
  return writable.map(({ name, size, address }) => ({ value: name, note: `${bytes(size)} · ${addressText(address)}` }));
}

export function TargetCard({ form, errors, set, offer }: PartProps) {
  const said = words();
  const functions = functionChoices(offer);
  const buffers = bufferChoices(offer);
  const cores = offer?.cores ?? ["cortex-m0", "cortex-m3", "cortex-m4"];
  const change = (at: number, changes: Partial<InputForm>) => set({ inputs: form.inputs.map((input, index) => (index === at ? { ...input, ...changes } : input)) });
  const sizeOf = (name: string) => offer?.objects.find((object) => object.name === name)?.size;
  return (
    <Card title={said.target} note={said.targetNote}>
      <div class="stack-small">
        <div class="form-grid">
          <Field label={said.entry} error={errors.get("target.entry")} hint={said.entryHint}>
            {(control) => <Combobox control={control} value={form.entry} choices={functions} onChange={(entry) => set({ entry })} />}
          </Field>
          <Field label={said.core} error={errors.get("target.core")} hint={offer && (offer.core_known_by === "attributes" ? said.coreFrom(offer.architecture ?? "") : said.coreFromNothing)}>
            {(control) => (
              <select {...control} value={form.core} onChange={(event) => set({ core: event.currentTarget.value })}>
                {cores.map((core) => (
                  <option key={core} value={core}>
                    {core}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <fieldset class="form-set">
          <legend>{said.inputs}</legend>
          {errors.get("target.inputs") && <p class="field-error">{errors.get("target.inputs")}</p>}
          {form.inputs.map((input, at) => {
            const place = `target.inputs.${at}`;
            return (
              <div class="input-row" key={input.id}>
                <Field label={said.inputName} error={errors.get(`${place}.name`) ?? errors.get(place)}>
                  {(control) => <input {...control} value={input.name} spellcheck={false} onInput={(event) => change(at, { name: event.currentTarget.value })} />}
                </Field>
                <Field label={said.role} error={errors.get(`${place}.role`)}>
                  {(control) => (
                    <select {...control} value={input.role} onChange={(event) => change(at, { role: event.currentTarget.value as InputForm["role"] })}>
                      {ROLES.map((role) => (
                        <option key={role} value={role}>
                          {said.roles(role)}
                        </option>
                      ))}
                    </select>
                  )}
                </Field>
                <Field label={said.buffer} error={errors.get(`${place}.symbol`)} class="wide-field">
                  {(control) => (
                    <Combobox
                      control={control}
                      value={input.symbol}
                      choices={buffers}
                      placeholder={said.byArgument}
                      onChange={(symbol) => change(at, { symbol, ...(sizeOf(symbol) === undefined ? {} : { length: String(sizeOf(symbol)) }) })}
                    />
                  )}
                </Field>
                <Field label={said.length} error={errors.get(`${place}.length`)} class="short-field">
                  {(control) => <input {...control} inputMode="numeric" value={input.length} onInput={(event) => change(at, { length: event.currentTarget.value })} />}
                </Field>
                <Field label={said.varies} error={errors.get(`${place}.varies`)}>
                  {(control) => (
                    <select {...control} value={input.varies} onChange={(event) => change(at, { varies: event.currentTarget.value })}>
                      {VARIES.map((varies) => (
                        <option key={varies} value={varies}>
                          {varies === "" ? said.byRole(input.role) : said.variation(varies)}
                        </option>
                      ))}
                    </select>
                  )}
                </Field>
                <Field label={said.value} error={errors.get(`${place}.value`)} class="wide-field">
                  {(control) => (
                    <input {...control} class="input mono" value={input.value} placeholder={said.drawn} spellcheck={false} autocomplete="off" onInput={(event) => change(at, { value: event.currentTarget.value })} />
                  )}
                </Field>
                <Button tone="quiet" icon="trash" bare onClick={() => set({ inputs: form.inputs.filter((_, index) => index !== at) })}>
                  {said.removeInput(input.name || String(at + 1))}
                </Button>
              </div>
            );
          })}
          <Button small icon="plus" disabled={form.inputs.length >= 16} onClick={() => set({ inputs: [...form.inputs, emptyInput(`input${form.inputs.length + 1}`)] })}>
            {said.addInput}
          </Button>
        </fieldset>
        <div class="form-grid">
          <Field label={said.output} error={errors.get("target.output.symbol") ?? errors.get("target.output")} hint={said.outputHint}>
            {(control) => (
              <Combobox
                control={control}
                value={form.outputSymbol}
                choices={buffers}
                placeholder={said.optional}
                onChange={(outputSymbol) => set({ outputSymbol, ...(sizeOf(outputSymbol) === undefined ? {} : { outputLength: String(sizeOf(outputSymbol)) }) })}
              />
            )}
          </Field>
          <Field label={said.outputLength} error={errors.get("target.output.length")}>
            {(control) => <input {...control} inputMode="numeric" value={form.outputLength} onInput={(event) => set({ outputLength: event.currentTarget.value })} />}
          </Field>
        </div>
        <PublicCode form={form} errors={errors} set={set} functions={functions} />
        <details class="form-more">
          <summary>{said.moreOfCall}</summary>
          <div class="stack-small">
            <div class="form-grid four">
              {[0, 1, 2, 3].map((at) => (
                <Field key={at} label={`r${at}`} error={errors.get(`target.arguments.${at}`) ?? errors.get(`target.arguments.${at}.value`)}>
                  {(control) => (
                    <>
                      <input {...control} class="input mono" list={`${control.id}-list`} value={form.arguments[at] ?? ""} placeholder={said.nothing} onInput={(event) => set({ arguments: replaced(form.arguments, at, event.currentTarget.value) })} />
                      <datalist id={`${control.id}-list`}>
                        {form.inputs.map((input) => (
                          <option key={input.id} value={`input:${input.name}`} />
                        ))}
                        <option value="output" />
                      </datalist>
                    </>
                  )}
                </Field>
              ))}
            </div>
            <p class="small dim">{said.argumentsHint}</p>
            <div class="form-grid">
              <Field label={said.setup} error={errors.get("target.setup")} hint={said.setupHint}>
                {(control) => <Combobox control={control} value={form.setup} choices={functions} placeholder={said.optional} onChange={(setup) => set({ setup })} />}
              </Field>
              <Field label={said.maxCycles} error={errors.get("target.max_cycles")}>
                {(control) => <input {...control} inputMode="numeric" value={form.maxCycles} onInput={(event) => set({ maxCycles: event.currentTarget.value })} />}
              </Field>
              <Field label={said.triggerStart} error={errors.get("target.trigger.start") ?? errors.get("target.trigger")} hint={said.triggerHint}>
                {(control) => <Combobox control={control} value={form.triggerStart} choices={functions} placeholder={said.optional} onChange={(triggerStart) => set({ triggerStart })} />}
              </Field>
              <Field label={said.triggerStop} error={errors.get("target.trigger.stop")}>
                {(control) => <Combobox control={control} value={form.triggerStop} choices={functions} placeholder={said.optional} onChange={(triggerStop) => set({ triggerStop })} />}
              </Field>
            </div>
            {form.memory.length > 0 && <p class="small dim">{said.memoryIs(form.memory.map((region) => JSON.stringify(region)).join(" "))}</p>}
          </div>
        </details>
      </div>
    </Card>
  );
}

function PublicCode({ form, errors, set, functions }: Pick<PartProps, "form" | "errors" | "set"> & { functions: readonly Choice[] }) {
  const said = words();
  const change = (at: number, changes: Partial<Form["publics"][number]>) => set({ publics: form.publics.map((item, index) => (index === at ? { ...item, ...changes } : item)) });
  return (
    <fieldset class="form-set">
      <legend>{said.publicCode}</legend>
      <p class="small dim">{said.publicHint}</p>
      {form.publics.map((item, at) => (
        <div class="public-row" key={item.id}>
          <Field label={said.symbolOrRange} error={errors.get(`target.public.${at}.symbol`) ?? errors.get(`target.public.${at}`)}>
            {(control) => <Combobox control={control} value={item.symbol} choices={functions} onChange={(symbol) => change(at, { symbol })} />}
          </Field>
          <Field label={said.reason} error={errors.get(`target.public.${at}.reason`)}>
            {(control) => <input {...control} value={item.reason} onInput={(event) => change(at, { reason: event.currentTarget.value })} />}
          </Field>
          <Button tone="quiet" icon="trash" bare onClick={() => set({ publics: form.publics.filter((_, index) => index !== at) })}>
            {said.removePublic(item.symbol)}
          </Button>
        </div>
      ))}
      <Button small icon="plus" disabled={form.publics.length >= 64} onClick={() => set({ publics: [...form.publics, { id: row(), symbol: "", reason: "" }] })}>
        {said.addPublic}
      </Button>
    </fieldset>
  );
}

function replaced(all: readonly string[], at: number, value: string): string[] {
  return Array.from({ length: Math.max(all.length, at + 1) }, (_, index) => (index === at ? value : (all[index] ?? "")));
}
