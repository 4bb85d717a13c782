package dev.sluice.examples.checksum;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options of {@code checksum}. */
@Command(
        name = "checksum",
        header = "Prints the SHA-256 of every file under a folder.",
        description = {
            "",
            "Reads several files at a time and prints what",
            "  find DIR -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum",
            "would print, byte for byte: links are not followed, and a name with a backslash or a line break is escaped."
                    + " For a folder without files nothing is printed.",
            ""
        },
        footer = {
            "",
            "Example: note the sums, and later see what has changed",
            "  java -jar examples.jar checksum photos > photos.sha256",
            "  sha256sum --quiet --check photos.sha256",
            "",
            "Exit status: 0 done, 1 a file or a folder could not be read (it is named on the standard error, the others"
                    + " are done), 2 there is no such folder."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = dev.sluice.examples.Version.class)
public final class ChecksumCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "the folder; its name is printed as it is given here")
    private String folder = "";

    @Option(names = "--workers", paramLabel = "N", description = "threads that read (default: one for each processor)")
    private int workers = Runtime.getRuntime().availableProcessors();

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    public ChecksumCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (workers < 1) {
            throw new ParameterException(spec.commandLine(), "--workers must be at least 1 but was " + workers);
        }
        // Not System.out, which would encode: names are bytes.
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
        Checksums checksums = new Checksums(out, System.err);
        return checksums.print(new FileTree(folder, checksums::leftOut), workers) ? 0 : 1;
    }
}
