package dev.sluice.examples.orders;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest extends CommandsContract {
    @TempDir
    Path folder;

    @Override
    Database database() throws Exception {
        return Database.file(folder.resolve("shop.db"), "schema.sql");
    }
}
