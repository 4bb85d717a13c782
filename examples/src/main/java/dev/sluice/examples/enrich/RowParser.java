package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Budget.Admitted;
import dev.sluice.examples.enrich.Line.Reject;
import dev.sluice.examples.enrich.Line.Row;
import dev.sluice.examples.enrich.RawRecord.Shape;
import java.util.List;

/**
 * Turns records into rows of the header's width. Thread-safe.
 *
 * @param columns how many cells a row has
 */
record RowParser(int columns) {
    /** The row, or the reason why it is none. */
    Line parse(Admitted source) {
        RawRecord record = source.record();
        if (record.shape() == Shape.UNCLOSED) {
            return new Reject(source, "a quote that never closes");
        }
        if (!Utf8Reader.isText(record.text())) {
            return new Reject(source, "not UTF-8");
        }
        String[] cells = CellParser.cells(record);
        if (cells.length != columns) {
            return new Reject(source, cells.length + " columns instead of " + columns);
        }
        return new Row(source, List.of(cells));
    }
}
