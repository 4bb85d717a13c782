package dev.sluice.examples.orders;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.MINUTES)
class KillTest {
    @TempDir
    Path folder;

    @Test
    void killsOnAFileLoseAndDoubleNothing() throws Exception {
        Killing.run(folder, new Books.OfFile(folder), 3);
    }
}
