package dev.sluice.internal;

import dev.sluice.testing.SmallMachine;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In a virtual machine of its own, for its memory runs out. */
@Timeout(180)
class ClockMemoryTest {
    @Test
    void goesOnAfterMemoryHasRunOut(@TempDir Path folder) throws Exception {
        SmallMachine.assertPasses(ClockWithoutMemory.class, folder);
    }
}
