import * as React from 'react';

/** A button that looks like JupyterLab's. */
export function Button(
  props: React.ButtonHTMLAttributes<HTMLButtonElement> & { accept?: boolean }
): JSX.Element {
  const { accept, className, ...others } = props;
  const style = accept ? 'jp-mod-accept' : 'jp-mod-reject';
  return (
    <button
      type="button"
      {...others}
      className={`jp-DriveSync-button jp-mod-styled ${style} ${className ?? ''}`}
    />
  );
}

/** A button that looks like a link. */
export function LinkButton(
  props: React.ButtonHTMLAttributes<HTMLButtonElement>
): JSX.Element {
  const { className, ...others } = props;
  return (
    <button
      type="button"
      {...others}
      className={`jp-DriveSync-link ${className ?? ''}`}
    />
  );
}
