import { keyOf, type Sentence, writtenOut } from '../base/sentence.ts';
import type { GateCheck, NextStep, Reason, Step } from './result.ts';

/**
 * Collects what one check finds. What is known to be wrong outweighs what is not known, which outweighs what is
 * right; a check that found nothing at all is missing, never passed.
 */
export class Checking {
  private readonly wrongs: Reason[] = [];
  private readonly unknowns: Reason[] = [];
  private readonly goods: Reason[] = [];
  private readonly steps: { step: Step; whom: (string | Sentence)[] }[] = [];

  constructor(
    private readonly id: string,
    private readonly title: Sentence,
  ) {}

  /** Known to be wrong. */
  wrong(said: Sentence, records: readonly string[], next?: Step): void {
    this.wrongs.push({ ...keyOf(said), text: said.text, records });
    this.step(next);
  }

  /** Not known, or not there. */
  unknown(said: Sentence, records: readonly string[], next?: Step): void {
    this.unknowns.push({ ...keyOf(said), text: said.text, records });
    this.step(next);
  }

  /** Right, or worth knowing. */
  good(said: Sentence, records: readonly string[]): void {
    this.goods.push({ ...keyOf(said), text: said.text, records });
  }

  /** The same thing to do is told once; everybody who must do it is named in it. */
  private step(next: Step | undefined): void {
    if (!next) return;
    const same = this.steps.find(
      ({ step }) => step.text === next.text && step.ref === next.ref && step.action === next.action,
    );
    const whom = same?.whom ?? [];
    if (!same) this.steps.push({ step: next, whom });
    const { who } = next;
    if (who !== undefined && !whom.some((w) => writtenOut(w) === writtenOut(who))) whom.push(who);
  }

  done(): GateCheck {
    const reasons = [...this.wrongs, ...this.unknowns, ...this.goods];
    const status =
      this.wrongs.length > 0
        ? 'failed'
        : this.unknowns.length > 0 || reasons.length === 0
          ? 'missing'
          : 'passed';
    const next = this.steps.map(
      ({ step: { who: _, ...step }, whom }): NextStep =>
        whom.length > 0 ? { ...step, who: writtenOut(whom), whom } : step,
    );
    const { text: title, message: titleMessage } = this.title;
    return { id: this.id, title, titleMessage, status, reasons, next };
  }
}
