import * as React from 'react';

/** A part of the sidebar that folds. */
export function Section(props: {
  title: string;
  count?: number;
  open?: boolean;
  className?: string;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = React.useState(props.open ?? true);
  return (
    <details
      className={`jp-DriveSync-section ${props.className ?? ''}`}
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>
        <h3>
          {props.title}
          {props.count !== undefined && (
            <span className="jp-DriveSync-count">{props.count}</span>
          )}
        </h3>
      </summary>
      {props.children}
    </details>
  );
}
