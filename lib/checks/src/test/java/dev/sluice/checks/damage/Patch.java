package dev.sluice.checks.damage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A planted bug: a unified diff of one file of {@code lib}, behind some lines that say what it breaks. */
final class Patch {
    private final Path diff;
    private final String file;
    private final List<Hunk> hunks = new ArrayList<>();

    private static final class Hunk {
        final int line;
        final List<String> before = new ArrayList<>();
        final List<String> after = new ArrayList<>();

        Hunk(int line) {
            this.line = line;
        }

        void add(String text) {
            String content = text.isEmpty() ? "" : text.substring(1);
            if (!text.startsWith("+")) {
                before.add(content);
            }
            if (!text.startsWith("-")) {
                after.add(content);
            }
        }
    }

    Patch(Path diff) throws IOException {
        this.diff = diff;
        String changed = null;
        Hunk hunk = null;
        for (String text : Files.readAllLines(diff)) {
            if (text.startsWith("+++ b/")) {
                changed = text.substring("+++ b/".length());
            } else if (text.startsWith("@@ -")) {
                hunk = new Hunk(Integer.parseInt(text.substring(4).split("[, ]")[0]) - 1);
                hunks.add(hunk);
            } else if (hunk != null) {
                hunk.add(text);
            }
        }
        if (changed == null || hunks.isEmpty()) {
            throw new IllegalArgumentException(diff + " changes nothing");
        }
        this.file = changed;
    }

    /** The two digits with which its name begins. */
    String number() {
        return name().substring(0, 2);
    }

    String name() {
        return diff.getFileName().toString().replace(".patch", "");
    }

    /** The file that it changes, from the root of the repository on. */
    String file() {
        return file;
    }

    /** The file with the bug in it. */
    List<String> applyTo(List<String> lines) {
        List<String> all = new ArrayList<>(lines);
        int moved = 0;
        for (Hunk hunk : hunks) {
            int at = find(all, hunk.before, hunk.line + moved);
            if (at < 0) {
                throw new IllegalArgumentException(name() + " does not apply to " + file);
            }
            all.subList(at, at + hunk.before.size()).clear();
            all.addAll(at, hunk.after);
            moved += hunk.after.size() - hunk.before.size();
        }
        return all;
    }

    /** The place nearest to the one that is said. */
    private static int find(List<String> lines, List<String> block, int near) {
        int best = -1;
        for (int at = 0; at <= lines.size() - block.size(); at++) {
            boolean closer = best < 0 || Math.abs(at - near) < Math.abs(best - near);
            if (closer && lines.subList(at, at + block.size()).equals(block)) {
                best = at;
            }
        }
        return best;
    }

    /** All that are planted, in order. */
    static List<Patch> all(Path directory) throws IOException {
        List<Patch> patches = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory, "*.patch")) {
            for (Path file : files) {
                patches.add(new Patch(file));
            }
        }
        patches.sort((one, other) -> one.name().compareTo(other.name()));
        return Collections.unmodifiableList(patches);
    }
}
