package dev.sluice.examples.enrich;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.FileName;
import dev.sluice.examples.io.Input;
import dev.sluice.examples.io.OutputFile;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done.
 *
 * @param in the feed; {@code -} is the standard input
 * @param out where the rows go
 * @param lookup the lookup table
 * @param join how the two belong together
 * @param where what a row must be to go on
 * @param rejects where the rejects go, if anywhere
 * @param diagram where the picture of the run goes, if anywhere
 * @param workers how many threads parse
 */
record Request(
        String in,
        String out,
        String lookup,
        Join join,
        List<Condition> where,
        @Nullable String rejects,
        @Nullable String diagram,
        int workers) {
    /**
     * Makes sure that nothing is written over what is read, nor two results over one another.
     *
     * @throws CommandFailure when it would be
     */
    void checkFiles() {
        checkOutput("--out", out);
        if (rejects != null) {
            checkOutput("--rejects", rejects);
            boolean mixed = OutputFile.isStandardOutput(out) && OutputFile.isStandardOutput(rejects);
            if (mixed || (!out.equals("/dev/null") && same(out, rejects))) {
                throw new CommandFailure("--out and --rejects are the same file: " + rejects);
            }
        }
        if (diagram != null) {
            checkOutput("--diagram", diagram);
            if (isAlso(diagram, out) || (rejects != null && isAlso(diagram, rejects))) {
                throw new CommandFailure("--diagram is the same file as another output: " + diagram);
            }
        }
    }

    private static boolean isAlso(String one, String other) {
        boolean mixed = OutputFile.isStandardOutput(one) && OutputFile.isStandardOutput(other);
        return mixed || (OutputFile.isReplaced(one) && same(one, other));
    }

    private void checkOutput(String option, String output) {
        if (OutputFile.isReplaced(output)) {
            if (!in.equals(Input.STANDARD) && same(output, in)) {
                throw new CommandFailure(option + " and --in are the same file: " + output);
            }
            if (same(output, lookup)) {
                throw new CommandFailure(option + " and --lookup are the same file: " + output);
            }
        }
    }

    private static boolean same(String one, String other) {
        File first = FileName.path(one).toFile();
        File second = FileName.path(other).toFile();
        try {
            if (first.exists() && second.exists()) {
                return Files.isSameFile(first.toPath(), second.toPath());
            }
            return first.getCanonicalFile().equals(second.getCanonicalFile());
        } catch (IOException e) {
            throw new CommandFailure("cannot compare " + one + " with " + other, e);
        }
    }
}
