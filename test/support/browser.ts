import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** The browser of the tests, and what axe finds on a page as it stands. */

const { resolve } = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));
const AXE = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');

/** Not in one process: closing one context would end the browser. With the web's own security, and without drawing what nobody sees by 3D. */
const UNWANTED =
  /^--(single-process|no-zygote|disable-web-security|use-gl|use-angle|enable-unsafe-swiftshader|ignore-gpu-blocklist|in-process-gpu)\b/;

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: [
      ...sparticuz.args.filter((a) => !UNWANTED.test(a)),
      '--disable-gpu',
      '--disable-software-rasterizer',
    ],
    headless: true,
  });
}

export interface Barrier {
  impact: string;
  text: string;
}

/** Rules that look at colours; a theme changes nothing else. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * What axe finds. Its code stays in the page until that is loaded anew: bringing it along each time takes most of the time. Contrast is
 * looked at for the first three texts of each kind at each width (the same elements around it, of the same classes and computed colours,
 * size and weight), on whichever page they come first: for all others it would be reckoned from the same numbers.
 */
export async function barriers(
  page: Page,
  o: { exclude?: string[]; colours?: boolean } = {},
): Promise<Barrier[]> {
  if (page.frames().length > 1) throw new Error('frames within a page are not looked into');
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  return page.evaluate(
    async ({ exclude, rules }) => {
      const own = window as unknown as { axe: typeof import('axe-core'); kinds?: Map<string, number> };
      const { axe } = own;
      // Colours on their way are neither the old nor the new ones.
      const moving = document.getAnimations().filter((a) => a instanceof CSSTransition);
      await Promise.all(moving.map((a) => a.finished.catch(() => undefined)));
      const surroundings = new Map<Element | null, string>([[null, '']]);
      const around = (e: Element): string => {
        const known = surroundings.get(e);
        if (known !== undefined) return known;
        const s = getComputedStyle(e);
        const here = `${e.tagName}.${e.getAttribute('class') ?? ''}|${s.color}|${s.backgroundColor}|${s.backgroundImage}|${s.opacity}|${s.filter}|${s.mixBlendMode}|${s.position}|${s.zIndex}|${s.fontSize}|${s.fontWeight}|${s.textShadow}`;
        const all = `${here}<${around(e.parentElement as Element)}`;
        surroundings.set(e, all);
        return all;
      };
      own.kinds ??= new Map();
      const seen = own.kinds;
      for (const e of document.querySelectorAll('body, body *')) {
        const texts = [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE);
        const text = texts
          .map((n) => n.textContent)
          .join('')
          .trim();
        const control = e.matches('input, select, textarea, button');
        if (!(text || control) || !e.checkVisibility({ visibilityProperty: true })) continue;
        // Disabled controls are exempt, and signs alone are judged otherwise than words.
        const off =
          !!e.closest('[disabled], [aria-disabled=true]') ||
          e.closest('label')?.control?.matches(':disabled') === true;
        const letters = Math.min(2, text.match(/[\p{L}\p{N}]/gu)?.length ?? 0);
        const kind = `${innerWidth} ${off} ${letters} ${Math.min(2, text.length)} ${around(e)}`;
        const times = seen.get(kind) ?? 0;
        seen.set(kind, times + 1);
        if (times < 3) e.setAttribute('data-contrast', 'yes');
      }
      axe.configure({
        rules: [{ id: 'color-contrast', selector: '[data-contrast]' } as import('axe-core').Rule],
      });
      const { violations } = await axe.run(
        { exclude: exclude.map((s) => [s]) },
        { resultTypes: ['violations'], elementRef: false, ...(rules ? { runOnly: rules } : {}) },
      );
      for (const e of document.querySelectorAll('[data-contrast]')) e.removeAttribute('data-contrast');
      return violations.map((v) => ({
        impact: v.impact ?? '',
        text: `${v.id} ${v.nodes[0]?.target.join(' ').replaceAll('[data-contrast="yes"]', '')}`,
      }));
    },
    { exclude: o.exclude ?? [], rules: o.colours ? COLOURS : undefined },
  );
}

/** Accessibility of the page as it stands, in both themes; every finding is named. */
export async function accessible(page: Page, where: string): Promise<void> {
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const { text } of await barriers(page, { colours: scheme === 'dark' }))
      found.push(`${where} ${scheme}: ${text}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  expect(found).toEqual([]);
}
