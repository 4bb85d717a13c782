package dev.sluice.checks.soak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The books of all machines, and what they have found. */
final class Report {
    private final long seed;
    private final long begun = System.nanoTime();
    private final Tally tally = new Tally();
    private final List<String> found = new CopyOnWriteArrayList<>();

    Report(long seed) {
        this.seed = seed;
    }

    void add(String line) {
        if (!line.isEmpty()) {
            tally.addLine(line);
        }
        tally.add("machines", 1);
    }

    void found(String what) {
        System.out.println(what);
        found.add(what);
    }

    int found() {
        return found.size();
    }

    String text(String verdict) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                "soak, seed %d, Java %s: %s after %.0f s, %,d rounds in %d virtual machines%n",
                seed,
                Runtime.version(),
                verdict,
                (System.nanoTime() - begun) / 1e9,
                tally.get(Tally.ROUNDS),
                tally.get("machines")));
        for (String name : List.of(Tally.TASKS, Tally.ITEMS, Tally.ELEMENTS, Tally.PERMITS)) {
            text.append(String.format("%-16s %,15d%n", name, tally.get(name)));
        }
        text.append(String.format("%-16s %,15d%n", "faults injected", tally.faults()));
        tally.faultsByKind().forEach((kind, count) -> text.append(String.format("    %-40s %,12d%n", kind, count)));
        for (String name : List.of(Tally.GIVEN_UP, Tally.MACHINE_ERRORS)) {
            text.append(String.format("%s: %,d%n", name, tally.get(name)));
        }
        for (String name : Tally.WRONG) {
            text.append(String.format("%-16s %,15d%n", name, tally.get(name)));
        }
        text.append(String.format("%-16s %,15d%n", "found", found.size()));
        found.forEach(what -> text.append(what).append(System.lineSeparator()));
        return text.toString();
    }
}
