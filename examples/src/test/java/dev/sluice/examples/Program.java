package dev.sluice.examples;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts the program in a process of its own, as a user does. */
public final class Program {
    private final List<String> options = new ArrayList<>();
    private final Path folder;

    /** A program whose current folder is {@code folder}; what it prints is kept there. */
    public Program(Path folder) {
        this.folder = folder;
    }

    /** What a process left behind. */
    public record Result(int status, String out, String err) {}

    /** With an option for the virtual machine. */
    public Program with(String option) {
        options.add(option);
        return this;
    }

    /** Runs it to its end. */
    public Result run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        process.getOutputStream().close();
        return end(process);
    }

    /** Starts it with a standard input that the test writes. */
    public Process start(String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments))
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("stdout.txt").toFile())
                .redirectError(folder.resolve("stderr.txt").toFile())
                .start();
    }

    /** The whole command line. */
    public List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("dev.sluice.examples.Main");
        command.addAll(List.of(arguments));
        return command;
    }

    /** Waits for its end. */
    public Result end(Process process) throws IOException, InterruptedException {
        if (!process.waitFor(50, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the program did not end");
        }
        return new Result(process.exitValue(), read("stdout.txt"), read("stderr.txt"));
    }

    private String read(String file) throws IOException {
        return new String(Files.readAllBytes(folder.resolve(file)), StandardCharsets.UTF_8);
    }

    /** Runs a shell command and returns what it prints. */
    public static byte[] shell(Path folder, String command) throws IOException, InterruptedException {
        File out = Files.createTempFile("shell", ".out").toFile();
        try {
            Process process = new ProcessBuilder("bash", "-c", command)
                    .directory(folder.toFile())
                    .redirectOutput(out)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.waitFor();
            return Files.readAllBytes(out.toPath());
        } finally {
            Files.delete(out.toPath());
        }
    }
}
