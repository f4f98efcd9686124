/**
 * The way to a Google client of one's own, page by page of Google's console. Pure.
 *
 * What stands between ** is a word of the console itself and is not translated. The same words,
 * with where they were read, are in docs/users/connect.md; a test holds the two together.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** The day on which names and addresses were last compared with what Google publishes. */
export const CONSOLE_CHECKED = '2026-11-21';

export interface IGuideStep {
  id: 'project' | 'api' | 'branding' | 'audience' | 'client';
  /** The page of the console. */
  url: string;
  title: string;
  /** What to click and fill in, in order. */
  actions: string[];
  /** Why Google wants it. */
  why: string;
}

/** The pages, in the order in which they are needed. */
export const CONSOLE_PAGES: Record<IGuideStep['id'], string> = {
  project: 'https://console.cloud.google.com/projectcreate',
  api: 'https://console.cloud.google.com/apis/library/drive.googleapis.com',
  branding: 'https://console.cloud.google.com/auth/branding',
  audience: 'https://console.cloud.google.com/auth/audience',
  client: 'https://console.cloud.google.com/auth/clients'
};

/** The address of a page of the console, in a project where that is known. */
export function consolePage(
  id: IGuideStep['id'],
  project: string | null = null
): string {
  const url = CONSOLE_PAGES[id];
  return project === null || id === 'project'
    ? url
    : `${url}?project=${encodeURIComponent(project)}`;
}

/** What to do on each page. */
export function guideSteps(trans: TranslationBundle): IGuideStep[] {
  return [
    {
      id: 'project',
      url: CONSOLE_PAGES.project,
      title: trans.__('Make a project'),
      actions: [
        trans.__(
          'Sign in with a Google account. It need not be the one whose Drive you want.'
        ),
        trans.__(
          'As **Project name** take what you like, for instance drive-sync. Press **Create**.'
        )
      ],
      why: trans.__(
        'Google counts what a program does by project. In one of your own you share the limits with nobody. It costs nothing.'
      )
    },
    {
      id: 'api',
      url: CONSOLE_PAGES.api,
      title: trans.__('Switch Drive on for it'),
      actions: [
        trans.__(
          'See that your project stands at the top of the page, then press **Enable**.'
        )
      ],
      why: trans.__(
        'A project may not use Google Drive before the **Google Drive API** is enabled in it.'
      )
    },
    {
      id: 'branding',
      url: CONSOLE_PAGES.branding,
      title: trans.__('Say who asks'),
      actions: [
        trans.__(
          'On **Google Auth Platform** press **Get started**. **App name**: for instance drive-sync. **User support email**: your address.'
        ),
        trans.__(
          '**Audience**: **External**. Choose **Internal** if a school or company gives you this account: then step 4 falls away.'
        ),
        trans.__(
          'Under **Contact Information** your address again; agree to the policy, and press **Create**.'
        )
      ],
      why: trans.__(
        'Google shows this name to whoever is asked for access: you.'
      )
    },
    {
      id: 'audience',
      url: CONSOLE_PAGES.audience,
      title: trans.__('Publish it'),
      actions: [
        trans.__(
          'Press **Publish app** and confirm. **Publishing status** then says **In production**.'
        ),
        trans.__(
          'Is the button grey? On **Branding**, give a home page and a privacy policy page (any page of yours, a free one too) and its domain under **Authorized domains**; save, and come back.'
        ),
        trans.__(
          'Without a page of your own, leave it in **Testing** and add your address under **Test users**.'
        )
      ],
      why: trans.__(
        'In **Testing**, Google ends every sign-in after 7 days. Syncing then stops until you press Sign in again; nothing is lost.'
      )
    },
    {
      id: 'client',
      url: CONSOLE_PAGES.client,
      title: trans.__('Make the client'),
      actions: [
        trans.__(
          'On **Clients** press **Create client**. **Application type**: **Desktop app**. The name does not matter. Press **Create**.'
        ),
        trans.__(
          'Press **Download JSON** before you close that window: Google does not show the secret again.'
        )
      ],
      why: trans.__(
        'A **Desktop app** may bring its answer to a program on your computer. A **Web application** may not, and is refused here.'
      )
    }
  ];
}

/** The console's own words in some texts, each once, in order. */
export function consoleWords(texts: readonly string[]): string[] {
  const found = texts.flatMap(text =>
    [...text.matchAll(/\*\*(.+?)\*\*/g)].map(match => match[1])
  );
  return [...new Set(found)];
}
