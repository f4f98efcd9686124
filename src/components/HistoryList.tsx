import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { HistoryAction, IHistoryRow, IStatus } from '../api';
import { clock } from '../format';
import type { IDriveSyncModel } from '../tokens';
import { historyText, triggerText } from '../words';
import { Arrow } from './Arrow';
import { LinkButton } from './Button';
import { FileName } from './FileName';
import { useDoing, useLoaded, useMounted } from './hooks';
import { ProblemBox } from './ProblemBox';
import { Section } from './Section';
import type { ISidebarActions } from './actions';

/** How many rows are fetched at a time. */
const PAGE = 20;

/** After these there is an earlier version. */
const RESTORABLE: ReadonlySet<HistoryAction> = new Set(['updated', 'deleted']);

/** What was done to which file, newest first. */
export function HistoryList(props: {
  status: IStatus;
  model: Pick<IDriveSyncModel, 'api' | 'now'>;
  actions: ISidebarActions;
  trans: TranslationBundle;
}): JSX.Element {
  const { status, model, actions, trans } = props;
  const { id } = status.project;
  // History grows when a run ends, which is when the word or the last good sync changes.
  const key = `${id} ${status.state.word} ${status.last_good_sync}`;
  const newest = useLoaded(key, () => model.api.history(id, { limit: PAGE }));
  const [older, setOlder] = React.useState<IHistoryRow[]>([]);
  const [more, setMore] = React.useState(true);
  const doing = useDoing();
  const mounted = useMounted();

  const rows = joined(newest.value ?? [], older);
  const canHaveMore = more && (newest.value?.length ?? 0) === PAGE;
  const showMore = async () => {
    const before = rows[rows.length - 1].id;
    const page = await model.api.history(id, { limit: PAGE, before });
    if (mounted.current) {
      setOlder(old => joined(old, page));
      setMore(page.length === PAGE);
    }
  };

  return (
    <Section title={trans.__('History')}>
      {newest.error && <ProblemBox error={newest.error} trans={trans} />}
      {rows.length === 0 && !newest.loading && !newest.error && (
        <p className="jp-DriveSync-rest">
          {trans.__('Nothing was moved yet.')}
        </p>
      )}
      <ul className="jp-DriveSync-list jp-DriveSync-history">
        {rows.map(row => (
          <li key={row.id}>
            <time
              dateTime={row.time}
              title={new Date(row.time).toLocaleString()}
            >
              {clock(row.time, model.now)}
            </time>
            <Arrow direction={row.direction} trans={trans} />
            <FileName
              path={row.path}
              open={
                row.action === 'deleted' || status.project.local.path === null
                  ? undefined
                  : () => actions.openFile(status, row.path)
              }
            />
            <span className="jp-DriveSync-historyMore">
              <span
                className="jp-DriveSync-detail"
                title={[row.detail, triggerText(row.trigger, trans)]
                  .filter(part => part !== '')
                  .join(', ')}
              >
                {historyText(row.action, trans)}
              </span>
              {RESTORABLE.has(row.action) && (
                <LinkButton
                  aria-label={trans.__('Restore an earlier %1', row.path)}
                  onClick={() =>
                    doing.start(() => actions.versions(status, row.path))
                  }
                >
                  {trans.__('Restore')}
                </LinkButton>
              )}
            </span>
          </li>
        ))}
      </ul>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
      {canHaveMore && (
        <LinkButton
          className="jp-DriveSync-showMore"
          busy={doing.busy}
          onClick={() => doing.start(showMore)}
        >
          {trans.__('Show more')}
        </LinkButton>
      )}
    </Section>
  );
}

/** Two stretches of history as one, newest first, each row once. */
function joined(
  first: readonly IHistoryRow[],
  second: readonly IHistoryRow[]
): IHistoryRow[] {
  const known = new Map<number, IHistoryRow>();
  for (const row of [...first, ...second]) {
    known.set(row.id, row);
  }
  return [...known.values()].sort((a, b) => b.id - a.id);
}
