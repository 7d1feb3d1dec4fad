import type { GateCheck, NextStep, Reason } from './result.ts';

/**
 * Collects what one check finds. What is known to be wrong outweighs what is not known, which outweighs what is
 * right; a check that found nothing at all is missing, never passed.
 */
export class Checking {
  private readonly wrongs: Reason[] = [];
  private readonly unknowns: Reason[] = [];
  private readonly goods: Reason[] = [];
  private readonly steps: NextStep[] = [];

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

  private step(next: NextStep | undefined): void {
    if (next && !this.steps.some((s) => s.text === next.text)) this.steps.push(next);
  }

  done(): GateCheck {
    const reasons = [...this.wrongs, ...this.unknowns, ...this.goods];
    const status =
      this.wrongs.length > 0
        ? 'failed'
        : this.unknowns.length > 0 || reasons.length === 0
          ? 'missing'
          : 'passed';
    return { id: this.id, title: this.title, status, reasons, next: this.steps };
  }
}
