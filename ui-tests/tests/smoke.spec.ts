import { expect, test } from '../fixtures';

test('JupyterLab opens with the Drive Sync sidebar beside it', async ({
  page
}) => {
  await expect(
    page.getByRole('tablist', { name: 'main sidebar' }).getByRole('tab', {
      name: 'Drive Sync'
    })
  ).toBeVisible();
});
