import { useEffect, useRef, useState } from "preact/hooks";

import { Icon, type IconName } from "../../design/icon";
import { record } from "./calls";
import { thumbnail } from "./originals";
import type { Modality } from "./types";

/** Larger pictures are looked at one by one. */
const LARGEST_BYTES = 12 * 2 ** 20;
export const ICONS: Readonly<Record<Modality, IconName>> = { text: "document", image: "records", audio: "sound", video: "film" };

interface ThumbProps {
  readonly remId: string;
  readonly modality: Modality;
  /** Null where the list does not say which file it is: the record does. */
  readonly artifact: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  readonly words: string;
}

/** What a record looks like in a list: its picture, once it is scrolled to; or what it says. */
export function Thumb({ remId, modality, artifact, mediaType, bytes, words }: ThumbProps) {
  const place = useRef<HTMLDivElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const element = place.current;
    if (modality !== "image" || bytes > LARGEST_BYTES || element === null) return undefined;
    const giveUp = new AbortController();
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        // A picture that cannot be had is a sign in its place, and the record's own page says why.
        picture(remId, artifact, mediaType, giveUp.signal).then(setUrl, () => undefined);
      },
      { rootMargin: "200px" },
    );
    seen.observe(element);
    return () => {
      seen.disconnect();
      giveUp.abort();
    };
  }, [remId, artifact]);
  return (
    <div class={`thumb ${modality}`} ref={place}>
      {url ? (
        <img src={url} alt="" loading="lazy" onError={() => setUrl(null)} />
      ) : modality === "text" ? (
        <p dir="auto">{words}</p>
      ) : (
        <Icon name={ICONS[modality]} />
      )}
    </div>
  );
}

async function picture(remId: string, artifact: string | null, mediaType: string, signal: AbortSignal): Promise<string> {
  if (artifact !== null) return await thumbnail(artifact, mediaType, signal);
  const { source } = (await record(remId, signal)).header;
  if (source.bytes > LARGEST_BYTES) throw new RangeError("The picture is large.");
  return await thumbnail(`sha256:${source.sha256}`, source.media_type, signal);
}
