package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

func valueText(v any) (*string, error) {
	value, err := ast.InterfaceToValue(v)
	if err != nil {
		return nil, err
	}
	text, err := printValue(value)
	return &text, err
}

// printValue writes what opa_value_parse reads; String() of the ast package quotes strings as Go does, which it doesn't.
func printValue(v ast.Value) (string, error) {
	switch v := v.(type) {
	case ast.Null, ast.Boolean, ast.Number:
		return v.String(), nil
	case ast.String:
		return quote(string(v))
	case *ast.Array:
		parts, err := printAll(v.Foreach)
		return "[" + strings.Join(parts, ",") + "]", err
	case ast.Set:
		parts, err := printAll(v.Foreach)
		if len(parts) == 0 {
			return "set()", err
		}
		return "{" + strings.Join(parts, ",") + "}", err
	case ast.Object:
		var parts []string
		err := v.Iter(func(key, item *ast.Term) error {
			left, err := printValue(key.Value)
			if err != nil {
				return err
			}
			right, err := printValue(item.Value)
			parts = append(parts, left+":"+right)
			return err
		})
		return "{" + strings.Join(parts, ",") + "}", err
	}
	return "", fmt.Errorf("no value: %T", v)
}

func printAll(each func(func(*ast.Term))) (parts []string, err error) {
	each(func(t *ast.Term) {
		text, e := printValue(t.Value)
		err = errors.Join(err, e)
		parts = append(parts, text)
	})
	return parts, err
}

func quote(s string) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(s)
	return strings.TrimSuffix(out.String(), "\n"), err
}
