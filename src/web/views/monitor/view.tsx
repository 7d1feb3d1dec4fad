import type { Registers } from '../../../registers/index.ts';
import { Readings } from '../../records/readings.tsx';
import type { ViewProps } from '../index.ts';

/** What was read, against what is wanted. */
export const View = (props: ViewProps<Registers['monitor']>) => (
  <Readings {...props} wanted={props.record.values.threshold} />
);
