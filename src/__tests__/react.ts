/** React components on a page, found as a person finds them: by role and name. */
import type * as React from 'react';
import { act } from 'react';
import { createRoot } from 'react-dom/client';

export interface IView {
  node: HTMLElement;
  /** All text on the page. */
  text(): string;
  button(name: string | RegExp): HTMLButtonElement;
  has(name: string | RegExp): boolean;
  click(name: string | RegExp): Promise<void>;
  type(label: string | RegExp, value: string): Promise<void>;
  field(label: string | RegExp): HTMLInputElement;
  close(): void;
}

(globalThis as Record<string, unknown>).IS_REACT_ACT_ENVIRONMENT = true;

export async function show(element: React.ReactElement): Promise<IView> {
  const node = document.createElement('div');
  document.body.appendChild(node);
  const root = createRoot(node);
  await act(async () => root.render(element));
  const fits = (text: string, name: string | RegExp) =>
    typeof name === 'string' ? text === name : name.test(text);
  const nameOf = (found: HTMLElement) =>
    found.getAttribute('aria-label') ?? (found.textContent ?? '').trim();
  const buttons = (name: string | RegExp) =>
    [...node.querySelectorAll('button')].filter(found =>
      fits(nameOf(found), name)
    );
  const view: IView = {
    node,
    text: () => node.textContent ?? '',
    has: name => buttons(name).length > 0,
    button: name => {
      const found = buttons(name);
      if (found.length !== 1) {
        throw new Error(`${found.length} buttons are called ${String(name)}`);
      }
      return found[0];
    },
    click: async name => {
      const button = view.button(name);
      await act(async () => button.click());
    },
    field: label => {
      const found = [...node.querySelectorAll('label')].find(one =>
        fits((one.textContent ?? '').trim(), label)
      );
      const field =
        found?.control ?? node.querySelector(`[id="${found?.htmlFor}"]`);
      if (!(field instanceof HTMLInputElement)) {
        throw new Error(`No field is called ${String(label)}`);
      }
      return field;
    },
    type: async (label, value) => {
      const field = view.field(label);
      const set = Object.getOwnPropertyDescriptor(
        HTMLInputElement.prototype,
        'value'
      )?.set;
      await act(async () => {
        set?.call(field, value);
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
    },
    close: () => {
      act(() => root.unmount());
      node.remove();
    }
  };
  return view;
}

/** Let React do what is due. */
export async function flush(work: () => void = () => undefined): Promise<void> {
  await act(async () => work());
}
