package dev.sluice.examples.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.examples.io.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UrlListTest {
    @TempDir
    Path folder;

    private UrlList listOf(String text) throws IOException {
        return new UrlList(
                List.of(Files.writeString(folder.resolve("urls.txt"), text).toString()));
    }

    @Test
    void blankLinesAndCommentsAreLeftOut() throws IOException {
        try (UrlList urls = listOf("# of the shop\r\nhttp://a/1\r\n\n  http://a/2 ")) {
            assertThat(urls).toIterable().containsExactly("http://a/1", "http://a/2");
        }
    }

    @Test
    void argumentsAreReadOneAfterTheOther() throws IOException {
        Path file = Files.writeString(folder.resolve("more.txt"), "http://b/\n");
        try (UrlList urls = new UrlList(List.of("http://a/", file.toString(), "http://c/"))) {
            assertThat(urls).toIterable().containsExactly("http://a/", "http://b/", "http://c/");
        }
    }

    @Test
    void lineWithoutAnEndIsNoUrl() throws IOException {
        try (UrlList urls = listOf("http://a/\n" + "x".repeat((1 << 16) + 1))) {
            assertThat(urls.next()).isEqualTo("http://a/");
            assertThatThrownBy(urls::hasNext)
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageEndingWith("urls.txt: line 2 is longer than 65536 characters");
        }
    }
}
