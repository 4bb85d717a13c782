package dev.sluice.examples.fetch;

import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * File names for URLs: the last part of the path, without anything that a file system or a shell could take for more
 * than a name, and each only once. Not thread-safe.
 */
final class SafeNames {
    private static final int LONGEST = 100;

    private final Set<String> given = new HashSet<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** A name that has not been given before, also where capital letters do not count. */
    String nameFor(URI uri) {
        String name = lastPart(uri);
        String unique = name;
        while (!given.add(unique.toLowerCase(Locale.ROOT))) {
            unique = numbered(name, numbers.merge(name, 2, (last, two) -> last + 1));
        }
        return unique;
    }

    private static String lastPart(URI uri) {
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        String end = last.substring(Math.max(0, last.length() - LONGEST));
        String safe = end.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^[.-]+|[.]+$", "");
        return safe.isEmpty() ? "index" : safe;
    }

    private static String numbered(String name, int number) {
        int dot = name.lastIndexOf('.');
        return dot < 1 ? name + "-" + number : name.substring(0, dot) + "-" + number + name.substring(dot);
    }
}
