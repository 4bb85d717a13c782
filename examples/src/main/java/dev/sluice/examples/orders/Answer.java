package dev.sluice.examples.orders;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What a client gets: a status, and a body that is JSON unless it says otherwise. */
record Answer(int status, String type, byte[] body, Map<String, String> headers) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** The message of every answer that says no. */
    private record Problem(int status, String error) {}

    static Answer of(int status, Object value) {
        return new Answer(status, "application/json", json(value), Map.of());
    }

    static Answer text(String type, String text) {
        return new Answer(200, type, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static Answer problem(int status, String message) {
        return of(status, new Problem(status, message));
    }

    Answer with(String header, String value) {
        return new Answer(status, type, body, Map.of(header, value));
    }

    static byte[] json(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + value, e);
        }
    }

    /** Reads a body strictly: names that nobody knows are mistakes, and so is a number that is a text. */
    static <T> T read(byte[] body, Class<T> type) throws NoAnswerPossible {
        try {
            T value = JSON.readValue(body, type);
            if (value == null) {
                throw new NoAnswerPossible(400, "the body must be a JSON object but was null");
            }
            return value;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")";
            throw new NoAnswerPossible(400, "bad JSON: " + e.getOriginalMessage() + where);
        } catch (IOException e) {
            throw new NoAnswerPossible(400, "bad JSON: " + e.getMessage());
        }
    }

    /** Why a request is not answered as it was meant to be. */
    static final class NoAnswerPossible extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        NoAnswerPossible(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }
}
