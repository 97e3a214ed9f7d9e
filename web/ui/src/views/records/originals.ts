/** The files themselves, fetched with the key and shown from memory: as pictures, sounds and videos alone, never as pages. */

import { useEffect, useState } from "preact/hooks";

import { answer, path } from "../../api/client";
import { isAbort } from "../../api/problem";

const SHOWN = /^(image|audio|video)\/[a-z0-9.+-]+$/;
/** Thumbnails that are kept while the list is scrolled. */
const KEPT = 120;

const kept = new Map<string, string>();

/** Return a file's bytes under the media type that its record names, not the one that somebody uploaded it with. */
export async function fileOf(artifact: string, mediaType: string, signal?: AbortSignal): Promise<Blob> {
  const response = await answer(path(["artifacts", artifact]), { headers: { Accept: "*/*" }, signal });
  const type = SHOWN.test(mediaType) ? mediaType : "application/octet-stream";
  return new Blob([await response.arrayBuffer()], { type });
}

export interface Original {
  readonly url: string | null;
  readonly error: Error | null;
}

/** Hold a file's address for as long as it is shown; null: not now. */
export function useOriginal(artifact: string | null, mediaType: string): Original {
  const [found, find] = useState<Original & { artifact: string | null }>({ url: null, error: null, artifact: null });
  useEffect(() => {
    if (artifact === null) return undefined;
    const giveUp = new AbortController();
    let url: string | null = null;
    fileOf(artifact, mediaType, giveUp.signal).then(
      (blob) => {
        if (giveUp.signal.aborted) return;
        url = URL.createObjectURL(blob);
        find({ url, error: null, artifact });
      },
      (error: unknown) => {
        if (!giveUp.signal.aborted && !isAbort(error)) find({ url: null, error: error as Error, artifact });
      },
    );
    return () => {
      giveUp.abort();
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [artifact, mediaType]);
  return found.artifact === artifact ? found : { url: null, error: null };
}

/** Return the address of a picture for a list; those of the newest are kept. */
export async function thumbnail(artifact: string, mediaType: string, signal: AbortSignal): Promise<string> {
  const known = kept.get(artifact);
  if (known !== undefined) {
    kept.delete(artifact);
    kept.set(artifact, known);
    return known;
  }
  const url = URL.createObjectURL(await fileOf(artifact, mediaType, signal));
  kept.set(artifact, url);
  for (const [oldest, address] of kept) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
    URL.revokeObjectURL(address);
  }
  return url;
}

/** Have the browser save a file. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
