import { listed } from './reading.ts';
import type { GateCheck, NextStep, Reason } from './result.ts';

/**
 * Collects what one check finds. What is known to be wrong outweighs what is not known, which outweighs what is
 * right; a check that found nothing at all is missing, never passed.
 */
export class Checking {
  private readonly wrongs: Reason[] = [];
  private readonly unknowns: Reason[] = [];
  private readonly goods: Reason[] = [];
  private readonly steps: { step: NextStep; who: string[] }[] = [];

  constructor(
    private readonly id: string,
    private readonly title: string,
  ) {}

  /** Known to be wrong. */
  wrong(text: string, records: readonly string[], next?: NextStep): void {
    this.wrongs.push({ text, records });
    this.step(next);
  }

  /** Not known, or not there. */
  unknown(text: string, records: readonly string[], next?: NextStep): void {
    this.unknowns.push({ text, records });
    this.step(next);
  }

  /** Right, or worth knowing. */
  good(text: string, records: readonly string[]): void {
    this.goods.push({ text, records });
  }

  /** The same thing to do is told once; everybody who must do it is named in it. */
  private step(next: NextStep | undefined): void {
    if (!next) return;
    const same = this.steps.find(
      ({ step }) => step.text === next.text && step.ref === next.ref && step.action === next.action,
    );
    const who = same?.who ?? [];
    if (!same) this.steps.push({ step: next, who });
    if (next.who !== undefined && !who.includes(next.who)) who.push(next.who);
  }

  done(): GateCheck {
    const reasons = [...this.wrongs, ...this.unknowns, ...this.goods];
    const status =
      this.wrongs.length > 0
        ? 'failed'
        : this.unknowns.length > 0 || reasons.length === 0
          ? 'missing'
          : 'passed';
    const next = this.steps.map(({ step, who }) => (who.length > 0 ? { ...step, who: listed(who) } : step));
    return { id: this.id, title: this.title, status, reasons, next };
  }
}
