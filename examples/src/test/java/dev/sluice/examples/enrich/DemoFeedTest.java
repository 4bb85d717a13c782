package dev.sluice.examples.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFeedTest {
    @TempDir
    Path folder;

    @Test
    void isTheSameEachTime() throws Exception {
        DemoFeed.write(folder.resolve("one"));
        DemoFeed.write(folder.resolve("two"));

        assertThat(Files.mismatch(folder.resolve("one"), folder.resolve("two"))).isEqualTo(-1);
    }
}
