/** The firmware: dropped, chosen, or one that was measured before. */

import { useRef, useState } from "preact/hooks";

import { Problem } from "../../../api/problem";
import { type Artifact, upload } from "../../../api/upload";
import { Badge } from "../../../design/badge";
import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { ErrorPanel } from "../../../design/error-panel";
import { Icon } from "../../../design/icon";
import { Progress } from "../../../design/progress";
import { bytes, number } from "../../../i18n/format";
import type { Offer } from "../types";
import { words } from "../words";

interface FirmwareProps {
  readonly offer: Offer | null;
  readonly name: string;
  readonly inspecting: boolean;
  readonly error: Error | null;
  /** Firmware of former campaigns: id and name. */
  readonly former: readonly { readonly id: string; readonly name: string }[];
  readonly onFirmware: (id: string, name: string) => void;
}

export function FirmwareCard({ offer, name, inspecting, error, former, onFirmware }: FirmwareProps) {
  const said = words();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [sent, setSent] = useState<{ done: number; total: number } | null>(null);
  const [failed, setFailed] = useState<Error | null>(null);
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setFailed(null);
    setSent({ done: 0, total: file.size });
    try {
      const artifact: Artifact = await upload(file, { onProgress: (done, total) => setSent({ done, total }) });
      onFirmware(artifact.artifact_id, file.name);
    } catch (reason) {
      setFailed(reason as Error);
    }
    setSent(null);
  };
  const problem = failed ?? error;
  return (
    <Card title={said.firmware} note={said.firmwareNote}>
      <div
        class={`drop ${over ? "over" : ""} ${offer ? "filled" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer?.files[0]);
        }}
      >
        <Icon name={offer ? "check" : "upload"} />
        <div class="grow">
          {offer ? (
            <>
              <b>{name || said.unnamed}</b>
              <p class="small dim">
                {bytes(offer.bytes)} · {said.codeBytes(bytes(offer.code_bytes))} · {said.offers(number(offer.functions_total), number(offer.objects_total))}
              </p>
              <p class="row drop-badges">
                <Badge tone="accent">{offer.core_known_by === "attributes" ? `${offer.core} · ${offer.architecture}` : said.coreUnknown(offer.core)}</Badge>
                <Badge tone={offer.has_lines ? "good" : "warm"}>{offer.has_lines ? said.hasLines : said.noLines}</Badge>
                {offer.truncated && <Badge tone="warm">{said.truncated}</Badge>}
                {offer.memory.length > 0 && <Badge tone="accent">{said.memoryGuessed}</Badge>}
              </p>
            </>
          ) : (
            <>
              <b>{inspecting ? said.inspecting : said.dropHere}</b>
              <p class="small dim">{said.dropHint}</p>
            </>
          )}
          <div class="drop-progress">{sent !== null ? <Progress done={sent.done} total={sent.total} label={said.uploading} counted={false} /> : inspecting && <Progress done={0} total={0} label={said.inspecting} />}</div>
        </div>
        <input ref={input} type="file" hidden aria-label={said.chooseFile} onChange={(event) => void take(event.currentTarget.files?.[0])} />
        <Button tone={offer ? "plain" : "primary"} busy={sent !== null} onClick={() => input.current?.click()}>
          {offer ? said.otherFile : said.chooseFile}
        </Button>
      </div>
      {problem && <ErrorPanel error={problem} title={problem instanceof Problem && problem.code === "invalid-firmware" ? said.notFirmware : said.notRead} />}
      {former.length > 0 && (
        <label class="former small">
          <span class="dim">{said.orFormer}</span>
          <select
            class="input"
            value=""
            onChange={(event) => {
              const chosen = former.find(({ id }) => id === event.currentTarget.value);
              if (chosen) onFirmware(chosen.id, chosen.name);
            }}
          >
            <option value="">{said.pickFormer}</option>
            {former.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.id.slice(7, 15)})
              </option>
            ))}
          </select>
        </label>
      )}
    </Card>
  );
}
