import type { Registers } from '../../../registers/index.ts';
import { Readings } from '../../records/readings.tsx';
import type { ViewProps } from '../index.ts';

/** What was read, against what is wanted. */
export const View = (props: ViewProps<Registers['objective']>) => (
  <Readings {...props} wanted={props.record.values.target} />
);
