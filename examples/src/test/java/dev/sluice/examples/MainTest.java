package dev.sluice.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MainTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"enrich", "checksum", "fetch", "orders"})
    void explainsEachExample(String example) throws Exception {
        Program.Result result = new Program(folder).run(example, "--help");

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("Usage: java -jar examples.jar " + example, "Example: ", "Exit status: ");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void namesTheExamplesWhenNoneIsChosen() throws Exception {
        Program.Result result = new Program(folder).run();

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("enrich, checksum, fetch");
    }

    @Test
    void ordersSaysInOneLineThatItsBooksCannotBeOpened() throws Exception {
        Program program = new Program(folder);
        for (String place : List.of("--data=/dev/null/books", "--jdbc=jdbc:postgresql://127.0.0.1:1/none")) {
            Program.Result result = program.run("orders", "--port=0", place);

            assertThat(result.status()).isEqualTo(2);
            assertThat(result.err()).hasLineCount(1).startsWith("orders: the books");
        }
    }

    @Test
    void explainsAnOptionThatItDoesNotKnowInOneLine() throws Exception {
        Program.Result result = new Program(folder).run("enrich", "--colour", "red");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .hasLineCount(1)
                .startsWith("enrich: Unknown option")
                .contains("--help");
    }
}
