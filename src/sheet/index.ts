/** XLSX workbooks: read within limits, written as they come. Knows cells, not registers. */
export { type Cell, columnName, dayOf, momentOf, type WrittenCell } from './cell.ts';
export { type ReadRow, type ReadSheet, readWorkbook } from './read.ts';
export { type Sheet, type SheetColumn, sheetName, type Workbook, writeWorkbook } from './write.ts';
