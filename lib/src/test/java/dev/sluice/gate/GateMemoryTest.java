package dev.sluice.gate;

import dev.sluice.testing.SmallMachine;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In a virtual machine of its own, for its memory runs out. */
@Timeout(180)
class GateMemoryTest {
    @Test
    void noPermitIsLostAndNobodyStrandedWhenMemoryRunsOut(@TempDir Path folder) throws Exception {
        SmallMachine.assertPasses(WithoutMemory.class, folder);
    }
}
