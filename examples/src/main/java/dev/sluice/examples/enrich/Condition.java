package dev.sluice.examples.enrich;

import dev.sluice.examples.io.CommandFailure;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a row must be to go on: {@code column=value}, {@code column!=value}, {@code column<number} or
 * {@code column>number}. A cell that is no number is neither less nor greater.
 *
 * @param column the column's name
 * @param cell says whether the cell will do
 */
record Condition(String column, Predicate<String> cell) {
    private static final Pattern FORM = Pattern.compile("([^=!<>]+)(!=|=|<|>)(.*)", Pattern.DOTALL);

    /**
     * Reads what was typed.
     *
     * @throws CommandFailure when it is no condition
     */
    static Condition parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new CommandFailure(
                    "--where '" + text + "' is not column=value, column!=value, column<number or" + " column>number");
        }
        String value = parts.group(3);
        return new Condition(
                parts.group(1),
                switch (parts.group(2)) {
                    case "=" -> value::equals;
                    case "!=" -> cell -> !cell.equals(value);
                    case "<" -> compared(text, value, (cell, bound) -> cell < bound);
                    default -> compared(text, value, (cell, bound) -> cell > bound);
                });
    }

    private static Predicate<String> compared(String text, String value, Comparison comparison) {
        OptionalDouble bound = Numbers.parse(value);
        if (bound.isEmpty()) {
            throw new CommandFailure("--where '" + text + "': '" + value + "' is not a number");
        }
        return cell -> {
            OptionalDouble number = Numbers.parse(cell);
            return number.isPresent() && comparison.holds(number.getAsDouble(), bound.getAsDouble());
        };
    }

    /** One test for rows of this header: all of the conditions. */
    static Predicate<List<String>> all(List<Condition> conditions, Header header) {
        Predicate<List<String>> all = cells -> true;
        for (Condition condition : conditions) {
            int index = header.indexOf(condition.column());
            all = all.and(cells -> condition.cell().test(cells.get(index)));
        }
        return all;
    }

    private interface Comparison {
        boolean holds(double cell, double bound);
    }
}
