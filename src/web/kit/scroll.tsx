import type { ReactNode, Ref } from 'react';

interface ScrollProps {
  label: string;
  className?: string;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}

/** A region that scrolls by itself: named, and reachable by keyboard, because some browsers do not make it so. */
export function Scroll({ label, className = 'overflow-x-auto', ref, children }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the region cannot be scrolled by keyboard
    <section ref={ref} aria-label={label} className={`relative ${className}`} tabIndex={0}>
      {children}
    </section>
  );
}
