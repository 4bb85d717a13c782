package dev.sluice.benchmarks.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.stream.Stream;

/** Where and when; what the page says of the circumstances. */
record Machine(int processors, String model, long memoryMiB, String system, LocalDate date) {

    static Machine here() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                processorModel(),
                allMemoryMiB(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                LocalDate.now());
    }

    @Override
    public String toString() {
        return processors + " processors (" + model + "), " + memoryMiB + " MiB, " + system + ", " + date;
    }

    /** Linux says it in a file; elsewhere nothing is said. */
    private static String processorModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("unknown model");
        } catch (IOException e) {
            return "unknown model";
        }
    }

    private static long allMemoryMiB() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize() >> 20
                : 0;
    }
}
