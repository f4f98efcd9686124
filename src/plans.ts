/** Counting what a plan does. Pure. */
import type { IPlan } from './api';

/** The number of files that a plan deletes, on both sides together. */
export function deletes(plan: IPlan): number {
  return plan.totals.delete_local + plan.totals.delete_remote;
}

/** The number of files that a plan moves or deletes. */
export function moves(plan: IPlan): number {
  const { push, pull, move } = plan.totals;
  return push + pull + move + deletes(plan);
}
