import type { ButtonHTMLAttributes, ComponentChildren } from "preact";

import { Icon, type IconName } from "./icon";

interface Look {
  readonly tone?: "plain" | "primary" | "danger" | "quiet";
  readonly icon?: IconName;
  readonly small?: boolean;
  /** Something is under way: the button shows it and takes no second press. */
  readonly busy?: boolean;
  /** The text is for screen readers (and the tooltip) only. */
  readonly bare?: boolean;
}

type ButtonProps = Omit<ButtonHTMLAttributes, "icon" | "children"> & Look & { children: ComponentChildren };

export function Button({ tone = "plain", icon, small, busy, bare, children, class: extra, disabled, type = "button", ...rest }: ButtonProps) {
  const names = ["button", tone, small && "small", bare && "bare", extra].filter(Boolean).join(" ");
  const tooltip = bare && typeof children === "string" ? { title: children } : {};
  return (
    <button type={type} class={names} disabled={disabled === true || busy === true} aria-busy={busy === true} {...tooltip} {...rest}>
      {busy ? <Icon name="turning" class="spin" /> : icon && <Icon name={icon} />}
      {bare ? <span class="sr">{children}</span> : children}
    </button>
  );
}
