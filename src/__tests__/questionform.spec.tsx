import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { QuestionForm } from '../components/connect/QuestionForm';
import { questionFault } from '../components/connect/questions';
import type { IQuestion } from '../connect';
import { question } from './fakeconnect';
import type { IView } from './react';
import { flush, show } from './react';

const trans = nullTranslator.load('jupyter_drive_sync');

describe('a question of a storage', () => {
  let view: IView;
  const answer = jest.fn();

  const ask = async (parts: Partial<IQuestion>) => {
    answer.mockReset();
    view = await show(
      <QuestionForm
        question={question(parts)}
        busy={false}
        onAnswer={answer}
        trans={trans}
      />
    );
  };
  const next = () =>
    flush(() => view.node.querySelector('form')!.requestSubmit());

  afterEach(() => view.close());

  it('is asked with its help, and answered with Enter', async () => {
    await ask({});
    expect(view.text()).toContain('With https, if it can.');
    await view.type('URL of the server', ' https://a.example ');
    await next();
    expect(answer).toHaveBeenCalledWith('https://a.example');
  });

  it('that is needed is not left empty, and says so beside the field', async () => {
    await ask({});
    await next();
    expect(answer).not.toHaveBeenCalled();
    const field = view.field('URL of the server');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const described = (field.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map(id => document.getElementById(id)?.textContent ?? '');
    expect(described.join(' ')).toContain('This is needed to go on.');
  });

  it('shows why the server did not take the answer', async () => {
    await ask({ error: 'There is nothing at that address.' });
    expect(view.node.querySelector('[role="alert"]')?.textContent).toBe(
      'There is nothing at that address.'
    );
  });

  it('begins with its default, but never with a secret one', async () => {
    await ask({ default: 'eu-west-1' });
    expect(view.field('URL of the server').value).toBe('eu-west-1');
    view.close();
    await ask({ default: 'hidden', secret: true, label: 'Password' });
    const field = view.field('Password');
    expect(field.value).toBe('');
    expect(field.type).toBe('password');
    expect(field.autocomplete).toBe('new-password');
    expect(view.node.innerHTML).not.toContain('hidden');
  });

  it('with yes or no has two buttons', async () => {
    await ask({ type: 'bool', label: 'Advanced?', default: 'false' });
    expect(view.field('No').checked).toBe(true);
    await flush(() => view.field('Yes').click());
    await next();
    expect(answer).toHaveBeenCalledWith('true');
  });

  it('with few choices shows them, with many has a list to pick from', async () => {
    const choices = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        value: `v${n}`,
        help: `Help ${n}`
      }));
    await ask({ type: 'choice', exclusive: true, choices: choices(3) });
    await flush(() => view.field(/^Help 1/).click());
    await next();
    expect(answer).toHaveBeenCalledWith('v1');
    view.close();
    await ask({
      type: 'choice',
      exclusive: true,
      choices: choices(30),
      default: 'v4'
    });
    const select = view.node.querySelector('select')!;
    expect(select.value).toBe('v4');
    expect(select.options).toHaveLength(30);
    await next();
    expect(answer).toHaveBeenCalledWith('v4');
  });

  it('with suggestions takes others as well', async () => {
    await ask({ type: 'choice', choices: [{ value: 'us', help: 'USA' }] });
    await flush(() => view.field('Something else').click());
    const field = view.node.querySelector<HTMLInputElement>(
      'input[aria-label="URL of the server"]'
    )!;
    await flush(() => {
      Object.getOwnPropertyDescriptor(
        HTMLInputElement.prototype,
        'value'
      )!.set!.call(field, 'mars');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await next();
    expect(answer).toHaveBeenCalledWith('mars');
  });

  it('that asks where on Drive offers My Drive and the shared drives', async () => {
    await ask({
      name: 'team_drive',
      label: 'Which drive?',
      type: 'choice',
      required: false,
      exclusive: true,
      choices: [
        { value: '', help: 'My Drive' },
        { value: '0AB', help: 'Lab' }
      ]
    });
    expect(view.field(/^My Drive/).checked).toBe(true);
    await flush(() => view.field(/^Lab/).click());
    await next();
    expect(answer).toHaveBeenCalledWith('0AB');
  });
});

describe('an answer', () => {
  it.each<[Partial<IQuestion>, string, boolean]>([
    [{ type: 'int' }, '12', true],
    [{ type: 'int' }, '1.5', false],
    [{ type: 'size' }, '64Mi', true],
    [{ type: 'size' }, '1.5G', true],
    [{ type: 'size' }, 'off', true],
    [{ type: 'size' }, 'big', false],
    [{ type: 'duration' }, '1h15m', true],
    [{ type: 'duration' }, '1m0s', true],
    [{ type: 'duration' }, 'soon', false],
    [{ type: 'string', required: false }, '', true],
    [{ type: 'string' }, '', false],
    [{ type: 'choice', exclusive: true }, 'none of them', false]
  ])('to %j: %s', (parts, value, good) => {
    const fault = questionFault(question(parts), value, trans);
    expect(fault === null).toBe(good);
  });
});
