import { Problem, Unreachable } from "../api/problem";
import { actions } from "../i18n/actions";
import { problems } from "../i18n/problems";
import { Button } from "./button";
import { Icon } from "./icon";

/** What went wrong, in the server's words where it has some, and a way on. */
export function ErrorPanel({ error, title, onRetry }: { error: Error; title?: string; onRetry?: () => void }) {
  const words = problems();
  const problem = error instanceof Problem ? error : null;
  return (
    <div class="error-panel" role="alert">
      <Icon name="alert" />
      <div class="grow">
        <h2>{title ?? titleOf(error)}</h2>
        <p>{error instanceof Unreachable ? words.unreachable : error.message}</p>
        {problem !== null && problem.errors.length > 1 && (
          <ul class="small">
            {problem.errors.map((item) => (
              <li key={item.field + item.message}>
                <span class="mono">{item.field}</span> {item.message}
              </li>
            ))}
          </ul>
        )}
        {problem?.traceId && (
          <p class="small dim">
            {words.requestId} <span class="mono">{problem.traceId}</span>
          </p>
        )}
      </div>
      {onRetry && (
        <Button icon="retry" onClick={onRetry}>
          {actions().tryAgain}
        </Button>
      )}
    </div>
  );
}

function titleOf(error: Error): string {
  const words = problems();
  if (error instanceof Unreachable) return words.noConnection;
  if (!(error instanceof Problem)) return words.brokenView;
  if (error.status === 403) return words.notAllowed;
  if (error.status === 404) return words.notFound;
  if (error.status === 410) return words.gone;
  if (error.status === 429) return words.tooMuch;
  if (error.status >= 500) return words.serverFault;
  return words.refused;
}
