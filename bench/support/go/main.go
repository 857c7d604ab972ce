// Command interpreter measures OPA's own interpreter, as Go programs embed it: the query is prepared and the inputs are
// parsed before. It reads a job from standard input, and writes the fastest and the median round in microseconds a decision.
//
//	go run -C tools ../bench/support/go/main.go < job.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

type job struct {
	Modules   map[string]string `json:"modules"`
	Data      map[string]any    `json:"data"`
	Query     string            `json:"query"`
	Inputs    []any             `json:"inputs"`
	Rounds    int               `json:"rounds"`
	Decisions int               `json:"decisions"`
}

type figures struct {
	Min     float64 `json:"min"`
	P50     float64 `json:"p50"`
	Allowed []bool  `json:"allowed"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "interpreter:", err)
		os.Exit(1)
	}
}

func run() error {
	var given job
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}
	options := []func(*rego.Rego){rego.Query(given.Query), rego.Store(inmem.NewFromObject(given.Data))}
	for name, text := range given.Modules {
		options = append(options, rego.Module(name, text))
	}
	ctx := context.Background()
	query, err := rego.New(options...).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	var out figures
	inputs := make([]ast.Value, len(given.Inputs))
	for i, input := range given.Inputs {
		if inputs[i], err = ast.InterfaceToValue(input); err != nil {
			return err
		}
		results, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
		if err != nil {
			return err
		}
		answer, _ := results[0].Expressions[0].Value.(map[string]any)
		allow, ok := answer["allow"].(bool)
		if !ok {
			return fmt.Errorf("input %d: no decision", i)
		}
		out.Allowed = append(out.Allowed, allow)
	}
	rounds := make([]float64, given.Rounds)
	for round := range rounds {
		start := time.Now()
		for i := range given.Decisions {
			if _, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i%len(inputs)])); err != nil {
				return err
			}
		}
		rounds[round] = float64(time.Since(start).Nanoseconds()) / 1000 / float64(given.Decisions)
	}
	slices.Sort(rounds)
	out.Min, out.P50 = rounds[0], rounds[len(rounds)/2]
	return json.NewEncoder(os.Stdout).Encode(out)
}
