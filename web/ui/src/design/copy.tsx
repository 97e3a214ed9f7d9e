import { actions } from "../i18n/actions";
import { toast } from "../state/toasts";
import { Button } from "./button";

/** Copies a text; where the browser does not let us, the text is there to be selected. */
export function CopyButton({ text, label, small = true }: { text: string; label?: string; small?: boolean }) {
  const words = actions();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(words.copied, "good");
    } catch {
      toast(words.notCopied, "bad");
    }
  };
  return (
    <Button tone="quiet" icon="copy" small={small} bare={label === undefined} onClick={copy}>
      {label ?? words.copy}
    </Button>
  );
}
