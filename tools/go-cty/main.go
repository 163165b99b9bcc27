// The oracle of the differential test in tfplugin/tests/differential.rs: go-cty, with which the CLIs read and write
// values, as a program.
//
// Each line of its input is a type as JSON, a value in MessagePack, and the same value as JSON, or "-" where something
// in it is unknown; the last two in base64, with tabs between. For each it answers a line with what go-cty makes of
// the value: in MessagePack, in MessagePack with all that is known of unknown values (refinements), and as JSON; or a
// line that begins with "error".
package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			break
		}
		answer, err := answer(strings.TrimSuffix(line, "\n"))
		if err != nil {
			answer = "error: " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Fprintln(output, answer)
		if input.Buffered() == 0 {
			output.Flush()
		}
	}
	output.Flush()
}

func answer(line string) (answer string, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	parts := strings.Split(line, "\t")
	if len(parts) != 3 {
		return "", fmt.Errorf("%d parts", len(parts))
	}
	ty, err := ctyjson.UnmarshalType([]byte(parts[0]))
	if err != nil {
		return "", fmt.Errorf("type: %w", err)
	}
	value, err := decoded(parts[1], func(bytes []byte) (cty.Value, error) { return msgpack.Unmarshal(bytes, ty) })
	if err != nil {
		return "", fmt.Errorf("msgpack: %w", err)
	}
	if parts[2] != "-" {
		other, err := decoded(parts[2], func(bytes []byte) (cty.Value, error) { return ctyjson.Unmarshal(bytes, ty) })
		if err != nil {
			return "", fmt.Errorf("json: %w", err)
		}
		if !value.RawEquals(other) {
			return "", fmt.Errorf("msgpack is %#v, and json %#v", value, other)
		}
	}
	return encoded(value, ty)
}

func decoded(text string, decode func([]byte) (cty.Value, error)) (cty.Value, error) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return cty.NilVal, err
	}
	return decode(bytes)
}

func encoded(value cty.Value, ty cty.Type) (string, error) {
	plain, err := msgpack.Marshal(value, ty)
	if err != nil {
		return "", fmt.Errorf("to msgpack: %w", err)
	}
	refined, err := cty.Transform(value, refine)
	if err != nil {
		return "", fmt.Errorf("refining: %w", err)
	}
	extended, err := msgpack.Marshal(refined, ty)
	if err != nil {
		return "", fmt.Errorf("refined to msgpack: %w", err)
	}
	parts := []string{base64.StdEncoding.EncodeToString(plain), base64.StdEncoding.EncodeToString(extended), "-"}
	if value.IsWhollyKnown() {
		json, err := ctyjson.Marshal(value, ty)
		if err != nil {
			return "", fmt.Errorf("to json: %w", err)
		}
		parts[2] = base64.StdEncoding.EncodeToString(json)
	}
	return strings.Join(parts, "\t"), nil
}

// All that could be known of an unknown value without knowing it. What is refined to a single value is known then, so
// the bounds leave room.
func refine(_ cty.Path, value cty.Value) (cty.Value, error) {
	if value.IsKnown() || value.Type() == cty.DynamicPseudoType {
		return value, nil
	}
	refinement := value.Refine().NotNull()
	switch ty := value.Type(); {
	case ty == cty.String:
		refinement = refinement.StringPrefix("arn:aws:")
	case ty == cty.Number:
		refinement = refinement.NumberRangeInclusive(cty.NumberIntVal(1), cty.NumberIntVal(1<<40))
	case ty.IsListType() || ty.IsSetType() || ty.IsMapType():
		refinement = refinement.CollectionLengthLowerBound(1).CollectionLengthUpperBound(300)
	}
	refined := refinement.NewValue()
	if refined.IsKnown() {
		return cty.NilVal, errors.New("a refinement made a value known")
	}
	return refined, nil
}
