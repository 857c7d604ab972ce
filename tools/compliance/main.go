// Command compliance compiles OPA's own compliance suite, out of the OPA module that tools/go.mod pins, to WebAssembly
// and plans, and writes both with data, input and expectations to a folder that the tests read.
//
//	go run -C tools ./compliance <folder>
//
// The folder is written as a whole or not at all; one that is there already is left alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/test/cases"
	"github.com/open-policy-agent/opa/v1/types"
)

const opaModule = "github.com/open-policy-agent/opa"

// Case is one line of index.ndjson. Input and data are texts in OPA's value format: JSON, but for sets and keys.
type Case struct {
	File                string            `json:"file"`
	Note                string            `json:"note"`
	Query               string            `json:"query"`
	Modules             []string          `json:"modules"`
	Data                *string           `json:"data,omitempty"`
	Input               *string           `json:"input,omitempty"`
	Env                 map[string]string `json:"env,omitempty"`
	StrictError         bool              `json:"strictError,omitempty"`
	SortBindings        bool              `json:"sortBindings,omitempty"`
	IgnoreGeneratedVars bool              `json:"ignoreGeneratedVars,omitempty"`
	WantResult          *string           `json:"wantResult,omitempty"`
	WantDefined         *bool             `json:"wantDefined,omitempty"`
	WantErrorCode       *string           `json:"wantErrorCode,omitempty"`
	WantError           *string           `json:"wantError,omitempty"`
	CompileError        string            `json:"compileError,omitempty"`
	Wasm                [2]int            `json:"wasm"`
	Plan                [2]int            `json:"plan"`

	wasm, plan []byte // compressed
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: compliance <folder>")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "compliance:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	suite, err := suiteFolder()
	if err != nil {
		return err
	}
	loaded, err := cases.Load(suite)
	if err != nil {
		return err
	}
	registerTestSleep()
	rego.RegisterPlugin("plan", planTarget{})
	return write(folder, compileAll(suite, loaded.Sorted().Cases))
}

// registerTestSleep declares the one built-in that only the suite has.
func registerTestSleep() {
	sleep := &rego.Function{Name: "test.sleep", Decl: types.NewFunction(types.Args(types.S), types.NewNull())}
	rego.RegisterBuiltin1(sleep, func(rego.BuiltinContext, *ast.Term) (*ast.Term, error) { return ast.NullTerm(), nil })
}

func suiteFolder() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", opaModule).Output()
	if err != nil {
		return "", fmt.Errorf("find the module %s: %w", opaModule, err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "v1", "test", "cases", "testdata", "v1"), nil
}

func compileAll(suite string, loaded []cases.TestCase) []*Case {
	compiled := make([]*Case, len(loaded))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				compiled[i] = compileCase(suite, loaded[i])
			}
		})
	}
	for i := range loaded {
		next <- i
	}
	close(next)
	workers.Wait()
	return compiled
}

func compileCase(suite string, tc cases.TestCase) *Case {
	file, _ := filepath.Rel(suite, tc.Filename)
	c := &Case{
		File: filepath.ToSlash(file), Note: tc.Note, Query: tc.Query, Modules: tc.Modules, Env: tc.Env,
		StrictError: tc.StrictError, SortBindings: tc.SortBindings, IgnoreGeneratedVars: tc.IgnoreGeneratedVars,
		WantDefined: tc.WantDefined, WantErrorCode: tc.WantErrorCode, WantError: tc.WantError,
	}
	if err := fill(c, tc); err != nil {
		c.CompileError = err.Error()
	}
	return c
}

func fill(c *Case, tc cases.TestCase) (err error) {
	if tc.Data != nil {
		if c.Data, err = valueText(*tc.Data); err != nil {
			return err
		}
	}
	if tc.InputTerm != nil {
		term, err := ast.ParseTerm(*tc.InputTerm)
		if err != nil {
			return err
		}
		text, err := printValue(term.Value)
		if err != nil {
			return err
		}
		c.Input = &text
	} else if tc.Input != nil {
		if c.Input, err = valueText(*tc.Input); err != nil {
			return err
		}
	}
	if tc.WantResult != nil {
		if c.WantResult, err = valueText(*tc.WantResult); err != nil {
			return err
		}
	}
	ctx := context.Background()
	result, err := rego.New(options(tc)...).Compile(ctx)
	if err != nil {
		return err
	}
	plan, err := planOf(ctx, options(tc))
	if err != nil {
		return err
	}
	if c.wasm, err = compressed(result.Bytes); err != nil {
		return err
	}
	c.plan, err = compressed(plan)
	return err
}

func options(tc cases.TestCase) []func(*rego.Rego) {
	opts := []func(*rego.Rego){
		rego.Query(tc.Query),
		rego.SetRegoVersion(ast.RegoV1),
		rego.Capabilities(ast.CapabilitiesForThisVersion(ast.CapabilitiesExperimentalKeywords(tc.ExperimentalKeywords))),
	}
	for i, module := range tc.Modules {
		opts = append(opts, rego.Module(fmt.Sprintf("module-%d.rego", i), module))
	}
	return opts
}

// planTarget is how the public API hands out a plan: the preparation of an evaluation by a target of one's own.
type planTarget struct{}

type plannedEval struct{ policy *ir.Policy }

func (planTarget) IsTarget(target string) bool { return target == "portcullis-plan" }

func (planTarget) PrepareForEval(_ context.Context, policy *ir.Policy, _ ...rego.PrepareOption) (rego.TargetPluginEval, error) {
	return nil, planned{policy}
}

func (plannedEval) Eval(context.Context, *rego.EvalContext, ast.Value) (ast.Value, error) {
	return nil, errors.New("a plan is only written, never evaluated here")
}

// planned carries the plan out, as the error that ends the preparation.
type planned struct{ policy *ir.Policy }

func (planned) Error() string { return "planned" }

func planOf(ctx context.Context, opts []func(*rego.Rego)) ([]byte, error) {
	_, err := rego.New(append(opts, rego.Target("portcullis-plan"))...).PrepareForEval(ctx)
	var out planned
	if !errors.As(err, &out) {
		return nil, fmt.Errorf("no plan: %w", err)
	}
	return json.Marshal(out.policy)
}
