package dev.sluice.checks.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A virtual machine of its own with a small heap, a collector, and some rounds to run. */
final class Machine {
    /** For the machine's own end, beyond the time of its rounds and the patience with the last one. */
    private static final int GRACE_SECONDS = 60;
    /** So far apart are the first rounds of two machines. */
    private static final long ROUNDS = 1_000_000;

    private static final List<String> COLLECTORS =
            List.of("-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseZGC", "-XX:+UseShenandoahGC");

    private final List<String> options;
    private final List<String> arguments;
    private final int longest;

    private Machine(List<String> options, List<String> arguments, int longest) {
        this.options = options;
        this.arguments = arguments;
        this.longest = longest;
    }

    /** @param pressure whether its heap is filled again and again */
    static Machine of(int number, long seed, int seconds, int patience, List<String> kinds, boolean pressure) {
        List<String> options = new ArrayList<>(List.of("-Xmx64m", "-XX:+UnlockExperimentalVMOptions"));
        options.add("-XX:+IgnoreUnrecognizedVMOptions");
        options.add(COLLECTORS.get(number % COLLECTORS.size()));
        options.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
        List<String> arguments = new ArrayList<>(List.of("soak", "--seed", "" + seed));
        arguments.addAll(List.of("--from", "" + number * ROUNDS, "--machine-seconds", "" + seconds));
        arguments.addAll(List.of("--patience", "" + patience));
        if (!kinds.isEmpty()) {
            arguments.addAll(List.of("--kinds", String.join(",", kinds)));
        }
        if (pressure) {
            arguments.add("--pressure");
        }
        return new Machine(options, arguments, seconds + patience + GRACE_SECONDS);
    }

    void run(Report books) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sluice.checks.Stress"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread killer = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        Output output = new Output(process);
        output.start();
        boolean ended = process.waitFor(longest, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        output.join();
        Runtime.getRuntime().removeShutdownHook(killer);
        books.add(output.tally);
        if (!ended || process.exitValue() != 0) {
            String how = ended ? "status " + process.exitValue() : "did not end";
            books.found(String.join(" ", command) + ": " + how + "\n" + output.rest);
        }
    }

    /** What the machine says, its last tally apart. */
    private static final class Output extends Thread {
        private static final int ENOUGH = 100_000;

        private final Process process;
        private final StringBuilder rest = new StringBuilder();
        private String tally = "";

        Output(Process process) {
            super("output");
            setDaemon(true);
            this.process = process;
        }

        @Override
        public void run() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                while (line != null) {
                    if (Tally.isLine(line)) {
                        tally = line;
                    } else if (rest.length() < ENOUGH) {
                        rest.append(line).append('\n');
                    }
                    line = lines.readLine();
                }
            } catch (IOException e) {
                rest.append(e).append('\n');
            }
        }
    }
}
