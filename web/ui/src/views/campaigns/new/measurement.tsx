/** What is measured, attacked and kept, and how the campaign is queued. */

import { Card } from "../../../design/card";
import { Field } from "../../../design/field";
import { words } from "../words";
import { INTERMEDIATES, MASKED, MODELS, PLANS, isGeneric } from "./form";
import type { PartProps } from "./target";

type Part = Omit<PartProps, "offer">;

export function MeasurementCard({ form, errors, set }: Part) {
  const said = words();
  const models: readonly string[] = (MODELS as readonly string[]).includes(form.model) ? MODELS : [...MODELS, form.model];
  return (
    <Card title={said.measurement}>
      <div class="stack-small">
        <div class="form-grid">
          <Field label={said.plan} error={errors.get("plan")} hint={said.planHint(form.plan)}>
            {(control) => (
              <select {...control} value={form.plan} onChange={(event) => set({ plan: event.currentTarget.value })}>
                {PLANS.map((plan) => (
                  <option key={plan} value={plan}>
                    {said.plans(plan)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={said.traces} error={errors.get("traces")} hint={said.tracesHint}>
            {(control) => <input {...control} inputMode="numeric" value={form.traces} onInput={(event) => set({ traces: event.currentTarget.value })} />}
          </Field>
          <Field label={said.powerModel} error={errors.get("power.model")} hint={said.modelHint(form.model)}>
            {(control) => (
              <select {...control} value={form.model} onChange={(event) => set({ model: event.currentTarget.value })}>
                {models.map((model) => (
                  <option key={model} value={model}>
                    {model}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={said.noise} error={errors.get("power.noise_sigma")} hint={said.noiseHint}>
            {(control) => <input {...control} inputMode="decimal" value={form.noise} onInput={(event) => set({ noise: event.currentTarget.value })} />}
          </Field>
        </div>
        <details class="form-more">
          <summary>{said.moreOfMeasurement}</summary>
          <div class="stack-small">
            <div class="form-grid">
              <Field label={said.samplingWord} error={errors.get("power.sampling")}>
                {(control) => (
                  <select {...control} value={form.sampling} onChange={(event) => set({ sampling: event.currentTarget.value })}>
                    <option value="instruction">{said.sampling("instruction")}</option>
                    <option value="cycle">{said.sampling("cycle")}</option>
                  </select>
                )}
              </Field>
              <Field label={said.seed} error={errors.get("seed")} hint={said.seedHint}>
                {(control) => <input {...control} inputMode="numeric" value={form.seed} onInput={(event) => set({ seed: event.currentTarget.value })} />}
              </Field>
              <Field label={said.assessOrder} error={errors.get("assess_order")} hint={said.assessHint}>
                {(control) => (
                  <select {...control} value={form.assessOrder} onChange={(event) => set({ assessOrder: event.currentTarget.value })}>
                    <option value="1">{said.order1}</option>
                    <option value="2">{said.order2}</option>
                  </select>
                )}
              </Field>
              <Field label={said.minimumEffect} error={errors.get("minimum_effect")} hint={said.effectHint}>
                {(control) => <input {...control} inputMode="decimal" value={form.minimumEffect} onInput={(event) => set({ minimumEffect: event.currentTarget.value })} />}
              </Field>
            </div>
            <label class="check">
              <input type="checkbox" checked={form.keepTraces} onChange={(event) => set({ keepTraces: event.currentTarget.checked })} />
              {said.keepTraces}
            </label>
            {errors.get("keep_traces") && <p class="field-error">{errors.get("keep_traces")}</p>}
          </div>
        </details>
      </div>
    </Card>
  );
}

export function AttackCard({ form, errors, set }: Part) {
  const said = words();
  return (
    <Card title={said.attack} note={said.attackNote}>
      <div class="stack-small">
        <label class="check">
          <input type="checkbox" checked={form.cpa} onChange={(event) => set({ cpa: event.currentTarget.checked })} />
          {said.attackAes}
        </label>
        {errors.get("cpa") && <p class="field-error">{errors.get("cpa")}</p>}
        {form.cpa && (
          <div class="form-grid four">
            <Field label={said.intermediate} error={errors.get("cpa.intermediate")}>
              {(control) => (
                <select {...control} value={form.cpaIntermediate} onChange={(event) => set({ cpaIntermediate: event.currentTarget.value })}>
                  {INTERMEDIATES.map((name) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            {form.cpaIntermediate === MASKED && (
              <Field label={said.maskVariable} error={errors.get("cpa.mask")}>
                {(control) => <input {...control} value={form.cpaMask} placeholder="masks[0:16]" onInput={(event) => set({ cpaMask: event.currentTarget.value })} />}
              </Field>
            )}
            {isGeneric(form.cpaIntermediate) && (
              <Field label={said.twoVariables} error={errors.get("cpa.variables")}>
                {(control) => <input {...control} value={form.cpaVariables} placeholder="plaintext, key" onInput={(event) => set({ cpaVariables: event.currentTarget.value })} />}
              </Field>
            )}
            <Field label={said.plaintextInput} error={errors.get("cpa.plaintext")}>
              {(control) => <InputSelect control={control} form={form} value={form.cpaPlaintext} onChange={(cpaPlaintext) => set({ cpaPlaintext })} />}
            </Field>
            <Field label={said.keyInput} error={errors.get("cpa.key")}>
              {(control) => <InputSelect control={control} form={form} value={form.cpaKey} none={said.keyUnknown} onChange={(cpaKey) => set({ cpaKey })} />}
            </Field>
            <label class="check">
              <input type="checkbox" checked={form.cpaAuto} onChange={(event) => set({ cpaAuto: event.currentTarget.checked })} />
              {said.windowAuto}
            </label>
            <Field label={said.windowFrom} error={errors.get("cpa.window") ?? errors.get("cpa.window.0")}>
              {(control) => <input {...control} inputMode="numeric" disabled={form.cpaAuto} value={form.cpaFrom} placeholder="0" onInput={(event) => set({ cpaFrom: event.currentTarget.value })} />}
            </Field>
            <Field label={said.windowTo} error={errors.get("cpa.window.1")}>
              {(control) => <input {...control} inputMode="numeric" disabled={form.cpaAuto} value={form.cpaTo} placeholder="8192" onInput={(event) => set({ cpaTo: event.currentTarget.value })} />}
            </Field>
          </div>
        )}
      </div>
    </Card>
  );
}

function InputSelect({ control, form, value, none, onChange }: { control: object; form: Part["form"]; value: string; none?: string; onChange: (value: string) => void }) {
  const names = form.inputs.map((input) => input.name).filter(Boolean);
  return (
    <select {...control} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {none !== undefined && <option value="">{none}</option>}
      {[...new Set([...names, ...(value === "" ? [] : [value])])].map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

export function QueueCard({ form, errors, set }: Part) {
  const said = words();
  return (
    <Card title={said.queueing}>
      <div class="form-grid">
        <Field label={said.name} error={errors.get("name")}>
          {(control) => <input {...control} value={form.name} maxLength={200} onInput={(event) => set({ name: event.currentTarget.value })} />}
        </Field>
        <Field label={said.tags} error={errors.get("tags") ?? errors.get("tags.0")} hint={said.tagsHint}>
          {(control) => <input {...control} value={form.tags} onInput={(event) => set({ tags: event.currentTarget.value })} />}
        </Field>
        <Field label={said.priority} error={errors.get("priority")} hint={said.priorityHint}>
          {(control) => (
            <select {...control} value={form.priority} onChange={(event) => set({ priority: event.currentTarget.value })}>
              {Array.from({ length: 10 }, (_, at) => (
                <option key={at} value={String(at)}>
                  {at}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={said.deadline} error={errors.get("deadline_s")} hint={said.deadlineHint}>
          {(control) => <input {...control} inputMode="numeric" value={form.deadline} placeholder={said.none} onInput={(event) => set({ deadline: event.currentTarget.value })} />}
        </Field>
      </div>
    </Card>
  );
}
