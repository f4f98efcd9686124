import { nullTranslator } from '@jupyterlab/translation';
import { readFileSync } from 'fs';
import { load } from 'js-yaml';
import { join } from 'path';

import {
  ACTIONS,
  HELD_REASONS,
  HISTORY_ACTIONS,
  KEEPS,
  PHASES,
  STATE_WORDS,
  STEP_KINDS,
  TRIGGERS,
  WAITING_KINDS,
  WHYS
} from '../api';
import type { StateWord } from '../api';
import { toneIcons } from '../icons';
import { ApiError } from '../request';
import {
  actionText,
  errorText,
  heldText,
  historyText,
  keepAllSentence,
  keepAllText,
  keepText,
  notice,
  phaseText,
  standText,
  stateText,
  stepText,
  triggerText,
  whyText
} from '../words';
import { inState } from './fakes';

const trans = nullTranslator.load('jupyter_drive_sync');

type Schema = { properties: Record<string, { enum?: string[] }> };

interface IPost {
  requestBody: { content: Record<string, { schema: Schema }> };
}

/** The enumerations of the contract. */
function contract(): Record<string, string[] | undefined> {
  const file = join(__dirname, '..', '..', 'api', 'openapi.yaml');
  const { components, paths } = load(readFileSync(file, 'utf8')) as {
    paths: Record<string, { post: IPost }>;
    components: { schemas: Record<string, Schema> };
  };
  const { State, Progress, Held, Step, HistoryRow, Waiting } =
    components.schemas;
  const actions = State.properties.actions as { items?: { enum?: string[] } };
  return {
    state: State.properties.word.enum,
    action: actions.items?.enum,
    phase: Progress.properties.phase.enum,
    held: Held.properties.reason.enum,
    waiting: Waiting.properties.kind.enum,
    why: Waiting.properties.why.enum,
    step: Step.properties.kind.enum,
    history: HistoryRow.properties.action.enum,
    trigger: HistoryRow.properties.trigger.enum,
    keep: paths['/projects/{id}/resolve'].post.requestBody.content[
      'application/json'
    ].schema.properties.keep.enum
  };
}

describe('the words of the interface', () => {
  it('are those of api/openapi.yaml', () => {
    expect({
      state: [...STATE_WORDS],
      action: [...ACTIONS],
      phase: [...PHASES],
      held: [...HELD_REASONS],
      waiting: [...WAITING_KINDS],
      why: [...WHYS],
      step: [...STEP_KINDS],
      history: [...HISTORY_ACTIONS],
      trigger: [...TRIGGERS],
      keep: [...KEEPS]
    }).toEqual(contract());
  });
});

describe('every state', () => {
  it.each(STATE_WORDS)('%s has a title, a sentence and an icon', word => {
    const text = stateText(word, 'drive', trans);
    expect(text.title).not.toBe('');
    expect(text.sentence).toMatch(/\.$/);
    expect(text.short.length).toBeLessThanOrEqual(14);
    expect(toneIcons[text.tone]).toBeDefined();
  });

  it('has a title of its own', () => {
    const titles = STATE_WORDS.map(
      word => stateText(word, 'drive', trans).title
    );
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('says once that the folder is missing, and what to do', () => {
    const { title, sentence } = stateText('remote_missing', 'drive', trans);
    expect(title).toContain('missing');
    expect(sentence).not.toMatch(/missing|gone/);
    expect(sentence).toContain('undo that');
    const hint = sentence;
    const message = `spam-detection: ${title}.`;
    expect(notice({ message, hint })).toContain(hint);
  });

  it('of a plain folder never speaks of Drive', () => {
    for (const word of STATE_WORDS) {
      const { title, sentence } = stateText(word, 'folder', trans);
      expect(`${title} ${sentence}`).not.toContain('Drive');
    }
  });
});

describe('a project of which a runtime has a notebook open', () => {
  const held = [{ reason: 'open_in_runtime' }] as never;
  const text = (word: StateWord) =>
    standText(inState('spam', word, [], { held }), trans);

  it('does not call itself in step while a change of it waits here', () => {
    expect(text('in_sync').title).toBe(
      'In step, but for what is open in Colab'
    );
    expect(text('in_sync').tone).not.toBe('ok');
    expect(text('in_sync').short.length).toBeLessThanOrEqual(14);
  });

  it('says first what is worse', () => {
    expect(text('offline')).toEqual(stateText('offline', 'drive', trans));
  });
});

describe('every word of the wire', () => {
  it('has words for people', () => {
    const all = [
      ...ACTIONS.map(word => actionText(word, { word: 'in_sync' }, trans)),
      ...PHASES.map(word => phaseText(word, trans)),
      ...HELD_REASONS.map(word => heldText(word, 'drive', trans)),
      ...STEP_KINDS.map(word => stepText(word, 'drive', trans).text),
      ...HISTORY_ACTIONS.map(word => historyText(word, trans)),
      ...KEEPS.map(word => keepText(word, 'drive', trans)),
      ...TRIGGERS.map(word => triggerText(word, trans))
    ];
    for (const text of all) {
      expect(text).toMatch(/\S/);
      expect(text).not.toContain('_');
    }
  });

  it('of a plain folder never speaks of Drive', () => {
    const all = [
      ...HELD_REASONS.map(word => heldText(word, 'folder', trans)),
      ...STEP_KINDS.map(word => stepText(word, 'folder', trans).text),
      ...KEEPS.map(word => keepText(word, 'folder', trans)),
      ...KEEPS.map(word => keepAllText(word, 'folder', 2, trans)),
      ...KEEPS.map(word => keepAllSentence(word, 'folder', trans))
    ];
    for (const text of all) {
      expect(text).toMatch(/\S/);
      expect(text).not.toContain('Drive');
    }
  });

  it('says why a file waits where the state does not say it', () => {
    const all = WHYS.map(why => whyText(why, 'it broke', trans));
    expect(all).toContain('failed last time: it broke');
    expect(all.join()).not.toContain('_');
  });

  it('offers to try again only where something failed', () => {
    expect(actionText('sync', { word: 'in_sync' }, trans)).toBe('Sync now');
    expect(actionText('sync', { word: 'failed' }, trans)).toBe('Try again');
  });
});

describe('errors', () => {
  it("keep the server's own message and hint", () => {
    const error = new ApiError(
      { code: 'folder_nested', message: 'ml lies in work.', hint: 'Choose b.' },
      409
    );
    expect(errorText(error, trans)).toEqual({
      message: 'ml lies in work.',
      hint: 'Choose b.'
    });
  });

  it('without a message get one, and what to do', () => {
    const text = errorText(
      { code: 'unreachable', message: '', hint: '' },
      trans
    );
    expect(text.message).toBe('The Jupyter server does not answer.');
    expect(text.hint).not.toBe('');
  });

  it('of an unknown code are named by it', () => {
    expect(
      errorText({ code: 'odd', message: '', hint: '' }, trans).message
    ).toContain('odd');
  });
});

describe('a notification', () => {
  it('is under 140 characters, dropping the hint before the message', () => {
    const message = 'm'.repeat(100);
    expect(notice({ message, hint: 'short' })).toBe(`${message} short`);
    expect(notice({ message, hint: 'h'.repeat(60) })).toBe(message);
    expect(notice({ message: 'm'.repeat(300), hint: '' })).toHaveLength(139);
  });
});
