package dev.sluice.examples.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every line of Java in the README is a line of the tour, which compiles and runs. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path TOUR = Path.of("src/main/java/dev/sluice/examples/tour/TourCommand.java");

    private static final Path GUIDE = Path.of("..", "lib", "GUIDE.md");
    private static final Path GUIDE_LINES = Path.of("src/main/java/dev/sluice/examples/tour/Guide.java");

    @Test
    void everyLineOfJavaIsALineOfTheTour() throws IOException {
        Set<String> tour = Files.readAllLines(TOUR).stream().map(String::strip).collect(Collectors.toSet());
        List<String> quoted = quotedJava(Files.readAllLines(README));
        assertThat(quoted).hasSizeGreaterThan(20);
        assertThat(tour).containsAll(quoted);
    }

    @Test
    void everyLineOfJavaInTheGuideIsALineThatCompiles() throws IOException {
        Set<String> compiled =
                Files.readAllLines(GUIDE_LINES).stream().map(String::strip).collect(Collectors.toSet());
        List<String> quoted = quotedJava(Files.readAllLines(GUIDE));
        assertThat(quoted).hasSizeGreaterThan(20);
        assertThat(compiled).containsAll(quoted);
    }

    private static List<String> quotedJava(List<String> readme) {
        List<String> quoted = new ArrayList<>();
        boolean inside = false;
        for (String line : readme) {
            if (line.startsWith("```")) {
                inside = line.equals("```java");
            } else if (inside && !line.isBlank()) {
                quoted.add(line.strip());
            }
        }
        return quoted;
    }
}
