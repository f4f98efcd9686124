import { asPlace, PlaceKeeper } from '../placekeeper';

describe('the place on the page that connects', () => {
  const keeper = new PlaceKeeper('connect:http://localhost/');
  afterEach(() => {
    jest.restoreAllMocks();
    sessionStorage.clear();
  });

  it('is there again at once, and only for the same server', () => {
    keeper.save({ flow: 'f1' });
    expect(keeper.load()).toEqual({ flow: 'f1' });
    expect(new PlaceKeeper('connect:http://other/').load()).toEqual({});
  });

  it('is the beginning where nothing, or nonsense, was kept', () => {
    expect(keeper.load()).toEqual({});
    jest.spyOn(console, 'warn').mockImplementation();
    sessionStorage.setItem('connect:http://localhost/', 'nonsense');
    expect(keeper.load()).toEqual({});
    expect(asPlace(null)).toEqual({});
    expect(asPlace({ flow: 3, connected: 'gdrive', more: 1 })).toEqual({
      connected: 'gdrive'
    });
  });

  it('is the beginning where the browser keeps nothing', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('forbidden');
    });
    keeper.save({ flow: 'f1' });
    expect(warn).toHaveBeenCalled();
    expect(keeper.load()).toEqual({});
  });
});
