/** The file that a record is of. */

import { useState } from "preact/hooks";

import { Problem } from "../../api/problem";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { bytes, number } from "../../i18n/format";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { fileOf, save, useOriginal } from "./originals";
import { pieces } from "./pieces";
import { ICONS } from "./thumb";
import type { Rem } from "./types";
import { words } from "./words";

/** What is loaded without being asked for. */
const LARGEST_BYTES = 24 * 2 ** 20;
const CHARACTERS = 20_000;

export function Original({ rem }: { rem: Rem }) {
  const said = words();
  const { modality, source } = rem.header;
  const artifact = `sha256:${source.sha256}`;
  const [wanted, want] = useState(source.bytes <= LARGEST_BYTES);
  const shown = modality !== "text" && may("download_artifact");
  const file = useOriginal(shown && wanted ? artifact : null, source.media_type);
  const download = async () => {
    try {
      save(await fileOf(artifact, "application/octet-stream"), source.name);
    } catch (error) {
      toast((error as Error).message, "bad");
    }
  };
  const gone = file.error instanceof Problem && file.error.status === 404;
  return (
    <Card
      title={said.original}
      note={`${source.media_type} · ${bytes(source.bytes)}`}
      actions={
        may("download_artifact") && (
          <Button tone="quiet" icon="download" small onClick={download}>
            {said.download}
          </Button>
        )
      }
    >
      {modality === "text" || rem.stream.text !== null ? <Text rem={rem} /> : null}
      {shown && !wanted && (
        <div class="row">
          <p class="dim">{said.large}</p>
          <Button onClick={() => want(true)}>{said.showAnyway(bytes(source.bytes))}</Button>
        </div>
      )}
      {gone && <p class="dim">{said.fileGone}</p>}
      {file.error && !gone && <ErrorPanel error={file.error} />}
      {shown && wanted && !file.error && <Medium rem={rem} url={file.url} />}
    </Card>
  );
}

function Medium({ rem, url }: { rem: Rem; url: string | null }) {
  const said = words();
  const { modality, source } = rem.header;
  const [broken, breakDown] = useState(false);
  const size = shape(rem);
  // Its place is kept as tall as it will be.
  const ratio = size ? { aspectRatio: `${size.width} / ${size.height}` } : {};
  if (broken) {
    return (
      <p class="row dim">
        <Icon name={ICONS[modality]} /> {said.notPlayable}
      </p>
    );
  }
  if (modality === "audio") return <audio class="medium" controls preload="metadata" {...(url ? { src: url } : {})} onError={() => url && breakDown(true)} />;
  if (modality === "video") {
    return <video class="medium" style={ratio} controls playsInline preload="metadata" {...(url ? { src: url } : {})} onError={() => url && breakDown(true)} />;
  }
  const eye = centerOf(rem);
  return (
    <div class="medium picture" style={ratio}>
      {url && <img src={url} alt={said.picture(source.name)} onError={() => breakDown(true)} />}
      {url && eye && <span class="eye" style={{ left: `${100 * eye[0]}%`, top: `${100 * eye[1]}%` }} title={said.eye} />}
    </div>
  );
}

/** What is written or said, with what was found in it. */
function Text({ rem }: { rem: Rem }) {
  const said = words();
  if (rem.stream.text === null) return <p class="dim">{rem.fields.stream?.reason}</p>;
  const cut = rem.stream.text.length > CHARACTERS;
  return (
    <figure class="text-figure">
      <p class="stream-text" dir="auto" tabIndex={0} role="region" aria-label={said.text} {...(rem.header.language ? { lang: rem.header.language } : {})}>
        {pieces(rem, CHARACTERS).map((piece, at) => {
          const names = [piece.anchor && "anchor", piece.phase && "phase", piece.score !== null && `lived-${Math.round(4 * piece.score)}`].filter(Boolean);
          return names.length === 0 ? (
            piece.text
          ) : (
            <span key={at} class={names.join(" ")} {...(piece.phase ? { title: said.value(piece.phase) } : {})}>
              {piece.text}
            </span>
          );
        })}
      </p>
      <figcaption class="dim small">
        {said.textNote}
        {cut && ` ${said.textCut(number(CHARACTERS))}`}
      </figcaption>
    </figure>
  );
}

function shape({ qualia }: Rem): { width: number; height: number } | null {
  const part = qualia.image ?? qualia.video;
  const [width, height] = [Number(part?.width), Number(part?.height)];
  return width > 0 && height > 0 ? { width, height } : null;
}

function centerOf({ qualia }: Rem): readonly [number, number] | null {
  const attention = qualia.image?.attention as { center?: readonly unknown[] } | null | undefined;
  const [x, y] = attention?.center ?? [];
  return typeof x === "number" && typeof y === "number" ? [x, y] : null;
}
