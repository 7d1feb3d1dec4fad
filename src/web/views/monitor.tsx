import { Readings } from './govern/readings.tsx';
import type { ViewProps } from './index.ts';

/** What was read, against what is wanted. */
export const View = (props: ViewProps) => <Readings {...props} limit="threshold" />;
