package dev.sluice.examples.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.examples.Program;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ChecksumTest {
    /** Makes names that sort, escape or decode in unexpected ways, and things that are no files. */
    private static final String ODD_NAMES =
            "mkdir -p tree/a tree/a.b tree/a0 tree/empty tree/é tree/$'new\\nline' && cd tree"
                    + " && for n in a/x a.b/x a0/x a-x A b 'back\\slash' $'nl\\nx' $'cr\\rx' $'tab\\tx' é/ü 'é' aé 😀 '100%' '?#&' -dash"
                    + " ' blank ' $'new\\nline/f' $'\\xff\\xfe-not-utf8' .hidden; do test -d \"$n\" || echo \"$n\" > \"./$n\"; done"
                    + " && ln -s a linked-folder && ln -s A linked-file && ln -s nowhere broken-link && mkfifo fifo";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tree",
                "tree/",
                "tree//",
                "./tree",
                "tree/../tree",
                "tree/A",
                "tree/linked-folder",
                "tree/linked-folder/",
                "tree/empty"
            })
    void printsWhatTheUsualCommandPrints(String name) throws Exception {
        Program.shell(folder, ODD_NAMES);

        Program.Result result = new Program(folder).run("checksum", name);

        assertThat(Files.readAllBytes(folder.resolve("stdout.txt"))).isEqualTo(usual(name));
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void printsNamesByteForByteWhateverTheLocale() throws Exception {
        Program.shell(folder, ODD_NAMES);
        String command = "LC_ALL=C '" + String.join("' '", new Program(folder).command("checksum", "tree")) + "'";

        assertThat(Program.shell(folder, command)).isEqualTo(usual("tree"));
    }

    @Test
    void printsRandomTreesInTheUsualOrder() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            Path file = folder.resolve("tree");
            for (int depth = random.nextInt(4); depth >= 0; depth--) {
                String name = "" + "ab.-0~ é".charAt(random.nextInt(8)) + "ab.-0~ é".charAt(random.nextInt(8));
                file = file.resolve(name.equals("..") ? "x" : name);
            }
            if (!Files.exists(file) && make(file.getParent())) {
                Files.writeString(file, "" + i);
            }
        }

        new Program(folder).run("checksum", "tree");

        assertThat(Files.readAllBytes(folder.resolve("stdout.txt"))).isEqualTo(usual("tree"));
    }

    @Test
    void goesOnWhenAFileVanishesBetweenListingAndReading() throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        for (String name : List.of("a", "b", "c")) {
            Files.writeString(tree.resolve(name), name);
        }
        List<FoundFile> found = new ArrayList<>();
        new FileTree(tree.toString(), (name, why) -> {}).forEachRemaining(found::add);
        Files.delete(tree.resolve("b"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();

        boolean complete = new Checksums(out, new PrintStream(errors)).print(found.iterator(), 2);

        assertThat(complete).isFalse();
        assertThat(out.toByteArray()).isEqualTo(usual(tree.toString()));
        assertThat(errors.toString(StandardCharsets.UTF_8))
                .isEqualTo("checksum: " + tree.resolve("b") + ": no such file or folder\n");
    }

    @Test
    void takesNoMoreFilesThanItLooksAhead() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        CountingOutput out = new CountingOutput();
        Iterator<FoundFile> files = new Iterator<>() {
            private int taken;

            @Override
            public boolean hasNext() {
                return taken < 5_000;
            }

            @Override
            public FoundFile next() {
                assertThat(++taken - out.lines).isLessThanOrEqualTo(256);
                return new FoundFile(file, new byte[] {'f'});
            }
        };

        assertThat(new Checksums(out, System.err).print(files, 4)).isTrue();
        assertThat(out.lines).isEqualTo(5_000);
    }

    @Test
    void refusesWhatIsNotThere() throws Exception {
        Program.Result result = new Program(folder).run("checksum", "nosuch");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).isEqualTo("checksum: cannot read nosuch: no such file or folder\n");
        assertThat(result.out()).isEmpty();
    }

    private static boolean make(Path parent) {
        try {
            Files.createDirectories(parent);
            return true;
        } catch (java.io.IOException e) {
            // A file of that name is there.
            return false;
        }
    }

    private byte[] usual(String name) throws Exception {
        return Program.shell(folder, "find '" + name + "' -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum");
    }

    private static final class CountingOutput extends ByteArrayOutputStream {
        private int lines;

        @Override
        public void write(byte[] bytes) {
            lines++;
        }
    }
}
