package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.RawRecord.Shape;
import dev.sluice.examples.io.CommandFailure;
import java.util.List;

/**
 * The names of a file's columns.
 *
 * @param file what to call the file in a message
 * @param columns the names, in order
 */
record Header(String file, List<String> columns) {
    /**
     * Reads the first record.
     *
     * @throws CommandFailure when there is none that can be read
     */
    static Header read(String file, RecordReader records) {
        if (!records.hasNext()) {
            throw new CommandFailure(file + ": no header row");
        }
        RawRecord first = records.next();
        if (first.shape() == Shape.UNCLOSED) {
            throw new CommandFailure(file + ": no header row: on line " + first.line() + " a quote never closes");
        }
        if (!Utf8Reader.isText(first.text())) {
            throw new CommandFailure(file + ": the header row is not UTF-8");
        }
        return new Header(file, List.of(CellParser.cells(first)));
    }

    int size() {
        return columns.size();
    }

    /**
     * Where the column is.
     *
     * @throws CommandFailure when there is none of that name, or more than one
     */
    int indexOf(String column) {
        int index = columns.indexOf(column);
        if (index < 0) {
            throw new CommandFailure(file + ": no column '" + column + "'; there are " + String.join(", ", columns));
        }
        if (index != columns.lastIndexOf(column)) {
            throw new CommandFailure(file + ": more than one column is called '" + column + "'");
        }
        return index;
    }
}
