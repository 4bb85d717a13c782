package dev.sluice.checks.damage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Each planted bug is noticed by the check that is named for it in {@code lib/checks/damage/index}. The ordinary build
 * only plants them; {@code -Ddamage=all} runs all of those checks, {@code -Ddamage=07,12} some, and {@code -Ddamage=find:07}
 * the whole suite against one.
 */
class DamageTest {
    private final Damage damage =
            new Damage(Path.of("").toAbsolutePath().resolve("../..").normalize());

    @Test
    void everyBugCanBePlanted() throws IOException {
        for (Patch patch : Patch.all(damage.directory())) {
            assertThat(damage.damaged(patch)).as(patch.name()).isNotEmpty();
        }
    }

    @Test
    void everyBugIsNoticedByTheCheckNamedForIt() throws IOException, InterruptedException {
        String asked = System.getProperty("damage", "");
        boolean finds = asked.startsWith("find:");
        List<String> numbers = List.of(asked.replace("find:", "").split(","));
        List<Patch> patches = Patch.all(damage.directory()).stream()
                .filter(patch -> asked.endsWith("all") || numbers.contains(patch.number()))
                .toList();
        assertThat(patches).as("bugs %s", asked).hasSizeGreaterThanOrEqualTo(asked.isEmpty() ? 0 : 1);
        if (!finds && !patches.isEmpty()) {
            requireGreen(patches);
        }
        List<String> missed = new ArrayList<>();
        for (Patch patch : patches) {
            List<String> checks = finds ? damage.allTests(patch.file()) : named(patch);
            long begun = System.nanoTime();
            Damage.Verdict verdict = damage.run(patch, checks);
            long seconds = (System.nanoTime() - begun) / 1_000_000_000;
            System.out.printf("%-45s %3d s  %s%n", patch.name(), seconds, verdict.caught() ? verdict.by() : "MISSED");
            if (!verdict.caught()) {
                missed.add(patch.name());
            }
        }
        assertThat(missed).as("bugs that were missed").isEmpty();
    }

    private List<String> named(Patch patch) throws IOException {
        Map<String, String> index = damage.index();
        assertThat(index).as("the index of the bugs").containsKey(patch.number());
        return List.of(index.get(patch.number()));
    }

    /** A check that is red without the bug says nothing. */
    private void requireGreen(List<Patch> patches) throws IOException, InterruptedException {
        LinkedHashSet<String> checks = new LinkedHashSet<>();
        for (Patch patch : patches) {
            checks.addAll(named(patch));
        }
        Damage.Verdict verdict = damage.undamaged(List.copyOf(checks));
        assertThat(verdict.caught())
                .as("red without any bug: %s%n%s", verdict.by(), verdict.output())
                .isFalse();
    }
}
