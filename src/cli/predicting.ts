/** A plan with what it will do to callers. */
import { predictionOf, withPrediction } from '../engine/measure.js';
import type { Planned } from '../engine/planning.js';
import { sha256 } from '../files/digest.js';
import type { PredictOptions } from './at-time.js';
import type { Session } from './session.js';

/** The same plan, and beside its digest what it will do to callers. */
export async function predicting(
  session: Session,
  planned: Planned,
  { predict = true, predictAt }: PredictOptions,
): Promise<Planned> {
  if (!predict) return planned;
  const { client } = session;
  const atMs = predictAt?.(client.nowMs()) ?? null;
  const at = atMs === null ? null : `${new Date(atMs).toISOString().slice(0, 16)}Z`;
  const ports = { reader: client, hash: sha256 };
  const widen = session.environment.prediction.widen ?? undefined;
  const request = { atMs, at, widen };
  const prediction = await predictionOf(ports, planned, planned.binding, request);
  return { ...planned, plan: withPrediction(planned.plan, prediction, client.requests()) };
}
