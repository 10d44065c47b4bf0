// Writes a workbook with exceljs: node exceljs.mjs SPECIFICATION.json OUT. Its zip has data descriptors.
import { readFileSync } from "node:fs";
import exceljs from "exceljs";

const [specification, out] = process.argv.slice(2);
const book = new exceljs.Workbook();
const { sheets } = JSON.parse(readFileSync(specification, "utf8"));
for (const { name, hidden, rows, formats, merged, hiddenRows, formulas } of sheets) {
  const sheet = book.addWorksheet(name, { state: hidden ? "hidden" : "visible" });
  rows.forEach((row) => sheet.addRow(row));
  for (const [cell, format] of Object.entries(formats)) sheet.getCell(cell).numFmt = format;
  for (const [cell, formula] of Object.entries(formulas)) {
    sheet.getCell(cell).value = { formula, result: sheet.getCell(cell).value };
  }
  merged.forEach((range) => sheet.mergeCells(range));
  hiddenRows.forEach((row) => { sheet.getRow(row).hidden = true; });
}
await book.xlsx.writeFile(out);
