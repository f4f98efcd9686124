import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IQuestion } from '../../connect';
import { Button } from '../Button';
import { questionFault } from './questions';

/** So many choices are shown side by side; more become a list to pick from. */
const SIDE_BY_SIDE = 6;

/** Questions whose values are ids, which tell a person nothing. */
const PLAIN: ReadonlySet<string> = new Set(['team_drive', 'root_folder']);

/** One question of rclone, as a form. */
export function QuestionForm(props: {
  question: IQuestion;
  busy: boolean;
  onAnswer: (value: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { question, busy, onAnswer, trans } = props;
  const [value, setValue] = React.useState(
    question.secret ? '' : question.default
  );
  const [fault, setFault] = React.useState<string | null>(null);
  // Something that is not among the choices is being typed.
  const [own, setOwn] = React.useState(false);
  const id = React.useId();
  const error = fault ?? question.error;
  const described = `${id}-help${error ? ` ${id}-error` : ''}`;
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    const found = questionFault(question, value, trans);
    setFault(found);
    if (found === null && !busy) {
      onAnswer(question.type === 'text' ? value : value.trim());
    }
  };
  const set = (next: string) => {
    setFault(null);
    setValue(next);
  };
  const common = {
    id,
    'aria-describedby': described,
    'aria-invalid': error ? true : undefined,
    'aria-required': question.required || undefined
  };
  const choices =
    question.type === 'bool'
      ? [
          { value: 'true', help: trans.__('Yes') },
          { value: 'false', help: trans.__('No') }
        ]
      : question.choices;
  const radios =
    question.type === 'bool' ||
    (question.type === 'choice' &&
      choices.length > 0 &&
      choices.length <= SIDE_BY_SIDE);
  const open = radios && question.type === 'choice' && !question.exclusive;

  return (
    <form
      className="jp-DriveSync-question"
      data-question={question.name}
      autoComplete="off"
      noValidate={true}
      onSubmit={submit}
    >
      <div id={`${id}-help`} className="jp-DriveSync-questionHelp">
        {question.help
          .split(/\n{2,}/)
          .filter(part => part.trim())
          .map((part, index) => (
            <p key={index}>{part}</p>
          ))}
      </div>
      {radios ? (
        <fieldset className="jp-DriveSync-choices" aria-describedby={described}>
          <legend>{question.label}</legend>
          {choices.map(choice => (
            <label key={choice.value}>
              <input
                type="radio"
                name={id}
                checked={!own && value === choice.value}
                onChange={() => {
                  setOwn(false);
                  set(choice.value);
                }}
              />
              <span>
                <span>{choice.help || choice.value}</span>
                {!PLAIN.has(question.name) &&
                  question.type !== 'bool' &&
                  choice.help &&
                  choice.value &&
                  choice.help !== choice.value && (
                    <span className="jp-DriveSync-rest">{choice.value}</span>
                  )}
              </span>
            </label>
          ))}
          {open && (
            <label>
              <input
                type="radio"
                name={id}
                checked={own}
                onChange={() => {
                  setOwn(true);
                  set('');
                }}
              />
              <span>{trans.__('Something else')}</span>
            </label>
          )}
          {open && own && (
            <input
              {...common}
              className="jp-mod-styled"
              aria-label={question.label}
              autoComplete="off"
              spellCheck={false}
              value={value}
              onChange={event => set(event.target.value)}
            />
          )}
        </fieldset>
      ) : (
        <div className="jp-DriveSync-field">
          <label htmlFor={id}>{question.label}</label>
          {question.exclusive && choices.length > 0 ? (
            <select
              {...common}
              className="jp-mod-styled"
              value={value}
              onChange={event => set(event.target.value)}
            >
              {!choices.some(choice => choice.value === value) && (
                <option value={value}>{trans.__('Choose…')}</option>
              )}
              {choices.map(choice => (
                <option key={choice.value} value={choice.value}>
                  {choice.help && choice.help !== choice.value
                    ? trans.__('%1: %2', choice.value, choice.help)
                    : choice.value}
                </option>
              ))}
            </select>
          ) : question.type === 'text' && !question.secret ? (
            <textarea
              {...common}
              rows={5}
              className="jp-mod-styled"
              autoComplete="off"
              spellCheck={false}
              value={value}
              onChange={event => set(event.target.value)}
            />
          ) : (
            <input
              {...common}
              className="jp-mod-styled"
              type={question.secret ? 'password' : 'text'}
              autoComplete={question.secret ? 'new-password' : 'off'}
              spellCheck={false}
              inputMode={question.type === 'int' ? 'numeric' : undefined}
              list={choices.length > 0 ? `${id}-list` : undefined}
              placeholder={placeholder(question, trans)}
              value={value}
              onChange={event => set(event.target.value)}
            />
          )}
          {choices.length > 0 && !question.exclusive && (
            <datalist id={`${id}-list`}>
              {choices.map(choice => (
                <option key={choice.value} value={choice.value}>
                  {choice.help}
                </option>
              ))}
            </datalist>
          )}
        </div>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="jp-DriveSync-fault">
          {error}
        </p>
      )}
      <div className="jp-DriveSync-row">
        <Button type="submit" accept={true} busy={busy}>
          {trans.__('Next')}
        </Button>
        {!question.required && (
          <span className="jp-DriveSync-rest">
            {trans.__('May stay as it is.')}
          </span>
        )}
      </div>
    </form>
  );
}

function placeholder(
  question: IQuestion,
  trans: TranslationBundle
): string | undefined {
  switch (question.type) {
    case 'size':
      return trans.__('for instance 64M');
    case 'duration':
      return trans.__('for instance 1m30s');
    default:
      return undefined;
  }
}
