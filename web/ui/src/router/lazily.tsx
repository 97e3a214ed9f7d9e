/** Views as chunks of their own, and what is shown while they come, when they do not, and when they break. */

import { Component, type ComponentChildren, type FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ErrorPanel } from "../design/error-panel";
import { Loading } from "../design/skeleton";

export interface ViewProps {
  /** What the route's pattern took from the address. */
  readonly params: Readonly<Record<string, string>>;
}

type Module<P> = { readonly default: FunctionComponent<P> };

/** Return a component, mostly a view, that loads its code when it is first shown. */
export function lazily<P extends object = ViewProps>(load: () => Promise<Module<P>>): FunctionComponent<P> {
  let loaded: Module<P> | null = null;
  return function Lazy(props: P) {
    const [, again] = useState(0);
    const [error, fail] = useState<Error | null>(null);
    useEffect(() => {
      if (loaded !== null || error !== null) return;
      load().then(
        (module) => {
          loaded = module;
          again((number) => number + 1);
        },
        (reason: unknown) => fail(reason as Error),
      );
    }, [error]);
    if (loaded !== null) return <loaded.default {...props} />;
    // Chunks of an older build are gone after an update: only a new page names the new ones.
    if (error !== null) return <ErrorPanel error={error} onRetry={() => window.location.reload()} />;
    return <Loading />;
  };
}

/** Keeps a view that breaks from taking the frame with it. */
export class Boundary extends Component<{ children: ComponentChildren }, { error: Error | null }> {
  override state = { error: null };

  static override getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidCatch(error: Error): void {
    console.error(error);
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ErrorPanel error={this.state.error} onRetry={() => this.setState({ error: null })} />;
  }
}
