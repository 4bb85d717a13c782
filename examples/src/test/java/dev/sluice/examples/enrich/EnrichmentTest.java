package dev.sluice.examples.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.examples.io.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EnrichmentTest {
    private static final String LOOKUP = "code,name,continent\nDE,Germany,EU\nNA,Namibia,AF\nDE,twice,XX\n";

    @TempDir
    Path folder;

    @BeforeEach
    void writeLookup() throws IOException {
        Files.writeString(folder.resolve("lookup.csv"), LOOKUP);
    }

    @Test
    void putsTheTakenColumnsBehindTheFeedsOwn() throws Exception {
        enrich("id,country\n1,DE\n2,NA\n");

        assertThat(out()).isEqualTo("id,country,land\r\n1,DE,Germany\r\n2,NA,Namibia\r\n");
        assertThat(rejects()).isEqualTo("line,reason,raw\r\n");
    }

    @Test
    void rejectsARowThatIsTooShortOrTooLong() throws Exception {
        Report report = enrich("id,country\n1\n2,DE\n3,DE,x\n");

        assertThat(out()).isEqualTo("id,country,land\r\n2,DE,Germany\r\n");
        assertThat(rejects())
                .isEqualTo("line,reason,raw\r\n"
                        + "2,1 columns instead of 2,\"1\"\r\n"
                        + "4,3 columns instead of 2,\"3,DE,x\"\r\n");
        assertThat(report)
                .extracting(Report::read, Report::written, Report::filtered, Report::rejected)
                .containsExactly(3L, 1L, 0L, 2L);
    }

    @Test
    void rejectsTheLineOfAQuoteThatNeverCloses() throws Exception {
        enrich("id,country\n1,DE\n\"2,DE\n3,NA\n");

        assertThat(out()).isEqualTo("id,country,land\r\n1,DE,Germany\r\n3,NA,Namibia\r\n");
        assertThat(rejects()).isEqualTo("line,reason,raw\r\n3,a quote that never closes,\"\"\"2,DE\"\r\n");
    }

    @Test
    void rejectsACodeThatMatchesNothing() throws Exception {
        enrich("id,country\n1,XY\n2,de\n");

        assertThat(out()).isEqualTo("id,country,land\r\n");
        assertThat(rejects())
                .isEqualTo("line,reason,raw\r\n"
                        + "2,no match for country=XY,\"1,XY\"\r\n"
                        + "3,no match for country=de,\"2,de\"\r\n");
    }

    @Test
    void rejectsARowThatIsNotUtf8() throws Exception {
        Files.write(folder.resolve("feed.csv"), "id,country\n\u00E9,DE\n2,DE\n".getBytes(StandardCharsets.ISO_8859_1));

        run(request(2, List.of()));

        assertThat(out()).isEqualTo("id,country,land\r\n2,DE,Germany\r\n");
        assertThat(rejects()).isEqualTo("line,reason,raw\r\n2,not UTF-8,\"\uFFFD,DE\"\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void readsEveryKindOfLineEnd(String end) throws Exception {
        enrich(String.join(end, "id,country", "1,DE", "", "2,NA", "3", "4,DE"));

        assertThat(out()).isEqualTo("id,country,land\r\n1,DE,Germany\r\n2,NA,Namibia\r\n4,DE,Germany\r\n");
        assertThat(rejects()).isEqualTo("line,reason,raw\r\n5,1 columns instead of 2,\"3\"\r\n");
    }

    @Test
    void dropsAByteOrderMarkFromFeedAndLookup() throws Exception {
        Files.writeString(folder.resolve("lookup.csv"), "\uFEFF" + LOOKUP);

        enrich("\uFEFFid,country\n1,DE\n");

        assertThat(out()).isEqualTo("id,country,land\r\n1,DE,Germany\r\n");
    }

    @Test
    void keepsLineBreaksAndQuotesInsideCells() throws Exception {
        enrich("id,country\n\"a\r\nb\n\"\"c\"\", d\",DE\n\"x\" y\"z\",NA\n6\" disk,DE\n");

        assertThat(PlainCsv.read(out(), 1 << 20))
                .containsExactly(
                        row("id", "country", "land"),
                        row("a\r\nb\n\"c\", d", "DE", "Germany"),
                        row("x y\"z\"", "NA", "Namibia"),
                        row("6\" disk", "DE", "Germany"));
    }

    @Test
    void writesTheHeaderOfAFeedThatHasNothingElse() throws Exception {
        Report report = enrich("id,country");

        assertThat(out()).isEqualTo("id,country,land\r\n");
        assertThat(report.read()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\r\n\n", "\"\"\n", "\"id,country\n1,DE\n"})
    void refusesAFeedWithoutAHeaderRow(String feed) {
        assertThatThrownBy(() -> enrich(feed))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("feed.csv: no header row");
        assertThat(folder.resolve("out.csv")).doesNotExist();
    }

    @Test
    void countsWhatAConditionKeepsOutApartFromTheRejects() throws Exception {
        Files.writeString(folder.resolve("feed.csv"), "id,country\n1,DE\n5,XY\n9,DE\nx,DE\n1_0,NA\n7\n");

        Report report = run(request(1, List.of(Condition.parse("id>2"), Condition.parse("country!=NA"))));

        assertThat(out()).isEqualTo("id,country,land\r\n9,DE,Germany\r\n");
        assertThat(report)
                .extracting(Report::read, Report::written, Report::filtered, Report::rejected)
                .containsExactly(6L, 1L, 3L, 2L);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void keepsTheFeedsOrder(int workers) throws Exception {
        StringBuilder feed = new StringBuilder("id,country\n");
        StringBuilder expected = new StringBuilder("id,country,land\r\n");
        for (int i = 0; i < 20_000; i++) {
            String id = i % 7 == 0 ? "y".repeat(i % 300) + i : "" + i;
            feed.append(id).append(i % 11 == 0 ? ",XY\n" : ",DE\n");
            expected.append(i % 11 == 0 ? "" : id + ",DE,Germany\r\n");
        }
        Files.writeString(folder.resolve("feed.csv"), feed);

        Report report = run(request(workers, List.of()));

        assertThat(out()).isEqualTo(expected.toString());
        assertThat(report.written() + report.rejected()).isEqualTo(20_000);
        assertThat(rejects().lines().skip(1).map(line -> Integer.parseInt(line.split(",")[0])))
                .isSorted()
                .hasSize(1819);
    }

    @Test
    void usesARowOfTheLookupTableThatHasTheCellsNeeded() throws Exception {
        Files.writeString(folder.resolve("lookup.csv"), "code,name,continent\nDE,Germany\nNA\nFR,France,EU,x\n");

        Report report = enrich("id,country\n1,DE\n2,NA\n3,FR\n");

        assertThat(out()).isEqualTo("id,country,land\r\n1,DE,Germany\r\n3,FR,France\r\n");
        assertThat(report.irregular()).isEqualTo(3);
    }

    @Test
    void failsWhenTheRejectsCannotBeWritten() throws Exception {
        // More than is kept in memory, all of it behind the last row.
        StringBuilder feed = new StringBuilder("id,country\n1,DE\n");
        for (int i = 0; i < 50_000; i++) {
            feed.append(i).append(",XY\n");
        }
        Files.writeString(folder.resolve("feed.csv"), feed);
        Request asked = request(2, List.of());
        Request full =
                new Request(asked.in(), asked.out(), asked.lookup(), asked.join(), asked.where(), "/dev/full", null, 2);

        assertThatThrownBy(() -> run(full))
                .isInstanceOf(CommandFailure.class)
                .hasMessageStartingWith("cannot write /dev/full");
        assertThat(files()).containsExactlyInAnyOrder("feed.csv", "lookup.csv");
    }

    @Test
    void givesALookupTableThatIsJustBeingReplacedAMomentToAppear() throws Exception {
        Files.delete(folder.resolve("lookup.csv"));
        long begun = System.nanoTime();

        assertThatThrownBy(() -> enrich("id,country\n1,DE\n")).isInstanceOf(CommandFailure.class);

        // The pauses between its attempts.
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(350));
    }

    @Test
    void leavesNothingBehindWhenItFails() throws Exception {
        Files.writeString(folder.resolve("out.csv"), "the old one");
        String feed = "id,country\n1,DE\n" + "x".repeat((1 << 22) + 1);

        assertThatThrownBy(() -> enrich(feed))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("line 3 is longer than");
        assertThat(out()).isEqualTo("the old one");
        assertThat(files()).containsExactlyInAnyOrder("feed.csv", "lookup.csv", "out.csv");
    }

    private static Optional<List<String>> row(String... cells) {
        return Optional.of(List.of(cells));
    }

    private Report enrich(String feed) throws Exception {
        Files.writeString(folder.resolve("feed.csv"), feed);
        return run(request(2, List.of()));
    }

    private static Report run(Request request) throws Exception {
        return new Enrichment(request).run(Progress.HIDDEN);
    }

    private Request request(int workers, List<Condition> where) {
        return new Request(
                folder.resolve("feed.csv").toString(),
                folder.resolve("out.csv").toString(),
                folder.resolve("lookup.csv").toString(),
                Join.parse("country=code", "name=land"),
                where,
                folder.resolve("rejects.csv").toString(),
                null,
                workers);
    }

    private String out() throws IOException {
        return Files.readString(folder.resolve("out.csv"));
    }

    private String rejects() throws IOException {
        return Files.readString(folder.resolve("rejects.csv"));
    }

    private List<String> files() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }
}
