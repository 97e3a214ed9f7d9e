/** The files of a recording, saved with the key that one is signed in with. */

import { useState } from "preact/hooks";

import { answer, path } from "../../api/client";
import { save } from "../../api/save";
import { Button } from "../../design/button";
import { bytes } from "../../i18n/format";
import { toast } from "../../state/toasts";
import type { Capture, Form, Recording } from "./types";
import { words } from "./words";

/** A file goes through memory, as a link could carry no key. */
const MOST_BYTES = 256 * 2 ** 20;

export function Downloads({ found }: { found: Recording | Capture }) {
  const said = words();
  const [busy, setBusy] = useState<Form | null>(null);
  const files = Object.entries(found.files) as [Form, { name: string; bytes: number }][];
  const take = async (form: Form, name: string) => {
    setBusy(form);
    try {
      const response = await answer(path(["recordings", found.recording, "records"], { form }), { headers: { Accept: "*/*" } });
      save(await response.blob(), `${found.recording}-${name}`);
    } catch (error) {
      toast((error as Error).message, "bad");
    }
    setBusy(null);
  };
  return (
    <div class="row outcome-files">
      {files.map(([form, file]) =>
        file.bytes > MOST_BYTES ? (
          <span class="small dim" key={form}>
            {said.tooLarge(form, bytes(file.bytes))} <span class="mono">{`${found.url}?form=${form}`}</span>
          </span>
        ) : (
          <Button key={form} icon="download" busy={busy === form} onClick={() => void take(form, file.name)}>
            {said.saveForm(form, bytes(file.bytes))}
          </Button>
        ),
      )}
    </div>
  );
}
