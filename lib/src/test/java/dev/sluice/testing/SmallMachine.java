package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.gate.Gate;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** A virtual machine of its own with 4 MB of heap, in which a program of this module's tests runs. */
public final class SmallMachine {
    private SmallMachine() {}

    /** The last line of what passes is {@code all passed}. */
    public static void assertPasses(Class<?> main, Path folder) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // One thread collects, and no thread has a buffer of its own: what is full is full for all.
                        "-Xmx4m",
                        "-Xms4m",
                        "-XX:+UseSerialGC",
                        "-XX:MarkSweepDeadRatio=0",
                        "-XX:MarkSweepAlwaysCompactCount=1",
                        "-XX:-UseTLAB",
                        "-cp",
                        classPath(main, Gate.class, LoggerFactory.class),
                        main.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(150, TimeUnit.SECONDS))
                    .as(() -> "ended: " + text(output))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(text(output)).endsWith("all passed\n").doesNotContain("FAILED");
    }

    /** No more than is needed: to open the archives of all libraries takes more memory than there is. */
    public static String classPath(Class<?>... classes) {
        return Stream.of(classes)
                .map(each -> each.getProtectionDomain().getCodeSource().getLocation())
                .map(location -> Path.of(URI.create(location.toString())).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
