import { targetSpec } from '../components/link/target';
import { containing, contentsPath, plain, relative } from '../paths';
import { status } from './fakes';

describe('a path of the contents API', () => {
  it('is taken without drive name and outer slashes', () => {
    expect(plain('RTC:ml/a.ipynb')).toBe('ml/a.ipynb');
    expect(plain('/ml/')).toBe('ml');
    expect(plain('ml/a:b.txt')).toBe('ml/a:b.txt');
  });

  it('lies in a folder, or not', () => {
    expect(relative('ml', 'ml/spam/a.py')).toBe('spam/a.py');
    expect(relative('ml', 'ml')).toBe('');
    expect(relative('ml', 'mlx/a.py')).toBeNull();
    expect(relative('', 'a.py')).toBe('a.py');
  });
});

describe('the project of a path', () => {
  const projects = [status('ml'), status('thesis')];

  it('is the one that holds it', () => {
    expect(containing(projects, 'thesis/a.tex')).toBe(projects[1]);
    expect(containing(projects, 'other/a.tex')).toBeNull();
  });

  it('is none when its folder lies outside of the server', () => {
    const away = status('away', {
      project: { local: { path: null, display: '/srv/away' } }
    });
    expect(containing([away], 'away/a')).toBeNull();
    expect(contentsPath(away, 'a')).toBeNull();
  });

  it('at the top of the server holds everything', () => {
    const top = status('top', {
      project: { local: { path: '', display: '~' } }
    });
    expect(containing([top], 'a/b.txt')).toBe(top);
    expect(contentsPath(top, 'a/b.txt')).toBe('a/b.txt');
  });
});

describe('the other side', () => {
  const remote = { kind: 'remote', name: 'gdrive', type: 'drive' } as const;

  it.each([
    [{ ...remote, path: '', folder: '' }, 'gdrive:'],
    [{ ...remote, path: 'ml', folder: '' }, 'gdrive:ml'],
    [{ ...remote, path: '', folder: '/spam/' }, 'gdrive:spam'],
    [{ ...remote, path: 'ml', folder: ' spam ' }, 'gdrive:ml/spam'],
    [{ kind: 'folder', path: ' /mnt/x ' } as const, '/mnt/x'],
    [{ kind: 'folder', path: '' } as const, null]
  ])('%j is asked for as %s', (target, spec) => {
    expect(targetSpec(target)).toBe(spec);
  });
});
