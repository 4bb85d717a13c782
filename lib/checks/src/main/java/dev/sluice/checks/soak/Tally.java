package dev.sluice.checks.soak;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What has been done, what has been made to go wrong, and what was lost, by name. Any thread may add. */
final class Tally {
    static final String ROUNDS = "rounds";
    static final String TASKS = "tasks";
    static final String ITEMS = "items";
    static final String ELEMENTS = "elements";
    static final String PERMITS = "permits";
    static final String GIVEN_UP = "rounds given up for want of memory";
    static final String MACHINE_ERRORS = "threads and tasks ended by an error of the virtual machine";
    static final String LOST = "lost";
    static final String DOUBLED = "doubled";
    static final String THREADS_LEAKED = "threads leaked";
    static final String PERMITS_LEAKED = "permits leaked";

    /** What has to be 0. */
    static final List<String> WRONG = List.of(LOST, DOUBLED, THREADS_LEAKED, PERMITS_LEAKED);

    private static final String FAULT = "fault: ";
    private static final String LINE = "tally\t";

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    void add(String name, long count) {
        if (count != 0) {
            counts.computeIfAbsent(name, n -> new LongAdder()).add(count);
        }
    }

    void fault(String kind) {
        add(FAULT + kind, 1);
    }

    /** The adder itself, for those who add often. */
    LongAdder faults(String kind) {
        return counts.computeIfAbsent(FAULT + kind, n -> new LongAdder());
    }

    long get(String name) {
        LongAdder count = counts.get(name);
        return count == null ? 0 : count.sum();
    }

    /** All faults together. */
    long faults() {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(FAULT))
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }

    Map<String, Long> faultsByKind() {
        Map<String, Long> faults = new TreeMap<>();
        counts.forEach((name, count) -> {
            if (name.startsWith(FAULT)) {
                faults.put(name.substring(FAULT.length()), count.sum());
            }
        });
        return faults;
    }

    /** What was counted as lost or doubled is a finding, whoever has heard of it. */
    void requireNothingWrong() {
        for (String name : WRONG) {
            if (get(name) != 0) {
                throw new AssertionError(name + ": " + get(name));
            }
        }
    }

    /** All of it on one line, for another process. */
    String toLine() {
        StringBuilder line = new StringBuilder(LINE);
        counts.forEach((name, count) ->
                line.append(name).append('=').append(count.sum()).append('\t'));
        return line.toString();
    }

    static boolean isLine(String line) {
        return line.startsWith(LINE);
    }

    /** Adds what another process has said. */
    void addLine(String line) {
        for (String part : line.substring(LINE.length()).split("\t")) {
            int equals = part.lastIndexOf('=');
            if (equals > 0) {
                add(part.substring(0, equals), Long.parseLong(part.substring(equals + 1)));
            }
        }
    }
}
