package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Line.Reject;
import dev.sluice.examples.enrich.Line.Row;
import dev.sluice.examples.enrich.RawRecord.Shape;
import dev.sluice.examples.io.Input;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lookup table in memory: of each row the key and the cells to take. The first of equal keys counts. Thread-safe,
 * because nothing changes after {@link #read}.
 */
final class LookupTable {
    private final Join join;
    private final int feedColumn;
    private final Map<String, List<String>> taken;
    private final long irregular;

    private LookupTable(Join join, int feedColumn, Map<String, List<String>> taken, long irregular) {
        this.join = join;
        this.feedColumn = feedColumn;
        this.taken = taken;
        this.irregular = irregular;
    }

    /** Reads the whole table. */
    static LookupTable read(String file, Join join, Header feed) throws IOException {
        int feedColumn = feed.indexOf(join.column());
        try (RecordReader records = new RecordReader(Input.open(file))) {
            Header header = Header.read(file, records);
            int key = header.indexOf(join.lookupColumn());
            List<Integer> wanted = new ArrayList<>();
            join.taken().forEach(taken -> wanted.add(header.indexOf(taken.column())));
            int needed = 1 + Math.max(key, Collections.max(wanted));
            Map<String, List<String>> table = new HashMap<>();
            long irregular = 0;
            while (records.hasNext()) {
                String[] cells = cells(records.next());
                irregular += cells.length == header.size() ? 0 : 1;
                if (cells.length >= needed) {
                    table.computeIfAbsent(cells[key], k -> pick(cells, wanted));
                }
            }
            return new LookupTable(join, feedColumn, table, irregular);
        }
    }

    private static String[] cells(RawRecord record) {
        boolean readable = record.shape() != Shape.UNCLOSED && Utf8Reader.isText(record.text());
        return readable ? CellParser.cells(record) : new String[0];
    }

    private static List<String> pick(String[] cells, List<Integer> wanted) {
        List<String> picked = new ArrayList<>(wanted.size());
        wanted.forEach(index -> picked.add(cells[index]));
        return List.copyOf(picked);
    }

    /** The number of rows without a regular form; such a row is used only when it has the cells that are needed. */
    long irregular() {
        return irregular;
    }

    /**
     * The row with the taken cells behind its own.
     *
     * @throws Rejected when nothing matches, or the line is a reject already
     */
    Row join(Line line) throws Rejected {
        if (line instanceof Reject) {
            throw new Rejected((Reject) line);
        }
        List<String> cells = ((Row) line).cells();
        String key = cells.get(feedColumn);
        @Nullable List<String> match = taken.get(key);
        if (match == null) {
            throw new Rejected(new Reject(line.source(), "no match for " + join.column() + "=" + key));
        }
        List<String> joined = new ArrayList<>(cells.size() + match.size());
        joined.addAll(cells);
        joined.addAll(match);
        return new Row(line.source(), joined);
    }
}
