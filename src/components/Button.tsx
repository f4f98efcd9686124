import * as React from 'react';

type ButtonProps = React.ButtonHTMLAttributes<HTMLButtonElement> & {
  /** What it started is not done yet. Unlike a disabled button it keeps the focus. */
  busy?: boolean;
};

/** A button that looks like JupyterLab's. */
export function Button(props: ButtonProps & { accept?: boolean }): JSX.Element {
  const { accept, className, ...others } = props;
  const style = accept ? 'jp-mod-accept' : 'jp-mod-reject';
  return (
    <PlainButton
      {...others}
      className={`jp-DriveSync-button jp-mod-styled ${style} ${className ?? ''}`}
    />
  );
}

/** A button that looks like a link. */
export function LinkButton(props: ButtonProps): JSX.Element {
  const { className, ...others } = props;
  return (
    <PlainButton
      {...others}
      className={`jp-DriveSync-link ${className ?? ''}`}
    />
  );
}

/** A button without a look of its own. */
export function PlainButton(props: ButtonProps): JSX.Element {
  const { busy, onClick, ...others } = props;
  return (
    <button
      type="button"
      {...others}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
    />
  );
}
