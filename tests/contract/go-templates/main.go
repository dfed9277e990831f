// Renders templates with Go's own text/template and Sprig, the way Helm does: reads rows {"template", "data"} as JSON
// lines and answers each with {"value"} or {"error"}. Whole numbers are integers, as everywhere in Kubernetes.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

type row struct {
	Template string          `json:"template"`
	Data     json.RawMessage `json:"data"`
}

type answer struct {
	Value *string `json:"value,omitempty"`
	Error string  `json:"error,omitempty"`
}

// functions are Sprig's and the few that Helm adds.
func functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	all["toYaml"] = func(value any) (string, error) {
		out, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(out), "\n"), err
	}
	all["fromYaml"] = func(text string) (any, error) {
		out, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			return nil, err
		}
		return decode(out)
	}
	all["required"] = func(message string, value any) (any, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	return all
}

// decode reads JSON as Kubernetes does: int64 where a number is whole, float64 where it is not.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return native(value)
}

func native(value any) (any, error) {
	switch typed := value.(type) {
	case json.Number:
		if whole, err := typed.Int64(); err == nil {
			return whole, nil
		}
		return typed.Float64()
	case []any:
		for i := range typed {
			item, err := native(typed[i])
			if err != nil {
				return nil, err
			}
			typed[i] = item
		}
	case map[string]any:
		for key := range typed {
			item, err := native(typed[key])
			if err != nil {
				return nil, err
			}
			typed[key] = item
		}
	}
	return value, nil
}

func render(one row, all template.FuncMap) (text string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	data, err := decode(one.Data)
	if err != nil {
		return "", err
	}
	parsed, err := template.New("t").Option("missingkey=zero").Funcs(all).Parse(one.Template)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := parsed.Execute(&out, data); err != nil {
		return "", err
	}
	return strings.ReplaceAll(out.String(), "<no value>", ""), nil
}

func main() {
	all := functions()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var one row
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		text, err := render(one, all)
		if err != nil {
			encoder.Encode(answer{Error: err.Error()})
		} else {
			encoder.Encode(answer{Value: &text})
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
