import { nullTranslator } from '@jupyterlab/translation';
import { readFileSync } from 'fs';
import { load } from 'js-yaml';
import { join } from 'path';

import { CLIENTS, FLOW_STEPS, QUESTION_TYPES, SCOPES, WAYS } from '../connect';
import { STAGES } from '../connectstages';
import {
  clientText,
  CONSOLE_CHECKED,
  CONSOLE_PAGES,
  consoleWords,
  flowText,
  guideSteps,
  scopeText,
  stageText,
  suggestionText,
  wayText
} from '../words';

const trans = nullTranslator.load('jupyter_drive_sync');
const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'users', 'connect.md'), 'utf8');

/** The rows of the page's table of Google's console: title, address, words. */
function documented(): { title: string; url: string; words: string[] }[] {
  return [
    ...page.matchAll(
      /^\| \[([^\]]+)\]\((https:\/\/console[^)]+)\) \| (.*) \|$/gm
    )
  ].map(([, title, url, words]) => ({
    title,
    url,
    words: consoleWords([words])
  }));
}

describe('the guide through the console of Google', () => {
  const steps = guideSteps(trans);

  it('names the pages and words that the documentation names, in its order', () => {
    expect(
      steps.map(({ title, url, actions, why }) => ({
        title,
        url,
        words: consoleWords([...actions, why])
      }))
    ).toEqual(documented());
  });

  it('was checked on the day that the documentation says', () => {
    expect(page).toContain(`checked on ${CONSOLE_CHECKED}`);
    expect(CONSOLE_CHECKED).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it('says that the console itself could not be tried', () => {
    expect(page).toContain('could not be tried');
  });

  it('leads to each page once, over https, at the console itself', () => {
    expect(steps.map(step => step.url)).toEqual(Object.values(CONSOLE_PAGES));
    expect(new Set(steps.map(step => step.url)).size).toBe(steps.length);
    for (const { url } of steps) {
      expect(new URL(url).origin).toBe('https://console.cloud.google.com');
    }
  });

  it('says for each page what to do and why', () => {
    for (const { actions, why } of steps) {
      expect(actions.length).toBeGreaterThan(0);
      expect(actions.join(' ')).toMatch(/\*\*.+\*\*/);
      for (const text of [...actions, why]) {
        expect(text).toMatch(/[.:]$/);
        expect(text.split('**').length % 2).toBe(1); // none left open
      }
    }
  });

  it('asks for a desktop client and warns of 7 days in Testing', () => {
    const all = steps.flatMap(step => [...step.actions, step.why]).join(' ');
    expect(all).toContain('**Desktop app**');
    expect(all).toContain('after 7 days');
  });
});

describe('the words for connecting', () => {
  type Schemas = Record<
    string,
    { enum?: string[]; properties: Record<string, { enum?: string[] }> }
  >;

  it('are those of api/openapi.yaml', () => {
    const file = readFileSync(join(ROOT, 'api', 'openapi.yaml'), 'utf8');
    const { components, paths } = load(file) as {
      components: { schemas: Schemas };
      paths: Record<
        string,
        {
          post: {
            requestBody: {
              content: Record<string, { schema: Schemas[string] }>;
            };
          };
        }
      >;
    };
    const { Way, Flow, Question, Account } = components.schemas;
    const begin = paths['/connect/flows'].post.requestBody.content;
    expect({
      ways: [...WAYS],
      steps: [...FLOW_STEPS],
      questions: [...QUESTION_TYPES],
      clients: [...CLIENTS],
      scopes: [...SCOPES]
    }).toEqual({
      ways: Way.enum,
      steps: Flow.properties.step.enum,
      questions: Question.properties.type.enum,
      clients: Account.properties.client.enum,
      scopes: begin['application/json'].schema.properties.scope.enum
    });
  });

  it('have a sentence for everything on the wire', () => {
    const all = [
      ...WAYS.map(way => wayText(way, null, trans)).flatMap(text => [
        text.title,
        text.what,
        text.need
      ]),
      ...FLOW_STEPS.map(step => flowText(step, trans)),
      ...SCOPES.map(scope => scopeText(scope, trans)).flatMap(text => [
        text.title,
        text.consequence
      ]),
      ...CLIENTS.filter(client => client !== 'none').map(
        client => clientText(client, trans) ?? ''
      ),
      ...STAGES.map(stage => stageText(stage, trans)),
      ...['environment', 'cache', 'huge', 'data', 'checkpoints'].map(reason =>
        suggestionText(reason, trans)
      )
    ];
    for (const text of all) {
      expect(text).toMatch(/\S/);
      expect(text).not.toContain('_');
    }
  });
});
