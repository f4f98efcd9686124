import * as React from 'react';

/**
 * One line to fill in. The browser is asked not to keep what is typed; a secret is masked.
 */
export function Field(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  secret?: boolean;
  help?: React.ReactNode;
  placeholder?: string;
  invalid?: boolean;
  inputMode?: 'text' | 'numeric';
}): JSX.Element {
  const id = React.useId();
  const helpId = `${id}-help`;
  return (
    <div className="jp-DriveSync-field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className="jp-mod-styled"
        type={props.secret ? 'password' : 'text'}
        // A password manager takes no notice of `off`.
        autoComplete={props.secret ? 'new-password' : 'off'}
        spellCheck={false}
        autoCapitalize="off"
        inputMode={props.inputMode}
        value={props.value}
        placeholder={props.placeholder}
        aria-invalid={props.invalid || undefined}
        aria-describedby={props.help ? helpId : undefined}
        onChange={event => props.onChange(event.target.value)}
      />
      {props.help && (
        <div id={helpId} className="jp-DriveSync-rest">
          {props.help}
        </div>
      )}
    </div>
  );
}
