package dev.sluice.examples.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.examples.Program;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

// In a thread of its own, because writing to a program that does not read cannot be interrupted.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class EnrichCommandTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(folder.resolve("feed.csv"), "id,country\n1,DE\n2,XY\n3,NA\n");
        Files.writeString(folder.resolve("lookup.csv"), "code,name\nDE,Germany\nNA,Namibia\n");
    }

    @Test
    void printsASummaryThatNamesTheBottleneckOrSaysThatThereIsNone() throws Exception {
        Program.Result result = enrich("--out", "out.csv");

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("3 rows in", "2 out", "0 filtered", "1 rejected", "seconds", "bottleneck");
        assertThat(result.out()).contains("source", "parse", "join", "write");
        assertThat(result.out()).contains("the first is line 3: no match for country=XY");
        assertThat(result.err()).isEmpty();
        assertThat(folder.resolve("out.csv")).content().hasLineCount(3);
    }

    @Test
    void keepsTheSummaryOutOfAnOutputThatGoesToTheStandardOutput() throws Exception {
        for (String name : List.of("-", "/dev/stdout")) {
            Program.Result result = enrich("--out", name, "--rejects", "rejects.csv");

            assertThat(result.out()).isEqualTo("id,country,land\r\n1,DE,Germany\r\n3,NA,Namibia\r\n");
            assertThat(result.err()).contains("3 rows in");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--in nosuch.csv --lookup lookup.csv --on country=code --take name=land --out o | cannot read nosuch.csv",
                "--in . --lookup lookup.csv --on country=code --take name=land --out o | cannot read .: it is a folder",
                "--in feed.csv --lookup nosuch.csv --on country=code --take name=land --out o | cannot read nosuch.csv",
                "--in feed.csv --lookup lookup.csv --on land=code --take name=land --out o | feed.csv: no column 'land'",
                "--in feed.csv --lookup lookup.csv --on country=id --take name=land --out o | lookup.csv: no column 'id'",
                "--in feed.csv --lookup lookup.csv --on country=code --take x=land --out o | lookup.csv: no column 'x'",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --where x=1 --out o | no column 'x'",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --where id --out o | --where 'id'",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --where id<b --out o | not a number",
                "--in feed.csv --lookup lookup.csv --on country --take name=land --out o | --on country",
                "--in feed.csv --lookup lookup.csv --on country=code --take name --out o | --take name",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a,code=a --out o | 'a'",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out no/such/o | cannot write no/such/o",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out . | cannot write .",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out /dev/full | cannot write /dev/full",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out ./feed.csv | --out and --in",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out lookup.csv | --out and --lookup",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out o --rejects ./o | --rejects",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out o --diagram ./o | --diagram",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out o --diagram lookup.csv | --diagram",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out o --diagram no/d | cannot write no/d",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a | --out is missing",
                "--in feed.csv --lookup lookup.csv --on country=code --take name=a --out o --workers 0 | --workers"
            })
    void saysInOneLineWhatIsWrong(String line) throws Exception {
        String[] parts = line.split(" \\| ");

        Program.Result result = new Program(folder).run(("enrich " + parts[0]).split(" "));

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).startsWith("enrich: ").contains(parts[1]);
        assertThat(result.out()).isEmpty();
        assertThat(files()).containsExactlyInAnyOrder("feed.csv", "lookup.csv", "stdout.txt", "stderr.txt");
    }

    @Test
    void writesToADeviceOrAFifoThatIsThere() throws Exception {
        Program.shell(folder, "mkfifo pipe");
        Process reader = new ProcessBuilder("bash", "-c", "cat pipe > copy.csv")
                .directory(folder.toFile())
                .start();

        Program.Result result = enrich("--out", "pipe", "--rejects", "/dev/null");

        assertThat(result.status()).isZero();
        reader.waitFor();
        assertThat(folder.resolve("copy.csv")).hasContent("id,country,land\n1,DE,Germany\n3,NA,Namibia");
        assertThat(Files.isRegularFile(folder.resolve("pipe"))).isFalse();
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    }

    @Test
    void followsALinkAndKeepsThePermissionsOfWhatItReplaces() throws Exception {
        Path real = Files.writeString(folder.resolve("real.csv"), "old");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(folder.resolve("link.csv"), Path.of("real.csv"));

        enrich("--out", "link.csv");

        assertThat(Files.isSymbolicLink(folder.resolve("link.csv"))).isTrue();
        assertThat(real).content().startsWith("id,country,land");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void endsQuietlyWhenNobodyReadsItsOutputAnyMore() throws Exception {
        try (BufferedWriter feed = Files.newBufferedWriter(folder.resolve("feed.csv"))) {
            feed.write("id,country\n");
            for (int i = 0; i < 100_000; i++) {
                feed.write(i + ",DE\n");
            }
        }
        List<String> command = new Program(folder).command(arguments("--in", "feed.csv", "--out", "-"));
        String line = "'" + String.join("' '", command) + "' 2> err.txt | head -n 2; echo ${PIPESTATUS[0]}";

        String printed = new String(Program.shell(folder, line), StandardCharsets.UTF_8);

        assertThat(printed).isEqualTo("id,country,land\r\n0,DE,Germany\r\n1\n");
        assertThat(folder.resolve("err.txt")).isEmptyFile();
    }

    @Test
    void runsInSixtyFourMegabytesHoweverLongTheFeed() throws Exception {
        Process process = new Program(folder)
                .with("-Xmx64m")
                .start(arguments("--in", "-", "--out", "/dev/null", "--rejects", "/dev/null"));
        int rows = 600_000;
        try (BufferedWriter feed = writer(process.getOutputStream())) {
            feed.write("id,country\n");
            String text = ",and some text to make the row a little longer than it would be\",";
            for (int i = 0; i < rows; i++) {
                feed.write("\"" + i + text + (i % 100 == 0 ? "XY\n" : "DE\n"));
            }
        }

        Program.Result result = new Program(folder).end(process);

        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("600,000 rows in", "594,000 out", "6,000 rejected");
    }

    @Test
    void runsInSixtyFourMegabytesHoweverLongTheRows() throws Exception {
        Process process = new Program(folder)
                .with("-Xmx64m")
                .start(arguments("--in", "-", "--out", "/dev/null", "--workers", "4", "--where", "country!=NA"));
        int rows = 300;
        String text = "x".repeat(999_999);
        try (BufferedWriter feed = writer(process.getOutputStream())) {
            feed.write("id,country\n");
            for (int i = 0; i < rows; i++) {
                feed.write(text + (i % 10 == 0 ? ",NA\n" : i % 10 == 1 ? ",XY\n" : ",DE\n"));
            }
        }

        Program.Result result = new Program(folder).end(process);

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("300 rows in", "240 out", "30 filtered", "30 rejected");
    }

    @ParameterizedTest
    @MethodSource("signals")
    void leavesNothingBehindWhenItIsStopped(String signal) throws Exception {
        Files.writeString(folder.resolve("out.csv"), "the old one");
        Process process = new Program(folder).start(arguments("--in", "-", "--out", "out.csv", "--rejects", "r.csv"));
        BufferedWriter feed = writer(process.getOutputStream());
        feed.write("id,country\n");
        for (int i = 0; i < 100_000; i++) {
            feed.write(i + ",DE\n");
        }
        feed.flush();
        await().atMost(30, TimeUnit.SECONDS).until(() -> unfinishedBytes() > 100_000);

        Program.shell(folder, "kill -" + signal + " " + process.pid());

        Program.Result result = new Program(folder).end(process);
        assertThat(result.status()).isGreaterThan(128);
        assertThat(result.err()).isEmpty();
        assertThat(folder.resolve("out.csv")).hasContent("the old one");
        assertThat(files()).containsExactlyInAnyOrder("feed.csv", "lookup.csv", "out.csv", "stdout.txt", "stderr.txt");
    }

    /** A process that was started with SIGINT ignored, as in the background of a script, hands that on. */
    static List<String> signals() throws IOException {
        long ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .sum();
        return (ignored & 2) == 0 ? List.of("TERM", "INT") : List.of("TERM");
    }

    @Test
    void showsProgressWhenAskedTo() throws Exception {
        Program.Result result = enrich("--out", "out.csv", "--progress");

        assertThat(result.status()).isZero();
        assertThat(result.err()).contains("enrich 100%");
    }

    @Test
    void drawsTheRunWhenAskedTo() throws Exception {
        Program.Result result = enrich("--out", "out.csv", "--diagram", "out.mmd");

        assertThat(result.status()).isZero();
        assertThat(folder.resolve("out.mmd"))
                .content()
                .startsWith("flowchart LR\n")
                .contains("<b>source</b>", "<b>parse</b>", "<b>join</b>", "<b>write</b>", "1 dead letters");
    }

    @Test
    void runsADemoWithoutArguments() throws Exception {
        Program.Result result =
                new Program(folder).with("-Djava.io.tmpdir=" + folder).run("enrich");

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("A demo in " + folder, "200,000 rows in", "bottleneck");
        Path made = folder.resolve(files().stream()
                .filter(name -> name.startsWith("sluice-demo-"))
                .findFirst()
                .orElseThrow());
        assertThat(made.resolve("rejects.csv"))
                .content()
                .contains("columns instead of", "a quote that never closes", "no match for", "not UTF-8");
    }

    private Program.Result enrich(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--in", "feed.csv"));
        arguments.addAll(Arrays.asList(more));
        return new Program(folder).run(arguments(arguments.toArray(String[]::new)));
    }

    private static String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("enrich", "--lookup", "lookup.csv", "--on", "country=code", "--take", "name=land"));
        arguments.addAll(Arrays.asList(more));
        return arguments.toArray(String[]::new);
    }

    private static BufferedWriter writer(OutputStream stream) {
        return new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), 1 << 16);
    }

    private long unfinishedBytes() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(".out.csv."))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private List<String> files() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }
}
