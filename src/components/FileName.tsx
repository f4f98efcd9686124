import * as React from 'react';

import { basename, dirname } from '../paths';
import { LinkButton } from './Button';

/** A file's name, with its folder in a lighter shade; a button when it can be opened. */
export function FileName(props: {
  path: string;
  open?: () => void;
}): JSX.Element {
  const folder = dirname(props.path);
  const text = (
    <>
      {folder && <span className="jp-DriveSync-folder">{folder}/</span>}
      <span className="jp-DriveSync-name">{basename(props.path)}</span>
    </>
  );
  return props.open ? (
    <LinkButton
      className="jp-DriveSync-file"
      title={props.path}
      onClick={props.open}
    >
      {text}
    </LinkButton>
  ) : (
    <span className="jp-DriveSync-file" title={props.path}>
      {text}
    </span>
  );
}
