import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IStatus } from '../api';
import { toneIcons } from '../icons';
import { standText } from '../words';

/** One tab for each project; nothing while there is only one. */
export function ProjectSwitcher(props: {
  projects: readonly IStatus[];
  current: IStatus;
  panel: string;
  choose: (id: string) => void;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { projects, current, panel, choose, trans } = props;
  const list = React.useRef<HTMLDivElement>(null);
  if (projects.length < 2) {
    return null;
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = projects.indexOf(current);
    const last = projects.length - 1;
    const next =
      event.key === 'ArrowRight'
        ? (at + 1) % projects.length
        : event.key === 'ArrowLeft'
          ? (at + last) % projects.length
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? last
              : null;
    if (next !== null) {
      event.preventDefault();
      choose(projects[next].project.id);
      const tabs = list.current?.querySelectorAll<HTMLElement>('[role="tab"]');
      tabs?.[next]?.focus();
    }
  };
  return (
    <div
      ref={list}
      className="jp-DriveSync-tabs"
      role="tablist"
      aria-label={trans.__('Projects')}
      onKeyDown={onKeyDown}
    >
      {projects.map(status => {
        const { id, name } = status.project;
        const text = standText(status, trans);
        const Icon = toneIcons[text.tone];
        const selected = id === current.project.id;
        return (
          <button
            key={id}
            type="button"
            role="tab"
            aria-selected={selected}
            aria-controls={panel}
            tabIndex={selected ? 0 : -1}
            title={trans.__('%1: %2', name, text.title)}
            className={`jp-DriveSync-tab jp-DriveSync-tone-${text.tone}`}
            onClick={() => choose(id)}
          >
            <Icon.react tag="span" className="jp-DriveSync-icon" />
            <span>{name}</span>
          </button>
        );
      })}
    </div>
  );
}
