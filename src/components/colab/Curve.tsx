import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ICurve } from '../../api';
import { curveText, figure } from '../../words';

const WIDTH = 160;
const HEIGHT = 36;
/** Room for the line's own width and the last point's dot. */
const EDGE = 3;

/** A metric by step: a small line, its name and its latest value. */
export function Curve(props: {
  curve: ICurve;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { curve, trans } = props;
  if (curve.points.length === 0) {
    return null;
  }
  const places = curvePlaces(curve.points);
  const [x, y] = places[places.length - 1];
  const [, latest] = curve.points[curve.points.length - 1];
  const text = curveText(curve, trans);
  return (
    <div className="jp-DriveSync-curve">
      <svg
        role="img"
        aria-label={text}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width={WIDTH}
        height={HEIGHT}
      >
        <title>{text}</title>
        <polyline points={places.map(place => place.join(',')).join(' ')} />
        <circle cx={x} cy={y} r="2.5" />
      </svg>
      <span aria-hidden="true">
        {curve.metric} <strong>{figure(latest)}</strong>
      </span>
    </div>
  );
}

/** Where the points stand in the picture; a metric that never moves is a line in the middle. */
export function curvePlaces(
  points: readonly (readonly [number, number])[]
): [number, number][] {
  const scale = (values: number[], length: number) => {
    const low = Math.min(...values);
    const range = Math.max(...values) - low;
    return (value: number) =>
      range === 0
        ? length / 2
        : EDGE + ((value - low) / range) * (length - 2 * EDGE);
  };
  const across = scale(
    points.map(([step]) => step),
    WIDTH
  );
  const up = scale(
    points.map(([, value]) => value),
    HEIGHT
  );
  const round = (value: number) => Math.round(value * 10) / 10;
  return points.map(([step, value]) => [
    round(across(step)),
    round(HEIGHT - up(value))
  ]);
}
