package dev.sluice.examples.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.examples.Program;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FetchCommandTest {
    @TempDir
    Path folder;

    private HttpServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/ok/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write(new byte[] {'o', 'k'});
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void takesUrlsFromArgumentsFilesAndTheStandardInput() throws Exception {
        String base = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
        Files.writeString(folder.resolve("list.txt"), "# two\n\n" + base + "ok/b\n  " + base + "ok/c  \n");
        Program program = new Program(folder);
        Process process = program.start("fetch", "--to", "new/pages", base + "ok/a", "list.txt", "-");
        process.getOutputStream().write((base + "ok/d\n" + base + "missing\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();

        Program.Result result = program.end(process);

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).hasLineCount(4).contains("a\t2\t" + base + "ok/a");
        assertThat(result.err()).isEqualTo("fetch: 4 saved, 1 failed\n  " + base + "missing: status 404\n");
        for (String name : new String[] {"a", "b", "c", "d"}) {
            assertThat(folder.resolve("new/pages").resolve(name)).hasContent("ok");
        }
    }

    @Test
    void saysInOneLineWhatIsWrong() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        String[][] wrong = {
            {"fetch", "nosuch.txt"},
            {"fetch", "--to", "file", "http://h/"},
            {"fetch", "--max", "0", "http://h/"},
            {"fetch"}
        };
        for (String[] arguments : wrong) {
            Program.Result result = new Program(folder).run(arguments);

            assertThat(result.status()).isEqualTo(2);
            assertThat(result.err()).hasLineCount(1).startsWith("fetch: ");
        }
    }
}
