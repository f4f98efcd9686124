import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button } from '../Button';

/** Larger files are none of those that are asked for here. */
const LARGEST = 100_000;

/**
 * A place to drop, choose or paste a small file that holds a secret.
 *
 * Its text goes to `onText` and is never shown.
 */
export function SecretFile(props: {
  /** What the file is, for instance "client_secret_….json". */
  label: string;
  /** What was understood of the file; null while there is none. */
  taken: React.ReactNode;
  busy: boolean;
  onText: (text: string) => void;
  /** The file cannot be one that is asked for. */
  onTooLarge: () => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { busy, label, taken, onText, onTooLarge, trans } = props;
  const [over, setOver] = React.useState(false);
  const input = React.useRef<HTMLInputElement>(null);
  const area = React.useId();

  const read = (file: File | undefined): void => {
    if (file === undefined) {
      return;
    }
    if (file.size > LARGEST) {
      onTooLarge();
      return;
    }
    const reader = new FileReader();
    reader.onload = () => onText(String(reader.result));
    reader.onerror = () => onTooLarge();
    reader.readAsText(file);
  };
  const paste = (event: React.ClipboardEvent<HTMLDivElement>): void => {
    const [file] = event.clipboardData.files;
    const text = event.clipboardData.getData('text/plain');
    if (file) {
      event.preventDefault();
      read(file);
    } else if (text.trim()) {
      event.preventDefault();
      onText(text);
    }
  };

  return (
    <div
      className={`jp-DriveSync-drop ${over ? 'jp-mod-over' : ''}`}
      role="group"
      aria-labelledby={area}
      tabIndex={0}
      onPaste={paste}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        read(event.dataTransfer.files[0]);
      }}
    >
      <p id={area}>
        {trans.__('Drop %1 here, paste its text, or choose it:', label)}
      </p>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden={true}
        aria-label={label}
        onChange={event => {
          read(event.target.files?.[0]);
          event.target.value = ''; // the same file may be chosen again
        }}
      />
      <Button busy={busy} onClick={() => input.current?.click()}>
        {trans.__('Choose the file…')}
      </Button>
      <div role="status">{taken}</div>
    </div>
  );
}
