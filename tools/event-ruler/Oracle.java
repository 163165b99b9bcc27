// Answers for event-ruler, the engine behind EventBridge: is this pattern valid, and does this event match it?
//
// Reads one JSON object a line, {"pattern": TEXT, "event": TEXT}, both JSON as text so that its spelling is kept, and
// answers each with one line: {"valid": BOOL, "matches": BOOL, "reason": TEXT}. It knows nothing of the provider.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

public class Oracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            JsonNode question = JSON.readTree(line);
            answers.println(answer(question.get("pattern").asText(), question.get("event").asText()));
        }
        answers.flush();
    }

    private static ObjectNode answer(String pattern, String event) {
        String fault = JsonRuleCompiler.check(pattern);
        if (fault != null) {
            return answer(false, false, fault);
        }
        try {
            Machine machine = Machine.builder().build();
            machine.addRule("rule", pattern);
            return answer(true, !machine.rulesForJSONEvent(event).isEmpty(), "");
        } catch (Exception | AssertionError unusable) {
            return answer(false, false, "valid, but of no use: " + unusable);
        }
    }

    private static ObjectNode answer(boolean valid, boolean matches, String reason) {
        return JSON.createObjectNode().put("valid", valid).put("matches", matches).put("reason", reason);
    }
}
