/** What goes over the wire about Colab: the same as in api/openapi.yaml. */

export const RUNTIME_STATES = ['running', 'silent', 'ended'] as const;
export type RuntimeState = (typeof RUNTIME_STATES)[number];

/** The cell that connects a notebook in Colab with its project. */
export interface IColabCell {
  source: string;
  /** The tag in the cell's metadata by which it is found again. */
  tag: string;
  /** Of the package that the cell fetches. */
  version: string;
}

/** A graphics card. */
export interface IGpu {
  name: string | null;
  memory_total: number | null;
  memory_used: number | null;
  percent: number | null;
}

/** A machine; what could not be read is null. Sizes in bytes. */
export interface IHost {
  cpus: number | null;
  cpu_percent: number | null;
  ram_total: number | null;
  ram_used: number | null;
  disk_total: number | null;
  disk_free: number | null;
  gpu: IGpu | null;
}

/** The newest checkpoint of a runtime that is on Drive. */
export interface ICheckpoint {
  path: string;
  step: number | null;
  metrics: Record<string, number> | null;
  size: number | null;
  /** When Drive's md5 was seen to agree; null where a mount cannot show it. */
  verified: string | null;
}

/** A metric by step. */
export interface ICurve {
  metric: string;
  points: [step: number, value: number][];
}

/** What is wrong in a runtime now. */
export interface IRuntimeError {
  code: string;
  text: string;
  hint: string;
  since: string | null;
}

/** A notebook that is open in a runtime. */
export interface INotebookThere {
  /** Where it is in the project now; null outside. */
  path: string | null;
  file_id: string | null;
}

/** A machine of Colab's, as its last pulse tells. What a pulse does not tell is null. */
export interface IRuntime {
  runtime: string;
  run: string | null;
  state: RuntimeState;
  end: 'finished' | 'stopped' | null;
  started: string | null;
  /** When its latest pulse was written; where its clock cannot be right, when it was seen first. */
  heard: string;
  every: number | null;
  /** The one that connected last. */
  notebook: INotebookThere | null;
  /** All that have connected there. */
  notebooks: INotebookThere[];
  transport: string | null;
  python: string | null;
  host: IHost | null;
  checkpoint: ICheckpoint | null;
  pending: { files: number; bytes: number };
  /** Files that are not on Drive as they are there now. */
  unverified: number;
  curve: ICurve | null;
  error: IRuntimeError | null;
  environment: { drift: number; text: string } | null;
  outputs: {
    files: number;
    bytes: number;
    /** How many of them came to this computer. */
    here: number;
    /** Why some are not here; else empty. */
    detail: string;
  };
  /** Why its pulse cannot be read. */
  problem: string | null;
}
