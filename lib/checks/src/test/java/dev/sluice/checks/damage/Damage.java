package dev.sluice.checks.damage;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Puts one bug into a copy of the file that it changes, compiles that in front of the classes of {@code lib}, and runs checks
 * against it, each in a virtual machine of its own. The tree itself is not touched.
 */
final class Damage {
    private static final long SECONDS = 240;

    private final Path root;
    private final List<String> classPath;

    /** What came of a check: who noticed the bug, or nobody. */
    record Verdict(boolean caught, String by, String output) {}

    Damage(Path root) {
        this.root = root;
        List<String> path = new ArrayList<>();
        path.add(root.resolve("lib/target/classes").toString());
        path.add(root.resolve("lib/target/test-classes").toString());
        path.addAll(List.of(System.getProperty("java.class.path").split(File.pathSeparator)));
        this.classPath = List.copyOf(path);
    }

    Path directory() {
        return root.resolve("lib/checks/damage");
    }

    /** The file with the bug in it. */
    List<String> damaged(Patch patch) throws IOException {
        return patch.applyTo(Files.readAllLines(root.resolve(patch.file())));
    }

    /** Which check is to notice which bug, by the number of that. */
    Map<String, String> index() throws IOException {
        try (Stream<String> lines = Files.lines(directory().resolve("index"))) {
            return lines.filter(line -> line.matches("\\d\\d .*"))
                    .collect(
                            java.util.stream.Collectors.toMap(line -> line.substring(0, 2), line -> line.substring(3)));
        }
    }

    /** Runs the checks, tests or {@code jcstress:} and an expression, against the tree as it is. */
    Verdict undamaged(List<String> checks) throws IOException, InterruptedException {
        return run(List.of(), checks);
    }

    Verdict run(Patch patch, List<String> checks) throws IOException, InterruptedException {
        Path copy = Files.createTempDirectory("damage");
        try {
            Path source = copy.resolve(patch.file());
            Files.createDirectories(source.getParent());
            Files.write(source, damaged(patch));
            Path classes = Files.createDirectory(copy.resolve("classes"));
            compile(source, classes);
            return run(List.of(classes.toString()), checks);
        } finally {
            delete(copy);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(each);
            }
        }
    }

    private void compile(Path source, Path classes) throws IOException {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        List<String> options =
                List.of("--release", "17", "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", joined(classPath));
        try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
            if (!javac.getTask(null, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IllegalArgumentException(source.getFileName() + " with the bug does not compile");
            }
        }
    }

    private static String joined(List<String> path) {
        return String.join(File.pathSeparator, path);
    }

    private Verdict run(List<String> before, List<String> checks) throws IOException, InterruptedException {
        List<String> tests =
                checks.stream().filter(check -> !check.startsWith("jcstress:")).toList();
        if (!tests.isEmpty()) {
            Verdict verdict = test(before, tests);
            if (verdict.caught) {
                return verdict;
            }
        }
        for (String check : checks) {
            if (check.startsWith("jcstress:")) {
                Verdict verdict = jcstress(before, check);
                if (verdict.caught) {
                    return verdict;
                }
            }
        }
        return new Verdict(false, "nobody", "");
    }

    private Verdict test(List<String> before, List<String> tests) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(FirstFailure.class.getName()));
        arguments.addAll(tests);
        Ended ended = java(before, arguments);
        if (ended.status == 2) {
            throw new IllegalArgumentException(ended.last());
        }
        boolean caught = ended.status != 0;
        return new Verdict(caught, ended.hung ? "hung in " + tests : ended.last(), ended.output);
    }

    /** jcstress ends with 0 whatever it finds. */
    private Verdict jcstress(List<String> before, String check) throws IOException, InterruptedException {
        Ended ended = java(
                before,
                List.of(
                        "org.openjdk.jcstress.Main",
                        "-m",
                        "quick",
                        "-c",
                        "2",
                        "-sc",
                        "false",
                        "-f",
                        "1",
                        "-iters",
                        "4",
                        "-time",
                        "2000",
                        "-af",
                        "NONE",
                        "-jvmArgs",
                        "-Xmx256m -XX:+UseParallelGC",
                        "-t",
                        check.substring("jcstress:".length())));
        if (!ended.hung && !ended.output.contains(" planned;")) {
            throw new IllegalArgumentException(check + ": no such check\n" + ended.output);
        }
        boolean green =
                ended.output.contains("Failed tests: No matches") && ended.output.contains("Error tests: No matches");
        return new Verdict(!green, ended.hung ? "hung in " + check : check, ended.output);
    }

    private record Ended(int status, boolean hung, String output) {
        String last() {
            String text = output.strip();
            return text.substring(text.lastIndexOf('\n') + 1);
        }
    }

    private Ended java(List<String> before, List<String> arguments) throws IOException, InterruptedException {
        List<String> path = new ArrayList<>(before);
        path.addAll(classPath);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dsluice.rounds=" + System.getProperty("sluice.rounds", "0.02"),
                "-cp",
                joined(path)));
        if (Runtime.version().feature() >= 21) {
            command.add(1, "-XX:+EnableDynamicAgentLoading"); // for Lincheck
        }
        command.addAll(arguments);
        Path place = Files.createTempDirectory("checks");
        Path output = place.resolve("output");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(place.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
            return new Ended(process.exitValue(), !ended, text);
        } finally {
            delete(place);
        }
    }

    /** All test classes of the library and of this module, those of the package first; for bugs that are not in the index. */
    List<String> allTests(String file) throws IOException {
        String first = Path.of(file).getParent().getFileName().toString();
        List<String> tests = new ArrayList<>();
        for (Path classes :
                List.of(root.resolve("lib/target/test-classes"), root.resolve("lib/checks/target/test-classes"))) {
            try (Stream<Path> all = Files.walk(classes)) {
                all.map(each -> classes.relativize(each).toString())
                        .filter(name -> name.endsWith("Test.class") && !name.contains("$") && !name.contains("damage"))
                        .map(name -> name.replace(".class", "").replace(File.separatorChar, '.'))
                        .sorted()
                        .forEach(tests::add);
            }
        }
        List<String> nearest = new ArrayList<>(
                tests.stream().filter(test -> test.contains("." + first + ".")).toList());
        tests.removeAll(nearest);
        nearest.addAll(tests);
        return nearest;
    }
}
