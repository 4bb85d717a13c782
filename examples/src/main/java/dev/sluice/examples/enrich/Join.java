package dev.sluice.examples.enrich;

import dev.sluice.examples.io.CommandFailure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How feed and lookup table belong together.
 *
 * @param column the feed's column
 * @param lookupColumn the lookup table's column that must be equal to it
 * @param taken what a match adds to a row
 */
record Join(String column, String lookupColumn, List<Taken> taken) {
    /**
     * A column of the lookup table and what it is called in the output.
     *
     * @param column the lookup table's name for it
     * @param as the output's name for it
     */
    record Taken(String column, String as) {}

    /**
     * Reads what was typed.
     *
     * @throws CommandFailure when it has not that form, or a name is given twice
     */
    static Join parse(String on, String take) {
        String[] columns = pair("--on", on, on);
        List<Taken> taken = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String one : take.split(",", -1)) {
            String[] names2 = pair("--take", one, take);
            if (!names.add(names2[1])) {
                throw new CommandFailure("--take " + take + ": two columns are to be called '" + names2[1] + "'");
            }
            taken.add(new Taken(names2[0], names2[1]));
        }
        return new Join(columns[0], columns[1], List.copyOf(taken));
    }

    private static String[] pair(String option, String text, String whole) {
        String[] pair = text.split("=", -1);
        if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
            throw new CommandFailure(option + " " + whole + ": '" + text + "' is not of the form name=name");
        }
        return pair;
    }
}
