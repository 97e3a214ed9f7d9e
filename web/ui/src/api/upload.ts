/** Uploads, which may take a while and say how far they are (fetch cannot). */

import { address, identity, reachable } from "./client";
import { keyRefused } from "./key";
import { Problem, Unreachable } from "./problem";

export interface Artifact {
  readonly artifact_id: string;
  readonly bytes: number;
  readonly media_type: string;
}

export interface UploadOptions {
  readonly mediaType?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (sent: number, total: number) => void;
}

/** Store bytes; the same bytes again are stored once. Rejects with Problem, Unreachable or an AbortError. */
export function upload(bytes: Blob, options: UploadOptions = {}): Promise<Artifact> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address("/artifacts"));
    request.setRequestHeader("Content-Type", options.mediaType ?? "application/octet-stream");
    for (const [name, value] of Object.entries(identity())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => options.onProgress?.(event.loaded, event.total || bytes.size);
    request.onerror = () => {
      reachable.value = false;
      reject(new Unreachable("The connection was lost during the upload."));
    };
    request.onabort = () => reject(new DOMException("The upload was given up.", "AbortError"));
    request.onload = () => {
      reachable.value = true;
      const body = json(request.responseText);
      if (request.status === 401) keyRefused();
      if (request.status >= 200 && request.status < 300 && body !== null) resolve(body as unknown as Artifact);
      else reject(new Problem(request.status, body ?? {}));
    };
    if (options.signal?.aborted) return request.onabort(new ProgressEvent("abort"));
    options.signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(bytes);
  });
}

function json(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
