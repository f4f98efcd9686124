import * as React from 'react';

/** Text in which **words of another program's page** stand out. */
export function Rich(props: { text: string }): JSX.Element {
  return (
    <>
      {props.text
        .split('**')
        .map((part, index) =>
          index % 2 === 1 ? <strong key={index}>{part}</strong> : part
        )}
    </>
  );
}

/** A link to another site, in a tab of its own. */
export function OutLink(props: {
  href: string;
  className?: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <a
      href={props.href}
      className={props.className}
      target="_blank"
      rel="noopener noreferrer"
    >
      {props.children}
    </a>
  );
}
