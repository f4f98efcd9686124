import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlan, ISuggestion } from '../api';
import { bytes, duration, files } from '../format';
import { suggestionText } from '../words';

/** What had better stay behind, to be ticked; nothing is left out unless the person says so. */
export function Suggestions(props: {
  plan: IPlan | null;
  /** The lines for .driveignore that are ticked. */
  ignore: readonly string[];
  onIgnore: (ignore: string[]) => void;
  /** Whether the plan is being made anew. */
  busy?: boolean;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { plan, ignore, onIgnore, busy, trans } = props;
  const [offered, setOffered] = React.useState<readonly ISuggestion[]>([]);

  // What is left out is no longer suggested, and yet can be put back.
  React.useEffect(() => {
    const fresh = plan?.suggestions ?? [];
    setOffered(known => [
      ...known,
      ...fresh.filter(
        one => !known.some(({ pattern }) => pattern === one.pattern)
      )
    ]);
  }, [plan]);

  const toggle = (pattern: string) =>
    onIgnore(
      ignore.includes(pattern)
        ? ignore.filter(one => one !== pattern)
        : [...ignore, pattern]
    );
  return offered.length > 0 ? (
    <fieldset className="jp-DriveSync-choices jp-DriveSync-suggestions">
      <legend>{trans.__('Leave these out? They take long:')}</legend>
      {offered.map(one => (
        <label key={one.pattern}>
          <input
            type="checkbox"
            checked={ignore.includes(one.pattern)}
            disabled={busy}
            onChange={() => toggle(one.pattern)}
          />
          <span>
            <code>{one.pattern}</code>
            <span className="jp-DriveSync-rest">
              {trans.__(
                '%1, %2: %3',
                files(one.files, trans),
                bytes(one.bytes, trans),
                suggestionText(one.reason, trans)
              )}
            </span>
          </span>
        </label>
      ))}
      <p className="jp-DriveSync-rest">
        {trans.__('What is ticked is written into .driveignore.')}
      </p>
    </fieldset>
  ) : null;
}

/** What the plan's steps do not say: how long, what is left out, what is made. */
export function Sums(props: {
  plan: IPlan;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { plan, trans } = props;
  const lines: string[] = [];
  if (plan.creates_remote) {
    lines.push(trans.__('The folder over there is new: it will be made.'));
  }
  if (plan.estimate_seconds) {
    lines.push(
      trans.__(
        'It takes about %1. It can be cancelled, and goes on later where it stopped.',
        duration(plan.estimate_seconds, trans)
      )
    );
  }
  const { ignored } = plan;
  if (ignored && (ignored.files > 0 || ignored.folders > 0)) {
    const counted = [
      files(ignored.files, trans),
      trans._n('%1 folder', '%1 folders', ignored.folders),
      bytes(ignored.bytes, trans)
    ];
    lines.push(
      ignored.more
        ? trans.__('Left out: more than %1 and %2, %3.', ...counted)
        : trans.__('Left out: %1 and %2, %3.', ...counted)
    );
  }
  return lines.length > 0 ? (
    <ul className="jp-DriveSync-sums">
      {lines.map(line => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  ) : null;
}
