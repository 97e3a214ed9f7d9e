import { actions } from "../i18n/actions";
import { closeToast, toasts } from "../state/toasts";
import { Button } from "./button";

/** Where messages appear; it is always there, so that screen readers hear what is put into it. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite" aria-relevant="additions text">
      {toasts.value.map((item) => (
        <div class={`toast ${item.tone}`} key={item.id}>
          <span>{item.text}</span>
          <Button tone="quiet" icon="cross" small bare onClick={() => closeToast(item.id)}>
            {actions().close}
          </Button>
        </div>
      ))}
    </div>
  );
}
